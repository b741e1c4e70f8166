import Foundation
import ReviewEngine

/// A JSON value without parts.
enum JsonScalar: Decodable, CustomStringConvertible {
  case boolean(Bool)
  case number(Decimal)
  case text(String)
  case null
  case other

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let boolean = try? container.decode(Bool.self) {
      self = .boolean(boolean)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let number = try? container.decode(Decimal.self) {
      self = .number(number)
    } else {
      self = .other
    }
  }

  var description: String {
    switch self {
    case .boolean(let boolean): "\(boolean)"
    case .number(let number): "\(number)"
    case .text(let text): text
    case .null: "null"
    case .other: "a list, an object or too large a number"
    }
  }

  var natural: AttributeValue? {
    switch self {
    case .boolean(let boolean): .boolean(boolean)
    case .number(let number): DecimalValue("\(number)").map { .number($0) }
    case .text(let text): .text(text)
    case .null, .other: nil
    }
  }

  /// The value of a declared type; a text that reads as one is taken, because command lines and many tools send nothing
  /// else.
  func value(as type: EventType.AttributeType) -> AttributeValue? {
    switch (type, self) {
    case (.text, .text(let text)): .text(text)
    case (.text, .number(let number)): .text("\(number)")
    case (.boolean, .boolean(let boolean)): .boolean(boolean)
    case (.boolean, .text("true")): .boolean(true)
    case (.boolean, .text("false")): .boolean(false)
    case (.time, .text(let text)): Instant(text).flatMap { IntakeLimits.times.contains($0) ? .time($0) : nil }
    case (.number, .number), (.number, .text): DecimalValue(description).map { .number($0) }
    case (.integer, .number), (.integer, .text): DecimalValue(description).flatMap { $0.scale == 0 ? .number($0) : nil }
    default: nil
    }
  }
}

/// The scalars of a JSON object, by name; of one with too many nothing but that is kept.
struct JsonScalars: Decodable {
  let scalars: [String: JsonScalar]
  let areTooMany: Bool

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let keys = container.allKeys
    areTooMany = keys.count > IntakeLimits.attributeCount
    scalars =
      try areTooMany
      ? [:] : keys.reduce(into: [:]) { $0[$1.stringValue] = try container.decode(JsonScalar.self, forKey: $1) }
  }
}

import GRDB
import ReviewEngine

/// An attribute as it is stored: JSON would not tell a time from a text.
struct StoredAttribute: Codable {
  var number: String?
  var text: String?
  var boolean: Bool?
  var time: Int64?

  init(_ value: AttributeValue) {
    switch value {
    case .number(let decimal): number = decimal.description
    case .text(let string): text = string
    case .boolean(let flag): boolean = flag
    case .time(let instant): time = instant.milliseconds
    }
  }

  var value: AttributeValue? {
    get throws {
      if let number { return DecimalValue(number).map { .number($0) } }
      if let boolean { return .boolean(boolean) }
      if let time { return .time(try Instant(stored: time)) }
      return text.map { .text($0) }
    }
  }
}

extension Event {
  static func attributes(_ json: String) throws -> [String: AttributeValue] {
    try Json.value(json, [String: StoredAttribute].self).compactMapValues { try $0.value }
  }

  var attributesJson: String {
    get throws { try Json.text(attributes.mapValues(StoredAttribute.init)) }
  }

  /// From columns `source, identity, type, service, time, attributes`.
  init(_ row: Row) throws {
    self.init(
      identity: EventIdentity(source: row[0], id: row[1]), type: row[2], service: row[3],
      time: try Instant(stored: row[4]),
      attributes: try Event.attributes(row[5]))
  }
}

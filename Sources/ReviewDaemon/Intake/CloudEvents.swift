import Foundation
import ReviewAPI
import ReviewEngine
import ReviewFiles

/// Reads CloudEvents 1.0 in JSON: one, a batch, or a line each. `subject` is the service, `type` the event type, `data` the attributes.
package struct CloudEvents {
  let ruleSet: RuleSet
  let settings: Settings
  let now: Instant
  package private(set) var events: [NumberedEvent] = []
  package private(set) var answer = EventsAnswer()

  private struct Envelope: Decodable {
    let specversion: String
    let id: String
    let source: String
    let type: String
    let subject: String
    let time: String?
    let data: [String: JsonScalar]?
  }

  static let largestCount = 2000

  package init(ruleSet: RuleSet, settings: Settings, now: Instant) {
    self.ruleSet = ruleSet
    self.settings = settings
    self.now = now
  }

  package mutating func read(_ data: Data, firstLine: Int) throws(Problem) {
    let decoder = JSONDecoder()
    switch data.first(where: { $0 > 0x20 }) {
    case UInt8(ascii: "["): try readBatch(data, firstLine, decoder)
    case UInt8(ascii: "{"):
      if let one = try? decoder.decode(Envelope.self, from: data) { add(one, line: firstLine) } else { readLines(data, firstLine, decoder) }
    default: throw Problem(.badRequest, "the body holds no CloudEvents: write one JSON object, a list of them, or one a line")
    }
    guard events.count <= Self.largestCount else {
      throw Problem(.tooLarge, "more than \(Self.largestCount) events in one request: send them in parts")
    }
  }

  private mutating func readBatch(_ data: Data, _ firstLine: Int, _ decoder: JSONDecoder) throws(Problem) {
    let elements: [Lenient<Envelope>]
    do { elements = try decoder.decode([Lenient<Envelope>].self, from: data) } catch {
      throw Problem(.badRequest, "the body is not a JSON list of CloudEvents")
    }
    for (index, element) in elements.enumerated() { add(element.result, line: firstLine + index) }
  }

  private mutating func readLines(_ data: Data, _ firstLine: Int, _ decoder: JSONDecoder) {
    for (index, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { $0 > 0x20 }) else { continue }
      add(Result { try decoder.decode(Envelope.self, from: Data(line)) }, line: firstLine + index)
    }
  }

  private mutating func add(_ result: Result<Envelope, any Error>, line: Int) {
    switch result {
    case .success(let envelope): add(envelope, line: line)
    case .failure(let error): refuse(line, jsonReason(error))
    }
  }

  private mutating func add(_ envelope: Envelope, line: Int) {
    do { events.append(NumberedEvent(line: line, event: try event(envelope))) } catch { refuse(line, error.reason) }
  }

  private mutating func refuse(_ line: Int, _ reason: String) {
    answer.refused += 1
    if answer.refusals.count < SamplesAnswer.listedRefusals { answer.refusals.append(Refusal(line: line, reason: reason)) }
  }

  private struct EventError: Error {
    let reason: String
  }

  private func event(_ envelope: Envelope) throws(EventError) -> Event {
    guard envelope.specversion == "1.0" else { throw EventError(reason: "specversion is '\(envelope.specversion)', not '1.0'") }
    guard !envelope.id.isEmpty, !envelope.source.isEmpty else { throw EventError(reason: "'id' and 'source' must not be empty") }
    guard let type = ruleSet.eventType(envelope.type) else {
      throw EventError(reason: "undeclared event type '\(envelope.type)'" + meant(envelope.type, among: ruleSet.eventTypes.map(\.id)))
    }
    guard ruleSet.service(envelope.subject) != nil || settings.unknownServices == .keep else {
      throw EventError(
        reason: "the catalogue has no service '\(envelope.subject)'" + meant(envelope.subject, among: ruleSet.services.map(\.id)))
    }
    guard let time = envelope.time.map({ Instant($0) }) ?? now else {
      throw EventError(reason: "'\(envelope.time ?? "")' is not a time such as 2026-03-01T10:00:00Z")
    }
    return Event(
      identity: EventIdentity(source: envelope.source, id: envelope.id), type: type.id, service: envelope.subject, time: time,
      attributes: try attributes(envelope.data ?? [:], type))
  }

  private func attributes(_ data: [String: JsonScalar], _ type: EventType) throws(EventError) -> [String: AttributeValue] {
    var attributes: [String: AttributeValue] = [:]
    for (name, scalar) in data.sorted(by: { $0.key < $1.key }) {
      // What nobody declared is kept as it comes: rules cannot ask for it, people may want to read it.
      guard let declared = type.attributes[name] else {
        attributes[name] = scalar.natural
        continue
      }
      if case .null = scalar { continue }
      guard let value = scalar.value(as: declared) else {
        throw EventError(reason: "the attribute '\(name)' must be \(declared.rawValue), not '\(scalar)'")
      }
      attributes[name] = value
    }
    return attributes
  }
}

/// An element of a batch that may be wrong without spoiling the others.
private struct Lenient<Value: Decodable>: Decodable {
  let result: Result<Value, any Error>

  init(from decoder: any Decoder) { result = Result { try Value(from: decoder) } }
}

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
    case .other: "a list or object"
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

  /// The value of a declared type; a text that reads as one is taken, because command lines and many tools send nothing else.
  func value(as type: EventType.AttributeType) -> AttributeValue? {
    switch (type, self) {
    case (.text, .text(let text)): .text(text)
    case (.text, .number(let number)): .text("\(number)")
    case (.boolean, .boolean(let boolean)): .boolean(boolean)
    case (.boolean, .text("true")): .boolean(true)
    case (.boolean, .text("false")): .boolean(false)
    case (.time, .text(let text)): Instant(text).map { .time($0) }
    case (.number, .number), (.number, .text): DecimalValue(description).map { .number($0) }
    case (.integer, .number), (.integer, .text): DecimalValue(description).flatMap { $0.scale == 0 ? .number($0) : nil }
    default: nil
    }
  }
}

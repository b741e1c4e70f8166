import Foundation
import ReviewAPI
import ReviewEngine
import ReviewFiles

/// Makes an event of one JSON object, or says why it is none.
struct EventReader {
  let ruleSet: RuleSet
  let settings: Settings
  let now: Instant
  private let decoder = JSONDecoder()
  private var eventTypes = Suggestions()
  private var services = Suggestions()

  private struct Envelope: Decodable {
    let specversion: String
    let id: String
    let source: String
    let type: String
    let subject: String
    let time: String?
    let data: JsonScalars?
  }

  init(ruleSet: RuleSet, settings: Settings, now: Instant) {
    self.ruleSet = ruleSet
    self.settings = settings
    self.now = now
  }

  mutating func event(_ bytes: UnsafeRawBufferPointer) throws(LineError) -> Event {
    guard bytes.count <= IntakeLimits.lineKibibytes << 10 else {
      throw LineError(reason: "the event is longer than \(IntakeLimits.lineKibibytes) KiB")
    }
    if isTooDeep(bytes, limit: IntakeLimits.jsonDepth) { throw .tooDeep }
    let envelope: Envelope
    do { envelope = try decoder.decode(Envelope.self, from: Data(bytes)) } catch {
      throw LineError(reason: jsonReason(error))
    }
    return try event(envelope)
  }

  private mutating func event(_ envelope: Envelope) throws(LineError) -> Event {
    guard envelope.specversion == "1.0" else {
      throw LineError(reason: "specversion is '\(envelope.specversion.quoted)', not '1.0'")
    }
    guard !envelope.id.isEmpty, !envelope.source.isEmpty else {
      throw LineError(reason: "'id' and 'source' must not be empty")
    }
    let identity = EventIdentity(source: try envelope.source.name("'source'"), id: try envelope.id.name("'id'"))
    let type = try eventType(try envelope.type.name("'type'"))
    let service = try service(try envelope.subject.name("'subject'"))
    let time = try envelope.time.map { text throws(LineError) in try lineTime(try text.name("'time'")) }
    return Event(
      identity: identity, type: type.id, service: service, time: time ?? now,
      attributes: try attributes(envelope.data, type))
  }

  private mutating func eventType(_ id: String) throws(LineError) -> EventType {
    if let type = ruleSet.eventType(id) { return type }
    let meant = eventTypes.meant(id) { [ruleSet] in ruleSet.eventTypes.map(\.id) }
    throw LineError(code: .notFound, reason: "undeclared event type '\(id.quoted)'\(meant)")
  }

  private mutating func service(_ id: String) throws(LineError) -> String {
    if ruleSet.service(id) != nil || settings.unknownServices == .keep && !id.isEmpty { return id }
    let meant = services.meant(id) { [ruleSet] in ruleSet.services.map(\.id) }
    throw LineError(code: .notFound, reason: "the catalogue has no service '\(id.quoted)'\(meant)")
  }

  private func attributes(_ data: JsonScalars?, _ type: EventType) throws(LineError) -> [String: AttributeValue] {
    guard let data else { return [:] }
    if data.areTooMany { throw LineError(reason: "more than \(IntakeLimits.attributeCount) attributes") }
    var attributes: [String: AttributeValue] = [:]
    var byteCount = 0
    for (name, scalar) in data.scalars.sorted(by: { $0.key < $1.key }) {
      try checkSize(name, scalar, &byteCount)
      // What nobody declared is kept as it comes: rules cannot ask for it, people may want to read it.
      guard let declared = type.attributes[name] else {
        attributes[name] = scalar.natural
        continue
      }
      if case .null = scalar { continue }
      guard let value = scalar.value(as: declared) else {
        throw LineError(
          reason: "the attribute '\(name)' must be \(declared.rawValue), not '\(scalar.description.quoted)'")
      }
      attributes[name] = value
    }
    return attributes
  }

  private func checkSize(_ name: String, _ scalar: JsonScalar, _ sum: inout Int) throws(LineError) {
    guard name.utf8.count <= IntakeLimits.attributeNameBytes else {
      throw LineError(
        reason: "the name of an attribute is longer than \(IntakeLimits.attributeNameBytes) bytes: '\(name.quoted)'")
    }
    let count = scalar.description.utf8.count
    guard count <= IntakeLimits.attributeValueKibibytes << 10 else {
      throw LineError(
        reason: "the attribute '\(name.quoted)' is longer than \(IntakeLimits.attributeValueKibibytes) KiB")
    }
    sum += name.utf8.count + count
    guard sum <= IntakeLimits.attributesKibibytes << 10 else {
      throw LineError(reason: "the attributes are longer than \(IntakeLimits.attributesKibibytes) KiB together")
    }
  }
}

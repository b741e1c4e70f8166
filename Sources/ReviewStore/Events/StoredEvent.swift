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

/// A whole event as JSON.
struct StoredEvent: Codable {
  let source: String, id: String, type: String, service: String
  let time: Int64
  let attributes: [String: StoredAttribute]

  init(_ event: Event) {
    source = event.identity.source
    id = event.identity.id
    type = event.type
    service = event.service
    time = event.time.milliseconds
    attributes = event.attributes.mapValues(StoredAttribute.init)
  }

  var event: Event {
    get throws {
      Event(
        identity: EventIdentity(source: source, id: id), type: type, service: service, time: try Instant(stored: time),
        attributes: try attributes.compactMapValues { try $0.value })
    }
  }
}

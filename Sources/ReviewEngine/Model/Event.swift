/// A kind of event and the attributes that it may carry, declared once in a rule file.
package struct EventType: Hashable, Sendable {
  /// What an attribute of an event may be.
  package enum AttributeType: String, CaseIterable, Sendable { case integer, number, time, text, boolean }

  package let id: String
  package let title: String
  package let attributes: [String: AttributeType]

  package init(id: String, title: String, attributes: [String: AttributeType] = [:]) {
    self.id = id
    self.title = title
    self.attributes = attributes
  }
}

/// The value of an event's attribute.
package enum AttributeValue: Hashable, Sendable {
  case number(DecimalValue)
  case text(String)
  case boolean(Bool)
  case time(Instant)
}

extension AttributeValue: CustomStringConvertible {
  package var description: String {
    switch self {
    case .number(let number): number.description
    case .text(let text): text
    case .boolean(let boolean): boolean ? "true" : "false"
    case .time(let instant): instant.description
    }
  }
}

/// What makes an event the same event: who told of it, and under which id.
package struct EventIdentity: Hashable, Comparable, Sendable {
  package let source: String
  package let id: String

  package init(source: String, id: String) {
    self.source = source
    self.id = id
  }

  package static func < (left: EventIdentity, right: EventIdentity) -> Bool {
    (left.source, left.id) < (right.source, right.id)
  }
}

/// Something that happened to a service at an instant.
package struct Event: Hashable, Sendable {
  package let identity: EventIdentity
  package let type: String
  package let service: String
  package let time: Instant
  package let attributes: [String: AttributeValue]

  package init(
    identity: EventIdentity, type: String, service: String, time: Instant, attributes: [String: AttributeValue] = [:]
  ) {
    self.identity = identity
    self.type = type
    self.service = service
    self.time = time
    self.attributes = attributes
  }
}

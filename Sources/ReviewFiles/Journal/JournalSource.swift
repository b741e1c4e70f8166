import ReviewEngine

/// Entries of the journal that are events of a service, as the settings declare them.
package struct JournalSource: Hashable, Sendable {
  /// What one field of an entry must be; of several values of an entry one is enough.
  package struct FieldMatch: Hashable, Sendable {
    package let name: String
    /// Any of them. Where `arePatterns`, with `*` for any text.
    package let values: [String]
    package let arePatterns: Bool
  }

  /// Where the value of an attribute comes from.
  package enum Attribute: Hashable, Sendable {
    case value(AttributeValue)
    /// A field of the entry, read as the declared type; without the field, or where it does not read as that, there is
    /// no attribute.
    case field(String, EventType.AttributeType)
  }

  /// All must match.
  package let matches: [FieldMatch]
  package let eventType: String
  package let service: String
  package let attributes: [String: Attribute]

  /// The fields of an entry that it looks at.
  package var fieldNames: Set<String> {
    let read = attributes.values.compactMap { if case .field(let name, _) = $0 { name } else { nil } }
    return Set(matches.map(\.name) + read + Self.ownFields)
  }

  /// What it is known by: sources that mean the same have the same.
  package var fingerprint: String {
    let matches = matches.map { "\($0.name)=\($0.values.joined(separator: "|"))\($0.arePatterns)" }.joined(
      separator: "&")
    let attributes = attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
    return Digest.hexadecimal(of: "\(matches)\n\(eventType)\n\(service)\n\(attributes)")
  }
}

/// One entry of the journal.
package struct JournalRecord: Hashable, Sendable {
  /// Its place in the journal, and its identity.
  package let cursor: String
  package let time: Instant
  /// A name as often as it has values.
  package let fields: [String: [String]]

  package init(cursor: String, time: Instant, fields: [String: [String]]) {
    self.cursor = cursor
    self.time = time
    self.fields = fields
  }
}

extension JournalSource {
  /// What entries of reviewd have, those of versions before the log of facts too.
  private static let ownFields = ["REVIEWD_FACT", "REVIEWD_ANNOUNCEMENT"]
  private static let longestText = 500
  /// A character may be made of any number of accents.
  private static let longestTextBytes = 4000

  /// The events that an entry is: for each service and type one, that of the first source that matches.
  package static func events(of record: JournalRecord, by sources: [JournalSource]) -> [Event] {
    // What reviewd announces must not come back as an event that it announces.
    guard ownFields.allSatisfy({ record.fields[$0] == nil }) else { return [] }
    var events: [Event] = []
    for source in sources where source.matches(record) {
      let event = source.event(of: record)
      if !events.contains(where: { $0.identity == event.identity }) { events.append(event) }
    }
    return events
  }

  func matches(_ record: JournalRecord) -> Bool {
    matches.allSatisfy { match in
      record.fields[match.name, default: []].contains { value in
        match.values.contains { match.arePatterns ? Self.isLike(value[...], $0[...]) : $0 == value }
      }
    }
  }

  private func event(of record: JournalRecord) -> Event {
    Event(
      identity: EventIdentity(source: "journal/\(service)/\(eventType)", id: record.cursor), type: eventType,
      service: service,
      time: record.time, attributes: attributes.compactMapValues { Self.value($0, record) })
  }

  private static func value(_ attribute: Attribute, _ record: JournalRecord) -> AttributeValue? {
    switch attribute {
    case .value(let value): return value
    case .field(let name, let type):
      guard let text = record.fields[name]?.first else { return nil }
      switch type {
      case .text: return .text(cut(text))
      case .number: return DecimalValue(text).map { .number($0) }
      case .integer: return DecimalValue(text).flatMap { $0.scale == 0 ? .number($0) : nil }
      case .boolean:
        return ["true": true, "yes": true, "1": true, "false": false, "no": false, "0": false][text].map {
          .boolean($0)
        }
      case .time: return Instant(text).map { .time($0) }
      }
    }
  }

  private static func cut(_ text: String) -> String {
    var cut = ""
    var byteCount = 0
    for (index, character) in text.enumerated() {
      byteCount += character.utf8.count
      if index == longestText || byteCount > longestTextBytes { return cut + "…" }
      cut.append(character)
    }
    return text
  }

  /// Whether a text is like a pattern with `*` for any text.
  static func isLike(_ text: Substring, _ pattern: Substring) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard let first = parts.first, let last = parts.last, parts.count > 1 else { return text == pattern }
    guard text.hasPrefix(first) else { return false }
    var rest = text.dropFirst(first.count)
    for part in parts.dropFirst().dropLast() {
      guard let found = rest.firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return rest.hasSuffix(last)
  }
}

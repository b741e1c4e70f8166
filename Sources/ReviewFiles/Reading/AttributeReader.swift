import ReviewEngine

/// Reads `where`: what an event's attributes must be.
struct AttributeReader {
  let document: YamlDocument

  func matches(_ node: Node?, _ type: EventType?) -> [AttributeMatch] {
    guard let type else { return [] }
    return (document.mapping(node, "'where'") ?? []).compactMap { name, keyNode, value in
      guard let attributeType = type.attributes[name] else {
        let near = document.suggestions.meant(name, among: type.attributes.keys.sorted())
        document.report(at: keyNode, "the event type '\(type.id)' has no attribute '\(name)'\(near)")
        return nil
      }
      return test(value, name, attributeType).map { AttributeMatch(attribute: name, test: $0) }
    }
  }

  private func test(_ node: Node, _ name: String, _ type: EventType.AttributeType) -> AttributeMatch.Test? {
    if case .mapping = node { return comparison(node, name, type) }
    let nodes = document.oneOrMore(node) ?? []
    let values = nodes.compactMap { value($0, name, type) }
    return values.count == nodes.count ? .oneOf(values) : nil
  }

  private func comparison(_ node: Node, _ name: String, _ type: EventType.AttributeType) -> AttributeMatch.Test? {
    guard let fields = Fields(node, document, "a comparison") else { return nil }
    let words = Comparison.Operator.allCases
    let given = words.compactMap { word in fields.optional(word.rawValue).map { (word, $0) } }
    fields.finish()
    guard given.count == 1 else {
      document.report(at: node, "give one comparison of '\(name)': \(words.map(\.rawValue).joined(separator: ", "))")
      return nil
    }
    guard type == .integer || type == .number else {
      document.report(at: node, "'\(name)' is \(type.article) and cannot be compared: give a value or a list")
      return nil
    }
    return document.decimal(given[0].1, "'\(given[0].0.rawValue)'").map { .compare(given[0].0, $0) }
  }

  func value(_ node: Node, _ name: String, _ type: EventType.AttributeType) -> AttributeValue? {
    switch type {
    case .boolean: return document.boolean(node, "'\(name)'").map { .boolean($0) }
    case .text: return document.text(node, "'\(name)'").map { .text($0) }
    case .number: return document.decimal(node, "'\(name)'").map { .number($0) }
    case .integer:
      guard let number = document.decimal(node, "'\(name)'") else { return nil }
      if number.scale == 0 { return .number(number) }
      document.report(at: node, "'\(name)' must be a whole number, not '\(number)'")
      return nil
    case .time:
      guard let text = document.text(node, "'\(name)'") else { return nil }
      if let instant = Instant(text) { return .time(instant) }
      document.report(at: node, "'\(name)' must be a time such as 2026-03-01T10:00:00Z, not '\(text)'")
      return nil
    }
  }
}

extension EventType.AttributeType {
  var article: String {
    switch self {
    case .integer: "an integer"
    case .number: "a number"
    case .time: "a time"
    case .text: "a text"
    case .boolean: "a boolean"
    }
  }
}

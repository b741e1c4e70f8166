import ReviewEngine

/// Reads `journal` in the settings: which entries of the journal are events of which service.
struct JournalSourceReader {
  let document: YamlDocument
  /// What they refer to; without it only what needs no catalogue is checked.
  let ruleSet: RuleSet?

  static let largestCount = 200
  /// "The unit UNIT has entered the 'failed' state", SD_MESSAGE_UNIT_FAILURE_RESULT of sd-messages.h.
  static let unitFailed = "d9b373ed55a64feb8242e02dbe79a49c"

  func sources(_ node: Node?) -> [JournalSource] {
    guard let nodes = document.list(node, "'journal'") else { return [] }
    if nodes.count > Self.largestCount {
      document.report(at: node, "more than \(Self.largestCount) entries in 'journal'")
    }
    return nodes.compactMap(source)
  }

  private func source(_ node: Node) -> JournalSource? {
    guard let fields = Fields(node, document, "an entry of 'journal'") else { return nil }
    let errorCount = document.errorCount
    let matches = matches(fields)
    let type = eventType(fields.required("event"))
    let service = service(fields.required("service"))
    let attributes = attributes(fields.optional("attributes"), type)
    fields.finish()
    guard document.errorCount == errorCount, let type, let service else { return nil }
    return JournalSource(matches: matches, eventType: type.id, service: service, attributes: attributes)
  }

  // MARK: What matches

  private func matches(_ fields: Fields) -> [JournalSource.FieldMatch] {
    let (unit, messageId, others) = (
      fields.optional("unit_failed"), fields.optional("message_id"), fields.optional("fields")
    )
    if unit == nil, messageId == nil, others == nil, !fields.isMisspelt(["unit_failed", "message_id", "fields"]) {
      document.report(at: fields.node, "an entry of 'journal' needs 'unit_failed', 'message_id' or 'fields'")
    }
    if unit != nil, messageId != nil {
      document.report(
        at: fields.keyNode("message_id"), "'unit_failed' has a message id of its own: leave 'message_id' out")
    }
    return unitFailed(unit) + (messageId.map { [match("MESSAGE_ID", $0, identifier)] } ?? []) + otherFields(others)
  }

  private func unitFailed(_ node: Node?) -> [JournalSource.FieldMatch] {
    guard let node else { return [] }
    // Only the service manager itself may say so: anybody can write the other fields.
    return [
      JournalSource.FieldMatch(name: "MESSAGE_ID", values: [Self.unitFailed], arePatterns: false),
      JournalSource.FieldMatch(name: "_PID", values: ["1"], arePatterns: false), match("UNIT", node, unitName),
    ]
  }

  private func match(_ name: String, _ node: Node, _ read: (Node) -> String?) -> JournalSource.FieldMatch {
    let values = (document.oneOrMore(node) ?? []).compactMap(read)
    return JournalSource.FieldMatch(name: name, values: values, arePatterns: values.contains { $0.contains("*") })
  }

  private func unitName(_ node: Node) -> String? {
    guard let name = document.text(node, "a unit") else { return nil }
    if name.contains(".") || name.hasSuffix("*") { return name }
    document.report(at: node, "'\(name)' is no name of a unit: did you mean '\(name).service'?")
    return nil
  }

  private func identifier(_ node: Node) -> String? {
    guard let text = document.text(node, "'message_id'") else { return nil }
    let id = text.replacing("-", with: "").lowercased()
    if id.count == 32, id.allSatisfy(\.isHexDigit) { return id }
    document.report(at: node, "a message id is 32 hexadecimal digits, not '\(text)'")
    return nil
  }

  private func otherFields(_ node: Node?) -> [JournalSource.FieldMatch] {
    guard let items = document.mapping(node, "'fields'") else { return [] }
    if items.isEmpty { document.report(at: node, "'fields' names no field") }
    return items.compactMap { name, keyNode, value in
      guard isFieldName(name, keyNode) else { return nil }
      return match(name, value) { document.text($0, "'\(name)'") }
    }
  }

  private func isFieldName(_ name: String, _ node: Node) -> Bool {
    if isFieldName(name) { return true }
    let near = isFieldName(name.uppercased()) ? ": did you mean '\(name.uppercased())'?" : ""
    document.report(at: node, "'\(name)' is no field of the journal: these are capital letters, digits and '_'\(near)")
    return false
  }

  /// `_{0,2}[A-Z][A-Z0-9_]{0,61}`
  private func isFieldName(_ name: String) -> Bool {
    let underscoreCount = min(2, name.utf8.prefix { $0 == UInt8(ascii: "_") }.count)
    let letters = name.utf8.dropFirst(underscoreCount)
    guard let first = letters.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first), letters.count <= 62 else {
      return false
    }
    return letters.allSatisfy {
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || $0 == UInt8(ascii: "_")
    }
  }

  // MARK: What it is

  private func eventType(_ node: Node?) -> EventType? {
    guard let id = document.identifier(node, "an event type") else { return nil }
    guard let ruleSet else { return EventType(id: id, title: id) }
    if let type = ruleSet.eventType(id) { return type }
    document.report(
      at: node, "undeclared event type '\(id)'" + document.suggestions.meant(id, among: ruleSet.eventTypes.map(\.id)))
    return nil
  }

  private func service(_ node: Node?) -> String? {
    guard let id = document.identifier(node, "a service") else { return nil }
    guard let ruleSet, ruleSet.service(id) == nil else { return id }
    document.report(
      at: node, "undeclared service '\(id)'" + document.suggestions.meant(id, among: ruleSet.services.map(\.id)))
    return nil
  }

  private func attributes(_ node: Node?, _ type: EventType?) -> [String: JournalSource.Attribute] {
    var attributes: [String: JournalSource.Attribute] = [:]
    for (name, keyNode, value) in document.mapping(node, "'attributes'") ?? [] {
      var isField = false
      if case .mapping = value { isField = true }
      let field = isField ? field(value) : nil
      guard let type, ruleSet != nil else { continue }
      guard let declared = type.attributes[name] else {
        let near = document.suggestions.meant(name, among: type.attributes.keys.sorted())
        document.report(at: keyNode, "the event type '\(type.id)' has no attribute '\(name)'\(near)")
        continue
      }
      attributes[name] =
        isField
        ? field.map { .field($0, declared) }
        : AttributeReader(document: document).value(value, name, declared).map { .value($0) }
    }
    return attributes
  }

  /// `{field: NAME}`
  private func field(_ node: Node) -> String? {
    guard let fields = Fields(node, document, "where an attribute comes from") else { return nil }
    let name = fields.required("field")
    fields.finish()
    guard let name else { return nil }
    return document.text(name, "'field'").flatMap { isFieldName($0, name) ? $0 : nil }
  }
}

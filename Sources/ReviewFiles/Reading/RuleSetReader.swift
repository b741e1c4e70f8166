import ReviewEngine

/// The outcome of reading a set of files.
package struct ReadRuleSet: Sendable {
  /// Nil where there is an error: a set with an error never replaces the set in force.
  package let ruleSet: RuleSet?
  /// All of all files, by file and place.
  package let diagnostics: [Diagnostic]

  package init(ruleSet: RuleSet?, diagnostics: [Diagnostic]) {
    self.ruleSet = ruleSet
    self.diagnostics = diagnostics
  }

  package var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
  package var warnings: [Diagnostic] { diagnostics.filter { $0.severity == .warning } }
}

/// Reads rule and catalogue files to a rule set, collecting every mistake.
package enum RuleSetReader {
  package static let largestFileCount = 1000
  package static let largestByteCount = 16 << 20
  /// Each rule is compared with each service, at every load.
  static let largestPairCount = 20_000_000

  /// Why files are too many, or too large together.
  package static func obstacle(to files: [SourceFile]) -> String? {
    if files.count > largestFileCount { return "more than \(largestFileCount) files" }
    let byteCount = files.reduce(0) { $0 + $1.text.utf8.count }
    return byteCount > largestByteCount ? "the files are larger than \(largestByteCount >> 20) MiB together" : nil
  }

  /// - Parameters:
  ///   - files: in rule order, which is by name.
  ///   - hidesLinks: whether findings in files that are links say only where they are: those who see them may not be
  ///     allowed to read what the links lead to.
  package static func read(_ files: [SourceFile], hidesLinks: Bool = false) -> ReadRuleSet {
    if let obstacle = obstacle(to: files) {
      return ReadRuleSet(
        ruleSet: nil, diagnostics: [Diagnostic(file: files[0].path, line: 0, column: 0, message: obstacle)])
    }
    let declarations = Declarations()
    var diagnostics: [Diagnostic] = []
    let files = hidesLinks ? files.map(\.hidingLink) : files
    for file in files where file.isHolidayFile && file.obstacle == nil {
      let holidays = HolidayFile(file)
      declarations.holidayFiles[file.name] = holidays.days()
      diagnostics += holidays.document.diagnostics
    }
    let documents = files.filter { !$0.isHolidayFile || $0.obstacle != nil }.map {
      (kind: $0.kind, document: YamlDocument($0, suggestions: declarations.suggestions))
    }
    let sections = documents.flatMap { readSections(of: $0.document, $0.kind) }
    readAll(sections, into: declarations)
    diagnostics += documents.flatMap { $0.document.diagnostics }
    let hasError = diagnostics.contains { $0.severity == .error }
    return ReadRuleSet(ruleSet: hasError ? nil : declarations.ruleSet, diagnostics: diagnostics)
  }

  private static func readAll(_ sections: [Section], into declarations: Declarations) {
    func each(_ name: String, _ read: (YamlDocument, Node) -> Void) {
      for section in sections where section.name == name { for item in section.items { read(section.document, item) } }
    }
    each("calendars") { CalendarReader(document: $0, declarations: declarations).calendar($1) }
    each("indicators") { IndicatorReader(document: $0, declarations: declarations).indicator($1) }
    each("event_types") { IndicatorReader(document: $0, declarations: declarations).eventType($1) }
    each("offerings") { CatalogueReader(document: $0, declarations: declarations).offering($1) }
    each("customers") { CatalogueReader(document: $0, declarations: declarations).customer($1) }
    each("services") { CatalogueReader(document: $0, declarations: declarations).service($1) }
    each("rules") { _, node in
      if let id = node.mapping?.first(where: { $0.key.scalar?.string == "id" })?.value.scalar?.string {
        declarations.ruleIds.append(id)
      }
    }
    let ruleCount = sections.filter { $0.name == "rules" }.reduce(0) { $0 + $1.items.count }
    // Both counts are bounded by the bytes of the files.
    if ruleCount * declarations.services.count > largestPairCount {
      let counts = "\(counted(ruleCount, "rule")) for \(counted(declarations.services.count, "service"))"
      let message =
        "\(counts) are too many: each is compared with each, at most \(largestPairCount / 1_000_000) million times"
      sections.first { $0.name == "rules" }?.document.report(line: 0, column: 0, message)
      return
    }
    for section in sections where section.name == "rules" {
      for (index, item) in section.items.enumerated() {
        let text = section.document.sourceText(of: item, before: section.items.dropFirst(index + 1).first)
        RuleReader(document: section.document, declarations: declarations).rule(item, text: text)
      }
    }
  }

  private struct Section {
    let name: String
    let document: YamlDocument
    let items: [Node]
  }

  private static let sectionNames: [SourceFile.Kind: [String]] = [
    .rules: ["indicators", "event_types", "rules"], .services: ["customers", "offerings", "services"],
    .calendars: ["calendars"],
  ]

  private static func readSections(of document: YamlDocument, _ kind: SourceFile.Kind) -> [Section] {
    guard let root = document.root else { return [] }
    if case .sequence = root {
      let names = (sectionNames[kind] ?? []).map { "'\($0):'" }.joined(separator: " or ")
      document.report(at: root, "a list in \(kind.rawValue) stands under a key: write \(names) above it, and set it in")
      return []
    }
    guard let fields = Fields(root, document, "a file in \(kind.rawValue)") else { return [] }
    let sections = (sectionNames[kind] ?? []).compactMap { name in
      document.list(fields.optional(name), "'\(name)'").map { Section(name: name, document: document, items: $0) }
    }
    reportMisplaced(fields, document, kind)
    fields.finish()
    return sections
  }

  // A section in the wrong folder is not unknown: say where it belongs.
  private static func reportMisplaced(_ fields: Fields, _ document: YamlDocument, _ kind: SourceFile.Kind) {
    for other in SourceFile.Kind.allCases where other != kind {
      for name in sectionNames[other] ?? [] where fields.keys.contains(name) {
        _ = fields.optional(name)
        document.report(at: fields.keyNode(name), "'\(name)' belongs in \(other.rawValue), not in \(kind.rawValue)")
      }
    }
  }
}

extension YamlDocument {
  /// The lines of an item of a list, without the indentation that they share, up to the next item or the end of the
  /// list.
  func sourceText(of item: Node, before next: Node?) -> String {
    let (first, column) = (item.mark.line, item.mark.column)
    // Of several items on one line each is what stands between its beginning and the next one's.
    if let next, next.mark.line == first { return text(from: item.mark.byte, to: next.mark.byte, isEndOfLine: false) }
    let firstLine = lines.line(first)
    var texts = [text(from: item.mark.byte, to: firstLine.endIndex, isEndOfLine: true)]
    var number = first + 1
    let end = next?.mark.line ?? lines.count + 1
    while number < end {
      let line = lines.line(number)
      let indentation = line.prefix { $0 == 0x20 }.count
      if indentation < column - 1, !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { break }
      texts.append(String(decoding: line.dropFirst(min(column - 1, indentation)), as: UTF8.self))
      number += 1
    }
    while let last = texts.last, texts.count > 1, last.allSatisfy(\.isWhitespace) { texts.removeLast() }
    return texts.joined(separator: "\n").trimmingSuffix { $0.isWhitespace }
  }

  private func text(from start: Int, to end: Int, isEndOfLine: Bool) -> String {
    guard start <= end, end <= lines.bytes.count else { return "" }
    return String(decoding: lines.bytes[start..<end], as: UTF8.self).trimmingSuffix {
      $0.isWhitespace || !isEndOfLine && $0 == ","
    }
  }
}

extension String {
  /// Without the last characters of a kind.
  func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> String {
    var text = self[...]
    while let last = text.last, isTrimmed(last) { text.removeLast() }
    return String(text)
  }
}

import ReviewEngine
import Yams

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
  /// - Parameter files: in rule order, which is by name.
  package static func read(_ files: [SourceFile]) -> ReadRuleSet {
    let declarations = Declarations()
    var diagnostics: [Diagnostic] = []
    for file in files where file.isHolidayFile && file.obstacle == nil {
      let holidays = HolidayFile(file)
      declarations.holidayFiles[file.name] = holidays.days()
      diagnostics += holidays.document.diagnostics
    }
    let documents = files.filter { !$0.isHolidayFile || $0.obstacle != nil }.map {
      (file: $0, document: YamlDocument(path: $0.path, text: $0.text))
    }
    for (file, document) in documents {
      if let obstacle = file.obstacle { document.report(line: 0, column: 0, "the file cannot be read: \(obstacle)") }
    }
    let sections = documents.flatMap { readSections(of: $0.document, $0.file.kind) }
    readAll(sections, into: declarations)
    diagnostics += documents.flatMap { $0.document.diagnostics.sorted { ($0.line, $0.column) < ($1.line, $1.column) } }
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
      if let id = node.mapping?.first(where: { $0.key.scalar?.string == "id" })?.value.scalar?.string { declarations.ruleIds.append(id) }
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
    .rules: ["indicators", "event_types", "rules"], .services: ["customers", "offerings", "services"], .calendars: ["calendars"],
  ]

  private static func readSections(of document: YamlDocument, _ kind: SourceFile.Kind) -> [Section] {
    guard let root = document.root, let fields = Fields(root, document, "a file in \(kind.rawValue)") else { return [] }
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
  /// The lines of an item of a list, without the indentation that they share, up to the next item or the end of the list.
  func sourceText(of item: Node, before next: Node?) -> String {
    guard let mark = item.mark, lines.indices.contains(mark.line - 1) else { return "" }
    let column = mark.column
    var end = next?.mark.map { $0.line - 1 } ?? lines.count
    if let stop = lines[mark.line..<max(mark.line, end)].firstIndex(where: {
      !$0.allSatisfy(\.isWhitespace) && $0.prefix { $0 == " " }.count < column - 1
    }) {
      end = stop
    }
    let rest = lines[min(mark.line, end)..<end].map { String($0.dropFirst(min(column - 1, $0.prefix { $0 == " " }.count))) }
    let first = String(lines[mark.line - 1].dropFirst(column - 1))
    return ([first] + rest).joined(separator: "\n").trimmingSuffix { $0.isWhitespace }
  }
}

extension String {
  fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> String {
    var text = self
    while let last = text.last, isTrimmed(last) { text.removeLast() }
    return text
  }
}

import Yams

/// A parsed YAML file that collects what is wrong with it.
final class YamlDocument {
  let path: String
  let lines: [Substring]
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var root: Node?

  var errorCount: Int { diagnostics.count { $0.severity == .error } }

  static let largestByteCount = 1 << 20

  init(path: String, text: String) {
    self.path = path
    lines = YamlDocument.lines(of: text)
    guard text.utf8.count <= YamlDocument.largestByteCount else {
      report(line: 0, column: 0, "the file is larger than 1 MiB")
      return
    }
    do {
      var last = (line: 0, column: 0)
      let composed = try Yams.compose(yaml: text)
      if let node = composed.flatMap({ aliased(in: $0, after: &last) }) {
        report(at: node, "anchors and aliases are not allowed: write the value out")
      } else {
        root = composed
      }
    } catch let error as YamlError {
      report(error)
    } catch {
      report(line: 1, column: 1, "\(error)")
    }
  }

  /// A text that is no YAML, to report mistakes in.
  init(path: String, plainText text: String) {
    self.path = path
    lines = YamlDocument.lines(of: text)
  }

  // A carriage return with its line feed is one character, and so no line feed.
  private static func lines(of text: String) -> [Substring] {
    text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
  }

  func report(_ severity: Diagnostic.Severity = .error, at node: Node?, _ message: String) {
    report(severity, line: node?.mark?.line ?? 1, column: node?.mark?.column ?? 1, message)
  }

  func report(_ severity: Diagnostic.Severity = .error, line: Int, column: Int, _ message: String) {
    let sourceLine = lines.indices.contains(line - 1) ? String(lines[line - 1]) : ""
    diagnostics.append(Diagnostic(severity: severity, file: path, line: line, column: column, message: message, sourceLine: sourceLine))
  }

  private func report(_ error: YamlError) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
      let isDeep = problem.lowercased().contains("nesting")
      let hasTab = lines.indices.contains(mark.line - 1) && lines[mark.line - 1].prefix { $0.isWhitespace }.contains("\t")
      report(
        line: mark.line, column: mark.column,
        "not valid YAML: \(hasTab ? "a tab: indent with spaces" : isDeep ? "too many levels inside one another" : problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      for key in duplicates.sorted() { reportDuplicate(key, inMappingAt: context.mark) }
    case .reader(let problem, _, _, _): report(line: 1, column: 1, "not valid YAML: \(problem)")
    default: report(line: 1, column: 1, "not valid YAML: \(error)")
    }
  }

  // Yams marks the mapping; a person looks for the second of the two keys.
  private func reportDuplicate(_ key: String, inMappingAt mark: Mark) {
    let pattern = try? Regex("(^|[\\s{,-])\(key)\\s*:")
    var seen = 0
    for number in mark.line...max(mark.line, lines.count) where lines.indices.contains(number - 1) {
      for match in pattern.map({ lines[number - 1].matches(of: $0) }) ?? [] {
        seen += 1
        guard seen == 2 else { continue }
        let text = lines[number - 1][match.range]
        let column = lines[number - 1].unicodeScalars.distance(from: lines[number - 1].startIndex, to: match.range.lowerBound)
        return report(line: number, column: column + (text.hasPrefix(key) ? 1 : 2), "the key '\(key)' is given twice")
      }
    }
    report(line: mark.line, column: mark.column, "the key '\(key)' is given twice")
  }

  /// The scalar of an anchored value that is used again. Yams puts the value in the place of the alias, so that its mark lies before
  /// what was read already; stopping there also stops the files that grow without end.
  private func aliased(in node: Node, after last: inout (line: Int, column: Int)) -> Node? {
    switch node {
    case .mapping(let mapping):
      for (key, value) in mapping {
        if let found = aliased(in: key, after: &last) ?? aliased(in: value, after: &last) { return found }
      }
    case .sequence(let sequence):
      for element in sequence { if let found = aliased(in: element, after: &last) { return found } }
    case .scalar, .alias:
      guard let mark = node.mark else { return nil }
      if (mark.line, mark.column) < last { return node }
      last = (mark.line, mark.column)
    }
    return nil
  }
}

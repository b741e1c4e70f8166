import ReviewEngine

/// A parsed YAML file that collects what is wrong with it.
final class YamlDocument {
  let path: String
  let lines: SourceLines
  private(set) var root: Node?
  /// Words that a misspelt one may have meant, for all files that are read together.
  let suggestions: FileSuggestions
  private var found: [Diagnostic] = []
  private var untoldCount = 0
  private var untoldErrorCount = 0
  private let hidesLines: Bool

  static let largestByteCount = 1 << 20
  /// More than anybody mends at once.
  static let largestDiagnosticCount = 200

  init(_ file: SourceFile, suggestions: FileSuggestions = FileSuggestions()) {
    path = file.path
    hidesLines = file.hidesLines
    self.suggestions = suggestions
    let isTooLarge = file.text.utf8.count > Self.largestByteCount
    lines = SourceLines(isTooLarge ? "" : file.text.withoutByteOrderMark)
    if let obstacle = file.obstacle {
      report(line: 0, column: 0, "the file cannot be read: \(obstacle)")
    } else if isTooLarge {
      report(line: 0, column: 0, "the file is larger than 1 MiB")
    } else if !file.isHolidayFile, !reportHidden() {
      parse()
    }
  }

  convenience init(path: String, text: String) { self.init(SourceFile(kind: .rules, path: path, text: text)) }

  private func parse() {
    do {
      var reader = try YamlReader(lines.bytes)
      let read = try reader.document()
      for mistake in reader.duplicates { report(at: mistake.mark, mistake.message) }
      if reader.duplicates.isEmpty { root = read }
    } catch { report(at: error.mark, error.message) }
  }

  // MARK: What is written in short

  /// Samples and events that the file writes as "so many times", of all of it together.
  static let largestExpandedCount = 1_000_000
  private var expandedCount = 0

  /// Whether there is room for so many more; the first that have none are reported.
  func claimExpanded(_ count: Int, at node: Node?) -> Bool {
    let hadRoom = expandedCount <= Self.largestExpandedCount
    expandedCount = min(expandedCount, Self.largestExpandedCount) + count
    guard expandedCount > Self.largestExpandedCount else { return true }
    if hadRoom { report(at: node, "a file gives at most \(Self.largestExpandedCount) samples and events") }
    return false
  }

  // MARK: Findings

  /// What is wrong, by its place; of very many findings only the first, and a word about the others.
  var diagnostics: [Diagnostic] {
    var all = found.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    if untoldCount > 0 {
      let severity: Diagnostic.Severity = untoldErrorCount > 0 ? .error : .warning
      all.append(
        Diagnostic(
          severity: severity, file: path, line: 0, column: 0, message: "\(untoldCount) more mistakes are not shown"))
    }
    return all
  }

  var errorCount: Int { found.count { $0.severity == .error } + untoldErrorCount }

  func report(_ severity: Diagnostic.Severity = .error, at node: Node?, _ message: String) {
    report(severity, at: node?.mark ?? Mark(line: 1, column: 1, byte: 0), message)
  }

  private func report(_ severity: Diagnostic.Severity = .error, at mark: Mark, _ message: String) {
    report(severity, line: mark.line, column: mark.column, message)
  }

  func report(_ severity: Diagnostic.Severity = .error, line: Int, column: Int, _ message: String) {
    guard found.count < Self.largestDiagnosticCount else {
      untoldCount += 1
      if severity == .error { untoldErrorCount += 1 }
      return
    }
    if hidesLines {
      found.append(
        Diagnostic(severity: severity, file: path, line: line, column: column, message: SourceFile.hiddenLine))
    } else {
      let excerpt = lines.excerpt(line, around: column)
      found.append(
        Diagnostic(
          severity: severity, file: path, line: line, column: column, message: message, sourceLine: excerpt.text,
          sourceColumn: excerpt.column))
    }
  }
}

extension String {
  /// Some editors begin a file with one.
  fileprivate var withoutByteOrderMark: String {
    unicodeScalars.first == "\u{feff}" ? String(String.UnicodeScalarView(unicodeScalars.dropFirst())) : self
  }
}

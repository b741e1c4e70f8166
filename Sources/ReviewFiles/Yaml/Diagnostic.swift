/// One mistake in a file: where it is, what is wrong, and the line itself.
package struct Diagnostic: Error, Hashable, Sendable {
  package enum Severity: String, Sendable { case error, warning }

  package let severity: Severity
  /// The path as the reader was given it.
  package let file: String
  /// From 1; 0 where the whole file is meant.
  package let line: Int
  /// From 1, in Unicode scalars.
  package let column: Int
  package let message: String
  package let sourceLine: String

  package init(severity: Severity = .error, file: String, line: Int, column: Int, message: String, sourceLine: String = "") {
    self.severity = severity
    self.file = file
    self.line = line
    self.column = column
    self.message = message
    self.sourceLine = sourceLine
  }
}

extension Diagnostic: CustomStringConvertible {
  /// `file:line:column: error: what is wrong`, then the line and a caret below the place.
  package var description: String {
    let position = line == 0 ? file : "\(file):\(line):\(column)"
    let head = "\(position): \(severity.rawValue): \(message)"
    return sourceLine.isEmpty ? head : "\(head)\n  \(shownLine)\n  \(indentation)^"
  }

  private static let longestShown = 160

  // A caret at the end of a screenful helps nobody: of a long line the part around the place is shown.
  private var window: Range<Int> {
    let scalars = sourceLine.unicodeScalars.count
    guard scalars > Diagnostic.longestShown else { return 0..<scalars }
    let start = max(0, min(column - 1 - Diagnostic.longestShown / 2, scalars - Diagnostic.longestShown))
    return start..<start + Diagnostic.longestShown
  }

  private var shownLine: String {
    String(String.UnicodeScalarView(sourceLine.unicodeScalars.dropFirst(window.lowerBound).prefix(window.count)))
  }

  // Tabs are repeated, so that the caret stands below its place however wide a tab is shown.
  private var indentation: String {
    let before = sourceLine.unicodeScalars.dropFirst(window.lowerBound).prefix(max(0, column - 1 - window.lowerBound))
    return String(before.map { $0 == "\t" ? "\t" : " " as Character })
  }
}

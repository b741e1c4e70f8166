import ReviewEngine

/// One mistake in a file: where it is, what is wrong, and the line itself.
package struct Diagnostic: Error, Hashable, Sendable {
  /// Whether it keeps a set from being put in force.
  package enum Severity: String, Sendable { case error, warning }

  package let severity: Severity
  /// The path as the reader was given it.
  package let file: String
  /// From 1; 0 where the whole file is meant.
  package let line: Int
  /// From 1, in Unicode scalars.
  package let column: Int
  package let message: String
  /// The line, or of a long one the part around the place.
  package let sourceLine: String
  /// The place in `sourceLine`.
  private let sourceColumn: Int

  package init(
    severity: Severity = .error, file: String, line: Int, column: Int, message: String, sourceLine: String = "",
    sourceColumn: Int? = nil
  ) {
    self.severity = severity
    self.file = file.visible
    self.line = line
    self.column = column
    self.message = message.shortened.visible
    self.sourceLine = sourceLine
    self.sourceColumn = sourceColumn ?? column
  }
}

extension Diagnostic: CustomStringConvertible {
  /// `file:line:column: error: what is wrong`, then the line and a caret below the place.
  package var description: String {
    let position = line == 0 ? file : "\(file):\(line):\(column)"
    let head = "\(position): \(severity.rawValue): \(message)"
    return sourceLine.isEmpty ? head : "\(head)\n  \(shown(sourceLine))\n  \(indentation)^"
  }

  private func shown(_ text: some StringProtocol) -> String {
    text.split(separator: "\t", omittingEmptySubsequences: false).map(\.visible).joined(separator: "\t")
  }

  // Tabs are repeated, so that the caret stands below its place however wide a tab is shown.
  private var indentation: String {
    let before = String(String.UnicodeScalarView(sourceLine.unicodeScalars.prefix(max(0, sourceColumn - 1))))
    return String(shown(before).unicodeScalars.map { $0 == "\t" ? "\t" : " " as Character })
  }
}

extension String {
  private static let longestMessage = 1000

  /// A text that quotes a very long value, without the middle of it.
  fileprivate var shortened: String {
    guard utf8.count > Self.longestMessage else { return self }
    // By scalars: with its accents a single letter may be of any length.
    let (start, end) = (unicodeScalars.prefix(Self.longestMessage / 2), unicodeScalars.suffix(Self.longestMessage / 4))
    return "\(String(start))…\(String(end))"
  }
}

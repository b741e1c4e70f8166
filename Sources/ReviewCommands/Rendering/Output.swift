import ArgumentParser
import Foundation
import ReviewAPI
import ReviewEngine

/// How a verb's answer is printed; JSON is the documented contract, the same value as the table's.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case table, json, csv
}

/// The one way to standard output and standard error; a reader that went away is no error. What is hidden in a line is
/// written out: texts come from other people's tools, and nothing in them may steer a terminal or make a line of its
/// own.
enum Output {
  static func print(_ lines: [String]) { write(lines.map { Style.shown($0) + "\n" }.joined()) }

  static func print(_ line: String) { print([line]) }

  static func json(_ value: some Encodable) throws {
    write(String(decoding: try WireJson.encode(value, pretty: true), as: UTF8.self) + "\n")
  }

  /// Lines for programs: as they are, but on a terminal as any other.
  static func document(_ lines: [String]) {
    if Terminal.output.isInteractive { print(lines) } else { write(lines.map { $0 + "\n" }.joined()) }
  }

  /// What the parser of the command line made of what is written in this program.
  static func help(_ text: String) { write(text + "\n") }

  /// What it says of a wrong command line.
  static func usage(_ text: String) { writeError(text.visibleLines + "\n") }

  static func note(_ text: String) { writeError(text.textLines.map { $0.visible + "\n" }.joined()) }

  private static func writeError(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

  private static func write(_ text: String) {
    // EPIPE: `reviewctl list | head` is done.
    try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  }
}

extension String {
  /// The lines of a text that has several, such as a diagnostic with its place in the file; those after the first are
  /// set in, so that none looks like a text of its own.
  var textLines: [String] {
    guard contains("\n") else { return [self] }
    return split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
      index == 0 || line.isEmpty || line.hasPrefix("    ") ? String(line) : "    \(line)"
    }
  }
}

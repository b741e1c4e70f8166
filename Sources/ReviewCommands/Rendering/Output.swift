import ArgumentParser
import Foundation
import ReviewAPI

/// How a verb's answer is printed; JSON is the documented contract, the same value as the table's.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case table, json, csv
}

/// Writes lines to standard output; a reader that went away is no error.
enum Output {
  static func print(_ lines: [String]) { write(lines.map { $0 + "\n" }.joined()) }

  static func print(_ line: String) { print([line]) }

  static func json(_ value: some Encodable) throws {
    write(String(decoding: try WireJson.encode(value, pretty: true), as: UTF8.self) + "\n")
  }

  static func note(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

  private static func write(_ text: String) {
    // EPIPE: `reviewctl list | head` is done.
    try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  }
}

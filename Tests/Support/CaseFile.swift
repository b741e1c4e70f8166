import Foundation

/// Examples in a text file: `=== title`, then parts that begin with `--- name`.
package struct CaseFile {
  package struct Case: Sendable, CustomStringConvertible {
    package let title: String
    package let parts: [String: String]
    package var description: String { title }
  }

  package let cases: [Case]

  package init(path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    cases = text.components(separatedBy: "\n=== ").dropFirst().map { block in
      let pieces = block.components(separatedBy: "\n--- ")
      var parts: [String: String] = [:]
      for piece in pieces.dropFirst() {
        let end = piece.firstIndex(of: "\n") ?? piece.endIndex
        parts[String(piece[..<end])] = String(piece[end...].dropFirst())
      }
      return Case(title: pieces[0], parts: parts)
    }
  }
}

extension CaseFile.Case {
  /// Writes what is said now into the case's file; for REVIEWD_UPDATE_CASES.
  package func write(said: String, part: String, to path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    guard let start = text.range(of: "\n=== \(title)\n--- \(part)\n") else {
      throw BrokenScenario(description: "no case \(title)")
    }
    let end = text.range(of: "\n=== ", range: start.upperBound..<text.endIndex)?.lowerBound ?? text.endIndex
    let input = (parts[part] ?? "").trimmingCharacters(in: .newlines)
    let block = "\n=== \(title)\n--- \(part)\n\(input)\n--- said\n\(said)\(end == text.endIndex ? "\n" : "")"
    try text.replacingCharacters(in: start.lowerBound..<end, with: block).write(
      toFile: path, atomically: true, encoding: .utf8)
  }
}

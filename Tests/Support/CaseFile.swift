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

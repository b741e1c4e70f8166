import Foundation
import Testing

/// The decisions of two hundred random histories, as the commit wrote them down that `decisions.txt` names: a change of
/// the house changes none of them. `scripts/write-decisions` writes them anew, for a change that is meant to.
struct DecisionCorpusTests {
  private static let isLong = ProcessInfo.processInfo.environment["REVIEWD_LONG"] == "1"
  private static let file = #filePath.replacing("DecisionCorpusTests.swift", with: "decisions.txt")

  /// All of them, or in a short run every tenth.
  @Test(arguments: Array(stride(from: 1, through: 200, by: isLong ? 1 : 10)))
  func aHistoryIsDecidedAsBefore(_ seed: Int) async throws {
    let (parts, decided, misfolded) = try await DecidedHistory.decisions(seed: UInt64(seed))
    if let folder = ProcessInfo.processInfo.environment["REVIEWD_WRITE_DECISIONS"] {
      try (["== \(seed) \(parts)"] + decided).joined(separator: "\n").write(
        toFile: "\(folder)/\(seed)", atomically: true, encoding: .utf8)
      return
    }
    #expect(misfolded == [], "history \(seed): after each step the tables are the fold of the log")
    let known = try #require(try Self.known()[seed], "no decisions of history \(seed) are written down")
    for (line, before) in zip(decided, known) where line != before {
      Issue.record("history \(seed) was decided otherwise:\n  before: \(before)\n  now:    \(line)")
      return
    }
    #expect(decided.count == known.count, "history \(seed)")
  }

  private static func known() throws -> [Int: [String]] {
    let sections = try String(contentsOfFile: file, encoding: .utf8).components(separatedBy: "== ").dropFirst()
    return Dictionary(
      sections.map { section in
        let lines = section.split(separator: "\n").map(String.init)
        return (lines[0].split(separator: " ").first.flatMap { Int($0) } ?? 0, Array(lines.dropFirst()))
      }, uniquingKeysWith: { first, _ in first })
  }
}

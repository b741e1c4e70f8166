import Foundation
import Testing

/// What belongs into one room is in no other: how a review lives and when it is due is decided in the engine, and
/// sentences are in one place.
struct RoomTests {
  struct Rule: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let reason: String
    /// The rooms that are looked through, below Sources.
    let rooms: [String]
    let pattern: String
    /// Lines that are right nevertheless.
    let allowed: String
    /// What it must see.
    let example: String
  }

  private static let besidesTheEngine = [
    "ReviewWords", "ReviewFiles", "ReviewStore", "ReviewDaemon", "ReviewCommands", "reviewd", "reviewctl",
  ]

  static let rules = [
    Rule(
      testDescription: "no state of a review is set outside the engine",
      reason: "a review is the fold of its facts: let the centre decide",
      rooms: besidesTheEngine, pattern: #"\.state\s*=[^=]"#,
      allowed: #"review\?\.state = try ReviewState\(stored:"#, example: "    review.state = .completed"),
    Rule(
      testDescription: "no due day of a review is worked out outside the engine",
      reason: "due days move by facts, and calendars count in the engine",
      rooms: besidesTheEngine,
      pattern: #"\.due\s*=[^=]|[dD]ue\)?\.adding|added\(to: [a-z.]*([dD]ay|[dD]ue|today)|[dD]ue [+-] [0-9a-z]"#,
      allowed: #"review\?\.due = try Day\(stored:|template\.due = document\.dayAmount"#,
      example: "    let next = review.due + 1"),
    Rule(
      testDescription: "no sentence is written where things are decided, kept or told",
      reason: "sentences are in ReviewWords: a second language is one more file",
      rooms: [
        "ReviewEngine", "ReviewStore", "ReviewDaemon/FactReaders", "ReviewDaemon/Keeping", "ReviewDaemon/Answering",
        "ReviewDaemon/Announcing",
      ], pattern: #""[A-Z][^"]*[a-z)]\.[ "]"#, allowed: "$^",
      example: #"    let text = "The service review of \(names) was held.""#),
  ]

  @Test(arguments: rules)
  func eachThingIsInItsRoom(_ rule: Rule) throws {
    for room in rule.rooms {
      for (file, number, line) in try lines(below: room) where try finds(rule, line) {
        Issue.record("\(file):\(number): \(line.trimmingCharacters(in: .whitespaces))\n\(rule.reason)")
      }
    }
  }

  @Test(arguments: rules)
  func theTestWouldSeeIt(_ rule: Rule) throws { #expect(try finds(rule, rule.example)) }

  private func finds(_ rule: Rule, _ line: String) throws -> Bool {
    guard !line.trimmingCharacters(in: .whitespaces).hasPrefix("//") else { return false }
    return try line.contains(Regex(rule.pattern)) && !line.contains(Regex(rule.allowed))
  }

  private func lines(below room: String) throws -> [(file: String, number: Int, line: String)] {
    let files = try SourceFiles.paths(in: ["Sources/\(room)"])
    #expect(!files.isEmpty, "\(room) has no file")
    return try files.flatMap { file in
      try SourceFiles.text(file).components(separatedBy: "\n").enumerated().map { (file, $0 + 1, $1) }
    }
  }
}

import Foundation
import ReviewAPI
import ReviewDaemon
import ReviewEngine
import ReviewFiles
import ReviewStore
import TestSupport
import Testing

/// Samples and events that are wrong, and exactly what is said about each.
struct BrokenInputTests {
  private static let folder = projectDirectory + "/Tests/ReviewDaemonTests/Broken/"

  @Test(arguments: try CaseFile(path: folder + "samples.cases").cases)
  func samples(_ example: CaseFile.Case) throws {
    let format = example.parts["csv"] == nil ? "jsonl" : "csv"
    let checker = SampleChecker(ruleSet: try Scenario(rules: "").emptyRuleSet(), settings: Settings())
    let bytes = Array((example.parts[format] ?? "").trimmingCharacters(in: .newlines).utf8)
    var said: [String]
    do {
      let read = try bytes.withUnsafeBytes { buffer in
        format == "csv"
          ? try CsvSamples.read(buffer, firstLine: 2, checker: checker)
          : JsonSamples.read(buffer, firstLine: 1, checker: checker)
      }
      said = read.answer.refusals.map { "line \($0.line): \($0.reason)" }
      #expect(read.answer.refused == said.count)
    } catch let problem as Problem { said = ["\(problem.code): \(problem.detail)"] }
    try check(said, example, format, "samples.cases")
  }

  @Test(arguments: try CaseFile(path: folder + "events.cases").cases)
  func events(_ example: CaseFile.Case) throws {
    var reader = CloudEvents(
      ruleSet: try Scenario(rules: "").emptyRuleSet(), settings: Settings(), now: instant("2026-01-05"))
    var said: [String]
    do {
      try reader.read(Data((example.parts["events"] ?? "").trimmingCharacters(in: .newlines).utf8), firstLine: 1)
      said = reader.answer.refusals.map { "line \($0.line): \($0.reason)" }
    } catch let problem as Problem { said = ["\(problem.code): \(problem.detail)"] }
    try check(said, example, "events", "events.cases")
  }

  private func check(_ lines: [String], _ example: CaseFile.Case, _ part: String, _ file: String) throws {
    let said = lines.joined(separator: "\n")
    if ProcessInfo.processInfo.environment["REVIEWD_UPDATE_CASES"] != nil {
      try example.write(said: said, part: part, to: Self.folder + file)
    }
    #expect(said == example.parts["said"]?.trimmingCharacters(in: .newlines))
    #expect(!said.isEmpty)
  }
}

struct SampleReadingTests {
  private func read(_ text: String, firstLine: Int = 2) throws -> SampleChecker {
    let checker = SampleChecker(ruleSet: try Scenario(rules: "").emptyRuleSet(), settings: Settings())
    return try Array(text.utf8).withUnsafeBytes { try CsvSamples.read($0, firstLine: firstLine, checker: checker) }
  }

  @Test(arguments: [
    "time,service,indicator,value\n2026-01-05T10:00:00Z,s,level,1\n",
    "time,service,indicator,value\r\n2026-01-05T10:00:00Z,s,level,1\r\n",
    "time,service,indicator,value\n2026-01-05T10:00:00Z,s,level,1",
    "time,service,indicator,value\n\"2026-01-05T10:00:00Z\",\"s\",level,\"1\"",
    "time,service,indicator,value,labels\n2026-01-05T10:00:00Z,s,level,1,\n",
    "\u{feff}time,service,indicator,value\n\n2026-01-05T10:00:00Z,s,level,1\n\n",
    "time,service,indicator,value,labels\n2026-01-05T10:00:00Z,s,level,1,b=2;a=1\n",
  ])
  func csvIsReadHoweverItsLinesEndAndItsFieldsAreQuoted(_ text: String) throws {
    let checked = try read(text)
    #expect(checked.batch.count == 1)
    #expect(checked.answer.refused == 0)
  }

  @Test func refusalsAreCountedAllAndListedUpToAHundred() throws {
    let text = "time,service,indicator,value\n" + String(repeating: "x,s,level,1\n", count: 250)
    let checked = try read(text, firstLine: 1001)
    #expect(checked.answer.refused == 250)
    #expect(checked.answer.refusals.map(\.line) == Array(1001...1100))
  }
}

import Foundation
import TestSupport
import Testing

/// A review that hundreds of incidents joined, as a person reads it.
@Suite(.serialized)
struct LongReviewTests {
  private let configuration: TemporaryFolder
  private let daemon: RunningDaemon

  init() throws {
    configuration = try TemporaryFolder()
    try configuration.write(
      "rules.d/r.yaml", Scenario.declarations + "rules:\n  - {id: r, title: Any incident, upon: {event: incident}}\n")
    try configuration.write("services.d/s.yaml", "services:\n  - {id: s, name: S, in_service_since: 2026-01-01}\n")
    daemon = try RunningDaemon(directories: [configuration.path])
    try daemon.start()
  }

  @Test func showOfSixHundredTriggersIsShortAndAllOfThemCanBeAskedFor() throws {
    let time = ISO8601DateFormatter().string(from: Date())
    let lines = (0..<600).map {
      #"{"specversion":"1.0","id":"\#($0)","source":"x","type":"incident","subject":"s","time":"\#(time)","data":{"cause":"c"}}"#
    }
    try configuration.write("e.jsonl", lines.joined(separator: "\n"))
    #expect(try daemon.ctl("import", configuration.path + "/e.jsonl").status == 0)
    let review = try #require(
      try daemon.ctl("list", "--output", "csv").output.split(separator: "\n").last?.prefix { $0 != "," })
    let short = try daemon.ctl("show", String(review)).output
    #expect(short.contains("\n  … and 580 more: reviewctl show \(review.prefix(4)) --all\n"))
    #expect(short.split(separator: "\n").count < 250)
    let all = try daemon.ctl("show", String(review), "--all").output
    #expect(!all.contains(" more: "))
    #expect(all.split(separator: "\n").filter { $0.hasSuffix("  rule r") }.count == 600)
    let detail = try daemon.object("show", String(review), "--all")
    #expect((detail["triggers"] as? [Any])?.count == 600)
    // Many at once have a few lines of history, and one that counts the others.
    let history = try #require(detail["history"] as? [[String: Any]])
    #expect(
      history.count < 600 && history.contains { ($0["why"] as? String)?.contains("more triggers at once") == true })
    #expect(detail["triggers_left_out"] == nil)
  }
}

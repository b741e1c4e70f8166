import Foundation
import ReviewAPI
import TestSupport
import Testing

/// Long work ends when nobody waits for it any more, and when it is more than anybody may ask for.
@Suite(.serialized)
struct AbandonedWorkTests {
  private let configuration: TemporaryFolder
  private let daemon: RunningDaemon

  init() throws {
    configuration = try TemporaryFolder()
    try configuration.write(
      "rules.d/r.yaml",
      Scenario.declarations
        + """
        rules:
          - {id: c, title: C, when: {indicator: level, below: 50}, evaluate_every: 1 minute, if_unknown: open, merge: never, review: {due: 1 day}}
          - id: adaptive
            title: A
            every: 1 day
            evaluate_every: 1 minute
            adapt: {factors: [{id: f, when: {event: change, in_last: 1 days, at_least: 1}, multiply_by: 0.5}]}

        """)
    try configuration.write("services.d/s.yaml", "services: [{id: s, name: S, in_service_since: 2020-01-01}]\n")
    try configuration.write("reviewd.yaml", "limits: {simulation_reviews: 1000}\n")
    daemon = try RunningDaemon(directories: [configuration.path])
    daemon.furtherArguments = ["--config", configuration.path + "/reviewd.yaml"]
    try daemon.start()
  }

  private func post(_ path: String, _ body: String) -> String {
    "POST \(path) HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test func eightAbandonedReplaysDoNotKeepTheNextOneWaiting() throws {
    for _ in 0..<8 {
      let connection = try #require(RawConnection(daemon.socket))
      connection.send(
        post("/v1/replay", #"{"from":"2006-01-01T00:00:00Z","to":"2026-01-01T00:00:00Z","assume_completed":"due"}"#))
    }
    let start = ContinuousClock.now
    let replayed = try daemon.ctl("rules", "replay", "--from", "2026-01-01", "--to", "2026-01-02")
    #expect(replayed.status == 0, "\(replayed.errors)")
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    print("a replay of a day behind eight abandoned ones of twenty years: \((seconds * 10).rounded() / 10) s")
    #expect(seconds < 10)
  }

  @Test func aReplayThatOpensMoreThanItMaySaysSo() throws {
    let outcome = try daemon.ctl("rules", "replay", "--from", "2020-01-01", "--to", "2026-01-01")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains("this replay opens more than 1000 reviews (limits: simulation_reviews)"),
      "\(outcome.errors)")
  }

  @Test func aForecastHasALimitOfInstantsToo() throws {
    let services = (0..<20).map { "{id: s\($0), name: S}" }.joined(separator: ", ")
    try configuration.write("services.d/s.yaml", "services: [\(services)]\n")
    #expect(try daemon.ctl("rules", "reload").status == 0)
    let outcome = try daemon.ctl("forecast", "--within", "3650d")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains("instants, more than 50000000: ask for less time, or fewer services"), "\(outcome.errors)"
    )
  }

  @Test func aLongAnswerIsTheSameValueAsAShortOne() throws {
    let answer = try daemon.object("rules", "replay", "--from", "2025-12-01", "--to", "2026-01-01")
    let reviews = try #require(answer["reviews"] as? [[String: Any]])
    #expect(reviews.count > 20 && answer["assumed_completed"] as? String == "due")
    #expect(reviews.allSatisfy { $0["opened"] is String && $0["triggers"] is Int })
    let none = try daemon.object("rules", "replay", "--from", "2019-01-01", "--to", "2019-01-02")
    #expect((none["reviews"] as? [Any])?.isEmpty == true)
  }
}

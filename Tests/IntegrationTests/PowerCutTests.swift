import Foundation
import TestSupport
import Testing

/// The power goes right after an answer: what it acknowledged is on the disk.
@Suite(.serialized, .enabled(if: LoopDisk.isPossible, LoopDisk.missing))
struct PowerCutTests {
  /// A kind of write that is acknowledged, with what of it the database must hold.
  private struct Write {
    let name: String
    let arguments: [String]
    let sql: String
    let expected: String
  }

  @Test func whatWasAcknowledgedIsThereAfterThePowerWent() throws {
    let rounds = isLong ? 20 : 3
    let disk = try LoopDisk()
    let configuration = try TemporaryFolder()
    try configuration.write(
      "rules.d/r.yaml",
      Scenario.declarations + "rules:\n  - {id: r, title: Any incident, upon: {event: incident}, merge: never}\n")
    let services = (0..<rounds).map { "  - {id: s\($0), name: S}" }.joined(separator: "\n")
    try configuration.write("services.d/s.yaml", "services:\n\(services)\n")
    let daemon = try RunningDaemon(
      directories: [configuration.path], prefix: disk.prefix, statePath: disk.path + "/state")
    try daemon.start()
    // A service manager reads what it is told; where nobody does, a reload waits.
    let manager = WatchdogListener(daemon.notify)
    defer { _ = manager.stop() }
    var cuts = 0
    for round in 0..<rounds {
      for kind in Kind.allCases {
        let write = try write(kind, round, daemon, configuration)
        let outcome = try run(Programs.reviewctl, write.arguments, environment: ["REVIEWD_SOCKET": daemon.socket])
        try #require(outcome.status == 0, "\(write.name): \(outcome.errors)")
        let found = try disk.afterPowerCut("state/reviewd.sqlite", write.sql)
        #expect(found == write.expected, "round \(round): \(write.name) was acknowledged and lost")
        cuts += 1
      }
    }
    print("power cuts: \(cuts), after each of \(Kind.allCases.count) kinds of acknowledged writes \(rounds) times")
    #expect(daemon.stop() == 0)
  }

  private enum Kind: CaseIterable {
    case event, samples, sample, schedule, conduct, complete, open, cancel, reload
  }

  private func write(_ kind: Kind, _ round: Int, _ daemon: RunningDaemon, _ configuration: TemporaryFolder) throws
    -> Write
  {
    let service = "s\(round)"
    let ids = "(SELECT review FROM review_service WHERE service = '\(service)')"
    let sampleCount =
      "SELECT sum(sample_count) FROM sample_block JOIN series ON series.id = series WHERE service = '\(service)'"
    func change(_ verb: String, _ more: [String], _ state: String) throws -> Write {
      let review = try review(of: service, daemon)
      return Write(
        name: verb, arguments: [verb, review] + more, sql: "SELECT state FROM review WHERE id = '\(review)'",
        expected: state)
    }
    switch kind {
    case .event:
      return Write(
        name: "an event with its review", arguments: ["event", "incident", "--service", service, "--id", "e\(round)"],
        sql:
          "SELECT (SELECT count(*) FROM event WHERE identity = 'e\(round)'), count(*) FROM review WHERE id IN \(ids)",
        expected: "1|1")
    case .samples:
      let lines = (10..<60).map { "2026-01-01T10:\($0):00Z,\(service),level,\($0)" }
      try configuration.write(
        "samples/\(round).csv", "time,service,indicator,value\n" + lines.joined(separator: "\n") + "\n")
      return Write(
        name: "samples", arguments: ["import", "\(configuration.path)/samples/\(round).csv"], sql: sampleCount,
        expected: "50")
    case .sample:
      return Write(
        name: "one sample", arguments: ["record", "level", "7", "--service", service, "--at", "2026-01-02T10:00:00Z"],
        sql: sampleCount,
        expected: "51")
    case .schedule: return try change("schedule", ["--at", "2030-01-01T10:00:00Z"], "scheduled")
    case .conduct: return try change("conduct", [], "conducted")
    case .complete: return try change("complete", ["--outcome", "agreed"], "completed")
    case .open:
      return Write(
        name: "a review by hand", arguments: ["open", "--service", service, "--reason", "round \(round)"],
        sql: "SELECT count(*) FROM review WHERE title = 'By hand: round \(round)'", expected: "1")
    case .cancel: return try change("cancel", ["--reason", "no need"], "cancelled")
    case .reload:
      try configuration.write(
        "rules.d/more.yaml", "rules:\n  - {id: more\(round), title: More, upon: {event: change}}\n")
      return Write(
        name: "a reload", arguments: ["rules", "reload"],
        sql: "SELECT files LIKE '%more\(round)%' FROM rule_set ORDER BY id DESC LIMIT 1", expected: "1")
    }
  }

  private func review(of service: String, _ daemon: RunningDaemon) throws -> String {
    let listed = try daemon.ctl("list", "--service", service, "--output", "csv").output.split(separator: "\n")
    return String(try #require(listed.dropFirst().first?.split(separator: ",").first))
  }
}

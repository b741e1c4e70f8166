import Foundation
import TestSupport
import Testing

/// The tables of reviews are what the log of facts adds up to, and `reviewd --rebuild` makes them anew.
@Suite(.serialized)
struct RebuildTests {
  private let configuration: TemporaryFolder
  private let daemon: RunningDaemon

  init() throws {
    configuration = try TemporaryFolder()
    try configuration.write(
      "rules.d/r.yaml",
      Scenario.declarations + """
        rules:
          - {id: quarterly, title: Quarterly, every: 3 months, opens_before: 80 days}
          - {id: incident, title: Incident, upon: {event: incident}, merge: 100 days, review: {due: 3 days}}
          - {id: change, title: Change, upon: {event: change}, merge: never, cooldown: 1 hour}
        """)
    try configuration.write(
      "services.d/s.yaml",
      """
      customers: [{id: acme, name: Acme}]
      services: [{id: s, name: S, customer: acme, in_service_since: 2026-01-01}, {id: t, name: T, customer: acme, in_service_since: 2026-01-01}]
      """)
    daemon = try RunningDaemon(directories: [configuration.path])
    try daemon.start()
    try live()
    try #require(daemon.stop() == 0)
  }

  /// Reviews that were opened by rules and by hand, joined, moved, held, completed and cancelled.
  private func live() throws {
    let time = ISO8601DateFormatter().string(from: Date())
    let lines = ["s incident", "s incident", "s change", "t change", "t incident"].enumerated().map { index, event in
      let parts = event.split(separator: " ")
      return
        #"{"specversion":"1.0","id":"\#(index)","source":"x","type":"\#(parts[1])","subject":"\#(parts[0])","time":"\#(time)","data":{}}"#
    }
    try configuration.write("e.jsonl", lines.joined(separator: "\n"))
    try #require(try daemon.ctl("import", configuration.path + "/e.jsonl").status == 0)
    try #require(try daemon.ctl("open", "--service", "s", "--reason", "asked for").status == 0)
    let ids = try daemon.ctl("list", "--output", "csv").output.split(separator: "\n").dropFirst().map {
      String($0.prefix { $0 != "," })
    }
    try #require(ids.count == 5)
    try #require(try daemon.ctl("schedule", ids[0], "--at", "2030-01-01T10:00").status == 0)
    try #require(try daemon.ctl("conduct", ids[1]).status == 0)
    try #require(try daemon.ctl("complete", ids[2], "--outcome", "held").status == 0)
    try #require(try daemon.ctl("cancel", ids[3], "--reason", "not needed").status == 0)
  }

  private var database: String { daemon.statePath + "/reviewd.sqlite" }

  private func sqlite(_ sql: String) throws -> String {
    let outcome = try run("/usr/bin/env", ["sqlite3", database, sql])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome.output
  }

  private func dump() throws -> String { try sqlite(".dump review review_service fact") }

  private func rebuild() throws -> Outcome {
    try run(Programs.reviewd, ["--rebuild", "--state-directory", daemon.statePath])
  }

  @Test func whatIsMadeAnewIsByteForByteWhatWas() throws {
    let before = try dump()
    let outcome = try rebuild()
    #expect(
      outcome.output
        == "5 reviews made anew from \(try sqlite("SELECT count(*) FROM fact").dropLast()) facts: all of them were so before\n"
    )
    #expect(try dump() == before)
    #expect(before.contains("cancelled") && before.contains("interval_due"))
  }

  @Test func whatSomebodyChangedIsMendedAndNamed() throws {
    let before = try dump()
    let id = try sqlite("SELECT min(id) FROM review").dropLast()
    _ = try sqlite("UPDATE review SET due = '2040-01-01', trigger_count = 99 WHERE id = '\(id)'")
    let outcome = try rebuild()
    #expect(
      outcome.output.hasSuffix("facts; otherwise before:\n  \(id)  is now what the log says\n"),
      "\(outcome.output)\(outcome.errors)")
    #expect(try dump() == before)
  }

  /// With the opening gone nothing says what the review was: it must not be taken for one that never was.
  @Test(arguments: ["number = 1", "number > 4"]) func aLogThatLacksSomethingIsDamageAndNothingIsRebuilt(
    _ missing: String
  ) throws {
    let guarding = try sqlite("SELECT sql FROM sqlite_schema WHERE name = 'fact_is_append_only_delete'")
    _ = try sqlite("DROP TRIGGER fact_is_append_only_delete; DELETE FROM fact WHERE \(missing); \(guarding)")
    let before = try dump()
    let outcome = try rebuild()
    #expect(outcome.status == 78)
    #expect(
      outcome.errors.contains("nothing was rebuilt: the database") && outcome.errors.contains("the log of facts has"),
      "\(outcome.errors)")
    #expect(try dump() == before)
    #expect(try !daemon.startOrEnd())
  }

  /// Whoever takes the guard away and puts it back leaves no other trace.
  @Test(arguments: ["due = '2040-01-01'", "state = 'completed'"])
  func aFactThatSaysOtherwiseThanTheFactsBeforeItIsDamage(
    _ change: String
  ) throws {
    let guarding = try sqlite("SELECT sql FROM sqlite_schema WHERE name = 'fact_is_append_only_update'")
    let number = try sqlite("SELECT min(number) FROM fact WHERE kind = 'opened'").dropLast()
    _ = try sqlite(
      "DROP TRIGGER fact_is_append_only_update; UPDATE fact SET \(change) WHERE number = \(number); \(guarding)")
    let before = try dump()
    let outcome = try rebuild()
    #expect(outcome.status == 78)
    #expect(outcome.errors.contains("fact \(number) says that the review"), "\(outcome.errors)")
    #expect(try dump() == before)
  }

  @Test func underARunningDaemonNothingIsRebuilt() throws {
    try daemon.start()
    let outcome = try rebuild()
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("nothing was rebuilt: another reviewd (process"))
  }

  @Test func aFolderWithoutADatabaseSaysWhatToGive() throws {
    let outcome = try run(Programs.reviewd, ["--rebuild", "--state-directory", configuration.path])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors
        == "reviewd: nothing was rebuilt: there is no database \(configuration.path)/reviewd.sqlite: give its folder with --state-directory\n"
    )
  }
}

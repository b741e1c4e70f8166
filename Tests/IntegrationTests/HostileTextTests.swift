import Foundation
import Glibc
import TestSupport
import Testing

/// Texts that steer a terminal, forge a line, hide, or become a formula: whatever an event says, people see what it is.
@Suite(.serialized)
struct HostileTextTests {
  private let configuration: TemporaryFolder
  private let daemon: RunningDaemon

  /// Clears the screen, turns the direction, is not seen, breaks a line for some, and pretends to be another line.
  private static let hostile = "=1+1\u{1b}[2J\u{202e}\u{200b}\u{2028}\u{9b}31m\u{7f}\n  state      completed"
  private static let shown = #"=1+1\u{1b}[2J\u{202e}\u{200b}\u{2028}\u{9b}31m\u{7f}   state      completed"#

  init() throws {
    configuration = try TemporaryFolder()
    try configuration.write(
      "rules.d/r.yaml",
      Scenario.declarations + """
        rules:
          - {id: r, title: "=Any incident", upon: {event: incident}, merge: never}

        """)
    try configuration.write("services.d/s.yaml", "services:\n  - {id: s, name: S, in_service_since: 2026-01-01}\n")
    daemon = try RunningDaemon(directories: [configuration.path])
    try daemon.start()
  }

  private func isSafe(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control: scalar == "\n"
      case .format, .lineSeparator, .paragraphSeparator: false
      default: true
      }
    }
  }

  private func openReview() throws -> String {
    let answer = try daemon.object("event", "incident", "--service", "s", "--id", Self.hostile, "cause=\(Self.hostile)")
    let effect = try #require((answer["effects"] as? [[String: Any]])?.first)
    return try #require(effect["review"] as? String)
  }

  /// The output of a verb on a terminal with colours.
  private func onTerminal(_ arguments: String) throws -> String {
    let command = "\(Programs.reviewctl) \(arguments) --socket \(daemon.socket)"
    return try run(
      "/usr/bin/script", ["-qec", command, "/dev/null"],
      environment: ["TERM": "xterm", "NO_COLOR": "", "COLUMNS": "400"]
    )
    .output
  }

  @Test func escapesOfAnEventReachNoTerminalThoughColoursDo() throws {
    let review = try openReview()
    let shown = try onTerminal("show \(review)")
    #expect(shown.contains("\u{1b}[1m"))
    #expect(shown.contains(Self.shown.replacing("   state      completed", with: " state completed")))
    let withoutColours = ["\u{1b}[1m", "\u{1b}[0m", "\u{1b}[2m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"].reduce(
      shown.replacing("\r\n", with: "\n")
    ) {
      $0.replacing($1, with: "")
    }
    #expect(isSafe(withoutColours))
  }

  @Test func aNewlineInAReasonForgesNoLine() throws {
    let forged = "late\n  state      completed\nreviewctl: all is well"
    let opened = try daemon.object("open", "--service", "s", "--reason", forged)
    let id = try #require((opened["review"] as? [String: Any])?["id"] as? String)
    try daemon.ctl("cancel", id, "--reason", forged)
    for arguments in [["show", id], ["list", "--state", "all"], ["service", "s"]] {
      let outcome = try run(Programs.reviewctl, arguments, environment: ["REVIEWD_SOCKET": daemon.socket])
      #expect(!outcome.output.contains("\n  state      completed"), "\(arguments)")
      #expect(!outcome.output.contains("\nreviewctl:"), "\(arguments)")
    }
    #expect(!daemon.log.contains("\nreviewctl:"))
    #expect(!daemon.log.contains("\n  state"))
  }

  @Test func refusalsAndErrorsAreWrittenOut() throws {
    let cases: [[String]] = [
      ["event", Self.hostile, "--service", "s"], ["event", "incident", "--service", Self.hostile],
      ["show", Self.hostile],
      ["record", Self.hostile, "1", "--service", "s"], ["record", "level", Self.hostile, "--service", "s"],
      ["service", Self.hostile],
      ["import", "/nonexistent/\(Self.hostile).csv"], [Self.hostile], ["list", "--state", Self.hostile],
      ["list", "--socket", "/nonexistent/\(Self.hostile)"], ["backup", "/nonexistent/\(Self.hostile)"],
      ["rules", "show", Self.hostile],
    ]
    for arguments in cases {
      let outcome = try run(Programs.reviewctl, arguments, environment: ["REVIEWD_SOCKET": daemon.socket])
      #expect(outcome.status != 0)
      #expect(isSafe(outcome.output + outcome.errors), "\(arguments): \(outcome.errors)")
      #expect(
        !outcome.errors.contains("\n  state") || outcome.errors.contains("Usage:"), "\(arguments): \(outcome.errors)")
    }
  }

  @Test func theNamesOfImportedFilesAndWhatIsWrongInThemAreWrittenOut() throws {
    try configuration.write("x\u{1b}[2J.csv", "time,service,indicator,value\n\u{1b}[2J\u{202e},s,level,1\n")
    let outcome = try daemon.ctl("import", configuration.path + "/x\u{1b}[2J.csv")
    #expect(isSafe(outcome.output + outcome.errors))
    #expect(outcome.errors.contains(#"x\u{1b}[2J.csv:2: '\u{1b}[2J\u{202e}' is not a time"#))
  }

  @Test func jsonEscapesWhatIsHiddenAndMeansTheSame() throws {
    let review = try openReview()
    let outcome = try daemon.ctl("show", review, "--output", "json")
    #expect(isSafe(outcome.output))
    #expect(outcome.output.contains(#"\u202e\u200b\u2028\u009b31m\u007f\n"#))
    let detail = try daemon.object("show", review)
    let trigger = try #require((detail["triggers"] as? [[String: Any]])?.first?["evidence"] as? [String: Any])
    let event = try #require(trigger["event"] as? [String: Any])
    #expect((event["attributes"] as? [String: String])?["cause"] == Self.hostile)
    let wire = try run(
      "/usr/bin/env", ["curl", "-s", "--unix-socket", daemon.socket, "http://localhost/v1/reviews/\(review)"])
    #expect(isSafe(wire.output))
  }

  @Test func csvNeutralisesFormulasUnlessAProgramAsksForThemRaw() throws {
    _ = try openReview()
    #expect(try daemon.ctl("list", "--output", "csv").output.contains(",s,r,'=Any incident,pending,"))
    #expect(try daemon.ctl("list", "--output", "csv", "--raw").output.contains(",s,r,=Any incident,pending,"))
    let before = try run(
      Programs.reviewctl, ["--raw", "--output", "csv", "list"], environment: ["REVIEWD_SOCKET": daemon.socket])
    #expect(before.output.contains(",s,r,=Any incident,pending,"))
    #expect(try daemon.ctl("record", "level", "-5", "--service", "s", "--raw").errors.contains("outside the range"))
  }
}

import Foundation
import Glibc
import TestSupport
import Testing

/// reviewctl as a person at a terminal, and a script, use it.
@Suite(.serialized)
struct CommandTests {
  private let configuration: TemporaryFolder
  private let daemon: RunningDaemon

  init() throws {
    configuration = try TemporaryFolder()
    try configuration.write(
      "rules.d/r.yaml",
      Scenario.declarations + """
        rules:
          - {id: r, title: Any incident, upon: {event: incident}, merge: never, review: {agenda: [causes]}}
          - {id: monthly, title: Monthly, every: 1 month, opens_before: 1 day}

        """)
    try configuration.write(
      "services.d/s.yaml",
      "services:\n  - {id: s, name: S, in_service_since: 2026-01-01, targets: [{indicator: level, at_least: 50}]}\n  - {id: other, name: O}\n"
    )
    daemon = try RunningDaemon(directories: [configuration.path])
    try daemon.start()
  }

  @Test func theExitCodesAreTheDocumentedOnes() throws {
    let review = try openReview()
    #expect(try daemon.ctl("complete", review).status == 0)
    let cases: [(Int32, [String])] = [
      (0, ["list"]), (0, ["--help"]), (0, ["--version"]), (0, ["complete", review]),
      (0, ["rules", "check", configuration.path]),
      (1, ["import", configuration.path + "/nothing.csv"]), (2, ["lits"]), (2, ["list", "--state", "opne"]),
      (2, ["schedule", review]),
      (2, ["record", "level", "high", "--service", "s"]), (2, ["rules", "check", "/nonexistent"]),
      (2, ["show", ""]), (2, ["event", "incident", "--service", "s", "severity=1", "severity=2"]),
      (0, ["--socket", daemon.socket, "--output", "json", "services"]),
      (0, ["record", "level", "5", "--service", "s"]),
      (2, ["record", "level", "-5", "--service", "s"]), (3, ["event", "incdent", "--service", "s"]),
      (3, ["record", "level", "1", "--service", "t"]),
      (3, ["show", "zzzz"]), (3, ["service", "t"]), (3, ["list", "--service", "t"]), (3, ["rules", "show", "q"]),
      (4, ["cancel", review, "--reason", "late"]), (4, ["schedule", review, "--at", "tomorrow 10:00"]),
      (5, ["list", "--socket", "/nonexistent/s"]),
    ]
    for (status, arguments) in cases {
      let outcome = try run(Programs.reviewctl, arguments, environment: ["REVIEWD_SOCKET": daemon.socket])
      #expect(outcome.status == status, "\(arguments): \(outcome.output)\(outcome.errors)")
      if status != 0 { #expect(!outcome.errors.isEmpty, "\(arguments) says nothing") }
    }
  }

  /// The same rules with one more, another meaning, another wording, and one less.
  private func otherRules() throws -> TemporaryFolder {
    let other = try TemporaryFolder()
    try other.write(
      "rules.d/r.yaml",
      Scenario.declarations + """
        rules:
          - {id: r, title: Every incident, upon: {event: incident}, merge: never, review: {agenda: [causes]}}
          - {id: monthly, title: Monthly, every: 2 months, opens_before: 1 day}
          - {id: silent, title: No level, when: {indicator: level, statistic: count, in_last: 1 day, equals: 0}, merge: never}

        """)
    try other.write(
      "services.d/s.yaml",
      "services:\n  - {id: s, name: S, in_service_since: 2026-01-01, targets: [{indicator: level, at_least: 50}]}\n  - {id: other, name: O}\n"
    )
    return other
  }

  private struct Diff: Decodable {
    struct Name: Decodable { let id: String }
    struct Review: Decodable { let rule: String, service: String }
    struct DueDay: Decodable { let rule: String, review: String?, service: String, before: String?, after: String }
    let added: [Name], removed: [Name], changed_in_meaning: [Name], changed_in_wording: [Name]
    let opens: [Review], due_days: [DueDay]
  }

  /// What a file says depends on the others of its directory, of which nothing is said.
  @Test func aFileIsCheckedAmongTheOthersOfItsDirectory() throws {
    try configuration.write("rules.d/x.yaml", "rules:\n  - {id: x, title: X, upon: {event: incident}, merg: never}\n")
    let file = configuration.path + "/rules.d/r.yaml"
    let good = try daemon.ctl("rules", "check", file)
    #expect(good.status == 0 && good.output == "1 file: no mistakes; other files have 1 error\n", "\(good.output)")
    let bad = try daemon.ctl("rules", "check", configuration.path + "/rules.d/x.yaml")
    #expect(bad.status == 1 && bad.output.hasSuffix("\n1 file: 1 mistake\n"), "\(bad.output)")
    let tests = try daemon.ctl("rules", "check", configuration.path + "/rules.d/tests/r.test.yaml")
    #expect(tests.status == 2)
    try configuration.write("rules.d/x.yaml", "")
    let diff = try daemon.ctl("rules", "diff", file)
    #expect(diff.status == 2 && diff.errors.contains("r.yaml is a file: name the directory that it lies in"), "\(diff)")
  }

  @Test func aFolderOfTestsIsTestedWithTheRulesBesideIt() throws {
    try configuration.write(
      "rules.d/tests/r.test.yaml",
      "tests:\n  - {title: t, service: {id: s, name: S}, expect: [{at: 2026-01-02, nothing: true}]}\n")
    for path in ["/rules.d/tests", "/rules.d/tests/r.test.yaml", "/rules.d", ""] {
      let outcome = try daemon.ctl("rules", "test", configuration.path + path)
      #expect(outcome.status == 0 && outcome.output.hasPrefix("1 test: all passed"), "\(path): \(outcome)")
    }
  }

  @Test func rulesDiffSaysWhatOtherRulesWouldChange() throws {
    let other = try otherRules()
    let answer = try daemon.ctl("rules", "diff", other.path, "--output", "json")
    let diff = try JSONDecoder().decode(Diff.self, from: Data(answer.output.utf8))
    #expect(diff.added.map(\.id) == ["silent"])
    #expect(diff.removed.isEmpty)
    #expect(diff.changed_in_meaning.map(\.id) == ["monthly"])
    #expect(diff.changed_in_wording.map(\.id) == ["r"])
    #expect(diff.opens.map { "\($0.rule) \($0.service)" }.sorted() == ["silent other", "silent s"])
    #expect(diff.due_days.allSatisfy { $0.rule == "monthly" && $0.before ?? "9" < $0.after })
    #expect(!diff.due_days.isEmpty)
    let same = try daemon.ctl("rules", "diff", configuration.path)
    #expect(same.output == "nothing would change: 2 rules as in force\n")
    let text = try daemon.ctl("rules", "diff", other.path).output
    #expect(
      text.contains(
        """
          ! monthly  Monthly
              was Every 1 month from the day of the last review
        """), "\(text)")
    #expect(text.contains("      is  Every 2 months from the day of the last review"), "\(text)")
  }

  /// Two sets with the same rules were said to be alike, whatever else they declared.
  @Test func rulesDiffNamesWhatIsDeclaredOtherwise() throws {
    let other = try TemporaryFolder()
    try other.write("rules.d/r.yaml", try configuration.read("rules.d/r.yaml"))
    try other.write(
      "services.d/s.yaml",
      "customers: [{id: acme, name: Acme}]\nservices:\n  - {id: s, name: S, customer: acme, in_service_since: 2026-01-01, targets: [{indicator: level, at_least: 60}]}\n"
    )
    #expect(
      try daemon.ctl("rules", "diff", other.path).output.contains(
        """
        Declared otherwise
          + customer acme
          - service other
          ~ service s: customer, targets

        """))
  }

  /// A set that changes no meaning is no reload: what it opens was opened, and lost, before it was compared.
  @Test func rulesDiffNamesTheDueDayOfAnAddedIntervalThatOpensAtOnce() throws {
    let other = try TemporaryFolder()
    let daily = "  - {id: daily, title: D, recurs: {rule: FREQ=DAILY, starts: 2026-01-01}, merge: never}\n"
    try other.write("rules.d/r.yaml", try configuration.read("rules.d/r.yaml") + daily)
    try other.write("services.d/s.yaml", try configuration.read("services.d/s.yaml"))
    let answer = try daemon.ctl("rules", "diff", other.path, "--output", "json")
    let diff = try JSONDecoder().decode(Diff.self, from: Data(answer.output.utf8))
    #expect(diff.added.map(\.id) == ["daily"])
    #expect(diff.due_days.contains { $0.rule == "daily" && $0.service == "s" }, "\(answer.output)")
  }

  /// Two sets that differ in a holiday alone were said to change nothing.
  @Test func rulesDiffNamesTheOpenReviewsThatAnotherCalendarMoves() throws {
    let other = try TemporaryFolder()
    let tomorrow = Date(timeIntervalSinceNow: 86_400).ISO8601Format().prefix(10)
    for (folder, holidays) in [(configuration, ""), (other, String(tomorrow))] {
      let declarations = Scenario.declarations
      try folder.write(
        "rules.d/r.yaml",
        "\(declarations)rules:\n  - {id: w, title: W, upon: {event: incident}, merge: never, review: {due: 3 working days}}\n"
      )
      try folder.write("services.d/s.yaml", "services:\n  - {id: other, name: O, calendar: office}\n")
      try folder.write(
        "calendars.d/c.yaml",
        "calendars:\n  - {id: office, zone: UTC, hours: {mon-sun: [\"09:00-17:00\"]}, holidays: {dates: [\(holidays)]}}\n"
      )
    }
    #expect(try daemon.ctl("rules", "reload").status == 0)
    let review = try openReview()
    let answer = try daemon.ctl("rules", "diff", other.path, "--output", "json")
    let diff = try JSONDecoder().decode(Diff.self, from: Data(answer.output.utf8))
    #expect(diff.due_days.map(\.rule) == ["w"], "\(answer.output)")
    let move = try #require(diff.due_days.first)
    #expect(move.review?.hasPrefix(review) == true && move.before ?? "9" < move.after)
    let text = try daemon.ctl("rules", "diff", other.path).output
    #expect(text.contains("open review \(move.review ?? "?"): \(move.before ?? "?") → \(move.after)"), "\(text)")
  }

  @Test func aForecastCanTryOtherRules() throws {
    let other = try otherRules()
    func dues(_ arguments: [String]) throws -> Int {
      let answer = try run(
        Programs.reviewctl, ["forecast", "--within", "12mo", "--output", "json"] + arguments,
        environment: ["REVIEWD_SOCKET": daemon.socket]
      )
      let object = try #require(try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any])
      return (object["reviews"] as? [Any])?.count ?? 0
    }
    #expect(try dues([]) > dues(["--rules", other.path]))
  }

  @Test func rulesTestSaysWhatFailedAndWritesJUnit() throws {
    let tested = try otherRules()
    try tested.write(
      "rules.d/tests/r.test.yaml",
      """
      tests:
        - title: an incident <opens> a review
          service: {id: s, name: S}
          rules: r
          given: {events: [{event: incident, at: 2026-01-05T10:00}]}
          expect: [{at: 2026-01-05T10:00, reviews: [{rule: r, due: 2026-01-15}]}]

      """)
    let passed = try run(Programs.reviewctl, ["rules", "test", tested.path])
    #expect(passed.status == 0)
    #expect(passed.output == "1 test: all passed; 1 of 3 rules tested, without a test: monthly, silent\n")
    #expect(try run(Programs.reviewctl, ["rules", "test", "--strict", tested.path]).status == 1)
    let file = tested.path + "/rules.d/tests/r.test.yaml"
    try String(contentsOfFile: file, encoding: .utf8).replacing("2026-01-15}", with: "2026-01-16}")
      .write(toFile: file, atomically: true, encoding: .utf8)
    let failed = try run(Programs.reviewctl, ["rules", "test", file, "--junit", tested.path + "/junit.xml"])
    #expect(failed.status == 1)
    #expect(
      failed.output.contains(
        "\(file):6: at 2026-01-05T10:00: the open reviews\n    expected  r due 2026-01-16\n    got       r due 2026-01-15"
      ))
    let xml = try String(contentsOfFile: tested.path + "/junit.xml", encoding: .utf8)
    #expect(xml.contains(#"name="an incident &lt;opens&gt; a review""#))
    #expect(xml.contains(#"<testsuites name="reviewd rule tests" tests="1" failures="1" errors="0">"#))
  }

  @Test func rulesExportIsARuleFileThatPromtoolTakes() throws {
    let other = try otherRules()
    let exported = try run(Programs.reviewctl, ["rules", "export", "--prometheus", other.path])
    #expect(exported.status == 0)
    #expect(exported.output.contains("# not exported: r (Every incident): events are not in Prometheus\n"))
    try other.write("prometheus.yaml", exported.output)
    let checked = try run("/usr/bin/env", ["promtool", "check", "rules", other.path + "/prometheus.yaml"])
    #expect(checked.output.contains("SUCCESS: 1 rules found"))
    #expect(try run(Programs.reviewctl, ["rules", "export", other.path]).status == 2)
    let explained = try run(Programs.reviewctl, ["rules", "explain", "silent", "--rules", other.path])
    #expect(explained.output.contains("PromQL:"))
  }

  @Test func rulesCheckExitsWithOneWhenItFindsSomething() throws {
    try configuration.write("rules.d/x.yaml", "rules:\n  - {id: x, title: X, evry: 1 month}\n")
    let outcome = try run(Programs.reviewctl, ["rules", "check", configuration.path])
    #expect(outcome.status == 1)
    #expect(
      outcome.output == """
        \(configuration.path)/rules.d/x.yaml:2:23: error: unknown key 'evry' in a rule: did you mean 'every'?
            - {id: x, title: X, evry: 1 month}
                                ^
        3 files: 1 error

        """)
  }

  @Test func aReplayOfRulesThatCannotBeReadShowsThemAndTriesNothing() throws {
    let tried = try TemporaryFolder()
    try tried.write("services.d/s.yaml", "services:\n  - {id: s, name: S}\n")
    try FileManager.default.createDirectory(atPath: tried.path + "/rules.d", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: tried.path + "/rules.d/r.yaml", withDestinationPath: "/nonexistent")
    let outcome = try daemon.ctl("rules", "replay", "--from", "-30d", "--rules", tried.path)
    #expect(outcome.status == 1)
    #expect(outcome.output == "\(tried.path)/rules.d/r.yaml: error: the file cannot be read: it links to nothing\n")
  }

  @Test func aReviewGoesThroughItsLife() throws {
    let review = try openReview()
    #expect(
      try daemon.ctl("schedule", String(review.prefix(5)), "--at", "tomorrow 10:00").output.hasPrefix("scheduled "))
    #expect(try daemon.ctl("schedule", review, "--at", "tomorrow 10:00").output.hasPrefix("already scheduled: "))
    #expect(try daemon.ctl("conduct", review).output.hasPrefix("conducted "))
    #expect(
      try daemon.ctl("schedule", review, "--at", "tomorrow 10:00").errors
        == "reviewctl: the review is conducted: 'schedule' comes before that\n")
    #expect(try daemon.ctl("complete", review, "--outcome", "all agreed").output.hasPrefix("completed "))
    let detail = try daemon.object("show", review)
    #expect(detail["outcome"] as? String == "all agreed")
    let history = try #require(detail["history"] as? [[String: Any]])
    #expect(history.compactMap { $0["what"] as? String } == ["opened", "schedule", "conduct", "complete"])
    #expect(history.last?["who"] as? String == "root" || geteuid() != 0)
    #expect(try daemon.ctl("list").output == "no open reviews\n")
  }

  @Test func satisfactionWithoutItsIndicatorIsRefusedAndTheReviewStaysOpen() throws {
    let review = try openReview()
    let outcome = try daemon.ctl("complete", review, "--customer-satisfaction", "4")
    #expect(outcome.status == 4)
    #expect(
      outcome.errors
        == "reviewctl: the satisfaction cannot be stored: no rule file declares the indicator 'customer_satisfaction'\n"
    )
    #expect(
      try daemon.object("show", review)["review"].flatMap { ($0 as? [String: Any])?["state"] } as? String == "pending")
  }

  @Test func aReviewCanBeOpenedAndCancelledByHand() throws {
    let opened = try daemon.object("open", "--service", "s", "--reason", "the customer asked", "--due", "2030-01-31")
    let review = try #require(opened["review"] as? [String: Any])
    #expect(review["due"] as? String == "2030-01-31")
    let id = try #require(review["id"] as? String)
    #expect(try daemon.ctl("show", id).output.contains("the customer asked"))
    #expect(try daemon.ctl("cancel", id, "--reason", "not needed").status == 0)
    #expect(try daemon.ctl("list", "--state", "cancelled").output.contains("cancelled"))
  }

  @Test func recordedValuesAreSeenBesideTheirTargets() throws {
    #expect(
      try daemon.ctl("record", "level", "61.5", "--service", "s").output.hasPrefix("recorded: level of s is 61.5 at "))
    let target = try #require((try daemon.object("service", "s")["targets"] as? [[String: Any]])?.first)
    #expect(target["achieved"] as? Double == 61.5)
    #expect(target["met"] as? String == "true")
    #expect(
      try daemon.ctl("record", "level", "101", "--service", "s").errors
        == "reviewctl: 101 is outside the range of 'level', 0 to 100\n")
  }

  @Test func everyVerbSpeaksJson() throws {
    let review = try openReview()
    for arguments in [
      ["list"], ["show", review], ["services"], ["service", "s"], ["forecast"], ["status"], ["rules", "list"],
      ["rules", "show", "r"],
      ["rules", "check", configuration.path], ["rules", "explain", "--rules", configuration.path],
      ["rules", "replay", "--from", "-30d"],
    ] {
      let outcome = try run(
        Programs.reviewctl, arguments + ["--output", "json"], environment: ["REVIEWD_SOCKET": daemon.socket])
      #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) }
    }
  }

  @Test func importNamesTheLinesThatItRefuses() throws {
    try configuration.write(
      "a.csv", "time,service,indicator,value\n2026-01-05T10:00:00Z,s,level,1\n2026-01-05T10:00:00Z,s,levl,1\n")
    let outcome = try daemon.ctl("import", configuration.path + "/a.csv")
    #expect(outcome.status == 1)
    #expect(outcome.output == "\(configuration.path)/a.csv: 1 taken, 0 known, 1 refused\n")
    #expect(outcome.errors == "\(configuration.path)/a.csv:3: undeclared indicator 'levl': did you mean 'level'?\n")
  }

  @Test func importReadsStandardInputWhenToldWhatItIs() throws {
    let line = #"{"time":"2026-01-05T10:00:00Z","service":"s","indicator":"level","value":1.25}"#
    let arguments = ["import", "-", "--format", "jsonl"]
    let outcome = try run(
      Programs.reviewctl, arguments, environment: ["REVIEWD_SOCKET": daemon.socket], input: Data(line.utf8))
    #expect(outcome.output == "-: 1 taken, 0 known, 0 refused\n")
  }

  @Test func aLongImportShowsItsProgressOnATerminalAndNowhereElse() throws {
    var text = "time,service,indicator,value\n"
    for number in 0..<200_000 {
      text +=
        "2026-01-0\(number % 9 + 1)T\(10 + number / 20_000):\(10 + number / 4000 % 50):\(10 + number / 80 % 50)Z,s,level,\(number % 100)\n"
    }
    try configuration.write("long.csv", text)
    let plain = try daemon.ctl("import", configuration.path + "/long.csv")
    #expect(plain.errors == "")
    let command = "\(Programs.reviewctl) import \(configuration.path)/long.csv --socket \(daemon.socket)"
    let terminal = try run(
      "/usr/bin/script", ["--quiet", "--return", "--command", command, "/dev/null"], environment: ["COLUMNS": "80"])
    #expect(terminal.output.contains("█"))
    #expect(terminal.output.contains("MiB/s"))
    #expect(terminal.output.contains(" % "))
  }

  @Test func tablesFitEightyColumnsAndColourOnlyTerminals() throws {
    try configuration.write(
      "services.d/long.yaml",
      "services:\n  - {id: a-service-with-an-id-that-is-much-longer-than-anybody-would-like-it-to-be, name: L}\n")
    daemon.send(SIGHUP)
    #expect(daemon.notify.wait(for: "READY=1") != nil)
    try daemon.ctl(
      "event", "incident", "--service", "a-service-with-an-id-that-is-much-longer-than-anybody-would-like-it-to-be")
    let narrow = try run(Programs.reviewctl, [], environment: ["REVIEWD_SOCKET": daemon.socket, "COLUMNS": "80"])
    #expect(narrow.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(narrow.output.contains("…"))
    #expect(!narrow.output.contains("\u{1b}"))
    let command = "\(Programs.reviewctl) --socket \(daemon.socket)"
    let coloured = try run(
      "/usr/bin/script", ["-qec", command, "/dev/null"], environment: ["TERM": "xterm", "NO_COLOR": ""])
    #expect(coloured.output.contains("\u{1b}[1m"))
    let plain = try run(
      "/usr/bin/script", ["-qec", command, "/dev/null"], environment: ["TERM": "xterm", "NO_COLOR": "1"])
    #expect(!plain.output.contains("\u{1b}[1m"))
  }

  @Test func aReaderThatWentAwayIsNoError() throws {
    let outcome = try run(
      "/bin/bash",
      ["-c", "set -o pipefail; '\(Programs.reviewctl)' services --output json --socket '\(daemon.socket)' | true"])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func anUnknownVerbIsNotTakenForAnArgumentOfList() throws {
    #expect(try daemon.ctl("lits").errors == "reviewctl: there is no verb 'lits': did you mean 'list'?\n")
  }

  @Test func negativeValuesAreValuesAndNotOptions() throws {
    #expect(
      try daemon.ctl("record", "level", "-5", "--service", "s").errors
        == "reviewctl: -5 is outside the range of 'level', 0 to 100\n")
  }

  @Test func controlCharactersReachNoTerminal() throws {
    #expect(
      try daemon.ctl("open", "--service", "s", "--reason", "a\u{1b}[31mred").errors
        == "reviewctl: the reason holds control characters\n")
    let review = try #require(
      (try daemon.object("event", "incident", "--service", "s", "cause=a\u{1b}[31mred")["effects"] as? [[String: Any]])?
        .first?["review"]
        as? String)
    let shown = try daemon.ctl("show", review).output
    #expect(!shown.contains("\u{1b}"))
    #expect(shown.contains("a\\u{1b}[31mred"))
  }

  @Test func csvIsForPrograms() throws {
    let review = try openReview()
    let lines = try daemon.ctl("list", "--output", "csv").output.split(separator: "\n")
    #expect(
      lines.first == "id,due,services,rule,title,state,overdue,priority,opened,scheduled,conducted,closed,triggers")
    #expect(
      lines.contains { $0.hasPrefix("\(review),20") && $0.contains(",other,r,Any incident,pending,false,normal,20") })
  }

  @Test func anUnreachableDaemonSaysWhatToDo() throws {
    let outcome = try run(Programs.reviewctl, ["list", "--socket", "/nonexistent/s"])
    #expect(
      outcome.errors
        == "reviewctl: reviewd is not reachable at /nonexistent/s: there is no such socket. 'reviewctl doctor' says what to do; --socket or REVIEWD_SOCKET name another place.\n"
    )
  }

  private func openReview() throws -> String {
    let answer = try daemon.object("event", "incident", "--service", "other", "severity=2", "cause=test")
    let effect = try #require((answer["effects"] as? [[String: Any]])?.first)
    return try #require(effect["review"] as? String)
  }
}

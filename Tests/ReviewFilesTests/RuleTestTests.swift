import ReviewEngine
import ReviewFiles
import TestSupport
import Testing

/// The language of rule tests itself.
struct RuleTestTests {
  private static let rules = """
      - {id: c, title: C, when: {indicator: level, below: 50}, evaluate_every: 1 hour, merge: never}
      - {id: e, title: E, upon: {event: incident, where: {severity: 1}}, merge: never, review: {due: 2 days}}
      - id: i
        title: I
        every: 3 months
        adapt: {factors: [{id: low, when: {indicator: level, statistic: average, since: last_review, below: 50}, multiply_by: 0.5}]}
    """

  private func outcomes(_ text: String) throws -> [String] {
    let ruleSet = try Scenario(rules: Self.rules).ruleSet()
    let read = RuleTestReader.read([SourceFile(kind: .rules, path: "t.yaml", text: "tests:\n" + text)], ruleSet)
    guard read.diagnostics.isEmpty else { return read.diagnostics.map(\.description) }
    return try read.tests.flatMap { try $0.run().failures.map(\.description) }
  }

  private let service = "title: t, service: {id: s, name: S, in_service_since: 2026-01-01}"

  @Test func whatIsExpectedPasses() throws {
    #expect(
      try outcomes(
        """
          - title: all kinds of expectations
            service: {id: s, name: S, in_service_since: 2025-01-01}
            given:
              reviews: [{rule: i, completed: 2026-01-15}]
              samples: {level: {2026-02-01T00:30: 40, 2026-02-10: 60}}
              events: [{event: incident, at: 2026-02-20T10:00, severity: 1}, {event: incident, at: 2026-02-20T11:00, severity: 2}]
            expect:
              - {at: 2026-02-01T00:59, unknown: c, reviews: []}
              - {at: 2026-02-01T01:00, unknown: [], reviews: [{rule: c, opened: 2026-02-01T01:00, due: 2026-02-11, triggers: 1}], next: {rule: i, due: 2026-03-01, factors: low}}
              - {at: 2026-02-20T12:00, unknown: c, reviews: [{rule: c}, {rule: i, due: 2026-03-01}, {rule: e, due: 2026-02-22, triggers: 1}]}
        """) == [])
  }

  @Test func aFailureShowsWhatWasExpectedBesideWhatWasGot() throws {
    #expect(
      try outcomes(
        """
          - {\(service), given: {samples: {level: {2026-01-10: 10}}}, expect: [{at: 2026-01-11, reviews: [{rule: c, due: 2026-01-19}], next: [{rule: i, due: 2026-04-02}], unknown: e}]}
        """) == [
          "t.yaml:2: at 2026-01-11: the next review of 'i'\n  expected  due 2026-04-02\n  got       due 2026-04-01",
          "t.yaml:2: at 2026-01-11: the open reviews\n  expected  c due 2026-01-19\n  got       c due 2026-01-20",
          "t.yaml:2: at 2026-01-11: the rules that are unknown\n  expected  e\n  got       none",
        ])
  }

  @Test(arguments: [
    ("1 2 _ 4x2", "1 2 - 4 4 4"), ("1+2x3", "1 3 5 7"), ("-2+4x3", "-2 2 6 10"), ("1-2x4", "1 -1 -3 -5 -7"),
    ("_x3 5", "- - - 5"),
    ("0.1+0.2x2", "0.1 0.3 0.5"),
  ])
  func seriesAreWrittenAsPrometheusWritesThem(_ values: String, _ expected: String) throws {
    // The count of samples in the window of each hour tells which steps hold one; `equals` tells its value.
    let words = expected.split(separator: " ")
    for (index, word) in words.enumerated() {
      let rule =
        word == "-"
        ? "{indicator: amount, statistic: count, in_last: 1 hour, equals: 0}"
        : "{indicator: amount, statistic: latest, equals: \(word)}"
      let ruleSet = try readRuleSet(
        rules: """
          indicators: [{id: amount, title: A, unit: x, better: higher, stale_after: 30 minutes}]
          rules: [{id: c, title: C, when: \(rule), evaluate_every: 1 hour, merge: never}]
          """, services: "services: []")
      let text = """
        tests:
          - title: t
            service: {id: s, name: S}
            from: 2025-12-31T23:30
            given: {samples: {amount: {from: 2026-01-01, step: 1 hour, values: "\(values)"}}}
            expect: [{at: 2026-01-01T0\(index):00, reviews: [{rule: c}]}]
        """
      let read = RuleTestReader.read([SourceFile(kind: .rules, path: "t.yaml", text: text)], ruleSet)
      #expect(read.diagnostics.map(\.description) == [])
      let test = try #require(read.tests.first)
      // An earlier step may have opened it: what counts is that it is open by then.
      if word != "-" || index == 0 { #expect(try test.run().passed, "\(values) at step \(index)") }
    }
  }

  @Test(arguments: [
    ("{title: t, expect: []}", "t.yaml:2:5: error: a test needs a 'service', or 'services' of a 'customer'"),
    (
      "{title: t, service: {id: s, name: S}, given: {samples: {levle: {2026-01-01: 1}}}, expect: [{at: 2026-01-02, nothing: true}]}",
      "t.yaml:2:61: error: undeclared indicator 'levle': did you mean 'level'?"
    ),
    (
      "{title: t, service: {id: s, name: S}, given: {samples: {level: {from: 2026-01-01, step: 1 hour, values: \"1 two\"}}}, expect: [{at: 2026-01-02, nothing: true}]}",
      "t.yaml:2:109: error: 'values': 'two' is no value, such as 3.9, _, 4x2 or 1+2x3"
    ),
    (
      "{title: t, service: {id: s, name: S}, given: {reviews: [{rule: i}]}, expect: [{at: 2026-01-02, nothing: true}]}",
      "t.yaml:2:61: error: a review of the past needs 'completed' or 'cancelled'"
    ),
    (
      "{title: t, service: {id: s, name: S}, expect: [{at: 2026-01-02}]}",
      "t.yaml:2:52: error: an expectation needs one of next, reviews, unknown, nothing"
    ),
    (
      "{title: t, service: {id: s, name: S}, expect: [{at: soon, nothing: true}]}",
      "t.yaml:2:57: error: 'at' must be a date such as 2026-03-01 or a time such as 2026-03-01T10:00, not 'soon'"
    ),
  ])
  func aMistakeInATestIsSaidWithItsPlace(_ test: String, _ said: String) throws {
    #expect(try outcomes("  - \(test)").map { $0.split(separator: "\n")[0] }.contains(Substring(said)))
  }

  @Test(arguments: ["", "tests: []\n"])
  func aFileWithoutATestIsAMistake(_ text: String) throws {
    let read = RuleTestReader.read(
      [SourceFile(kind: .rules, path: "t.yaml", text: text)], try Scenario(rules: Self.rules).ruleSet())
    #expect(read.diagnostics.map(\.message) == ["there is no test in this file"])
  }

  @Test func aMisspeltKeyHidesNoOtherMistake() throws {
    #expect(
      try outcomes(
        "  - {title: t, servce: {id: s, name: S}, given: {events: [{event: incdent, at: 2026-13-01}]}, expect: [{at: soon, nothing: true}]}"
      )
      .map { $0.split(separator: "\n")[0] } == [
        "t.yaml:2:16: error: unknown key 'servce' in a test: did you mean 'service'?",
        "t.yaml:2:67: error: undeclared event type 'incdent': did you mean 'incident'?",
        "t.yaml:2:80: error: 'at' must be a date such as 2026-03-01 or a time such as 2026-03-01T10:00, not '2026-13-01'",
        "t.yaml:2:109: error: 'at' must be a date such as 2026-03-01 or a time such as 2026-03-01T10:00, not 'soon'",
      ])
  }

  @Test func everyShippedRuleHasTestsAndTheyPass() throws {
    let read = RuleSetReader.read(try RuleDirectories(["\(projectDirectory)/rules"]).files())
    let ruleSet = try #require(read.ruleSet)
    let (tests, diagnostics) = RuleTestReader.read(try RuleTestFiles.files("\(projectDirectory)/rules"), ruleSet)
    #expect(diagnostics.map(\.description) == [])
    #expect(try tests.flatMap { try $0.run().failures.map(\.description) } == [])
    #expect(Set(ruleSet.rules.map(\.id)).subtracting(tests.flatMap(\.ruleIds)) == [])
  }
}

import ReviewEngine
import ReviewFiles
import TestSupport
import Testing

/// Which entries of the journal are events, and what they say.
struct JournalSourceTests {
  private static let rules = """
    event_types:
      - {id: incident, title: Incident, attributes: {severity: integer, cause: text, minutes: number, at: time, planned: boolean}}
    """
  private static let catalogue = "services: [{id: shop, name: Shop}, {id: mail, name: Mail}]"

  private func read(_ journal: String) throws -> (sources: [JournalSource], diagnostics: [Diagnostic]) {
    let set = RuleSetReader.read([
      SourceFile(kind: .rules, path: "r.yaml", text: Self.rules),
      SourceFile(kind: .services, path: "s.yaml", text: Self.catalogue),
    ])
    return SettingsReader.journalSources(
      "journal:\n" + journal, path: "reviewd.yaml", ruleSet: try #require(set.ruleSet))
  }

  private func events(_ journal: String, _ fields: [String: [String]]) throws -> [Event] {
    let read = try read(journal)
    #expect(read.diagnostics == [])
    let record = JournalRecord(cursor: "s=1;i=2", time: instant("2026-03-01T10:00:00Z"), fields: fields)
    return JournalSource.events(of: record, by: read.sources)
  }

  private func number(_ text: String) -> AttributeValue { DecimalValue(text).map { .number($0) } ?? .text(text) }

  private static let failed = [
    "MESSAGE_ID": ["d9b373ed55a64feb8242e02dbe79a49c"], "_PID": ["1"], "UNIT": ["web@7.service"],
  ]

  @Test func aFailedUnitIsAnEventOfTheServiceThatTheSettingsName() throws {
    let journal =
      "  - {unit_failed: web@7.service, event: incident, service: shop, attributes: {severity: 2, cause: {field: MESSAGE}}}\n"
    let found = try events(journal, Self.failed.merging(["MESSAGE": ["Failed with result 'exit-code'."]]) { $1 })
    #expect(
      found == [
        Event(
          identity: EventIdentity(source: "journal/shop/incident", id: "s=1;i=2"), type: "incident", service: "shop",
          time: instant("2026-03-01T10:00:00Z"),
          attributes: ["severity": number("2"), "cause": .text("Failed with result 'exit-code'.")])
      ])
  }

  /// Anybody may write such an entry; only the service manager is believed.
  @Test func whatAnotherProgramSaysOfAUnitIsNoEvent() throws {
    let journal = "  - {unit_failed: web@7.service, event: incident, service: shop}\n"
    #expect(try events(journal, Self.failed.merging(["_PID": ["77"]]) { $1 }) == [])
  }

  @Test(arguments: [
    ("web@7.service", true), ("web@*.service", true), ("web*", true), ("*.service", true), ("*@*.*", true),
    ("web@8.service", false),
    ("web@*.socket", false), ("eb@*", false), ("w*b@7.service*e", false),
  ])
  func unitsAreMatchedByPatterns(_ pattern: String, _ matches: Bool) throws {
    #expect(
      try events("  - {unit_failed: \"\(pattern)\", event: incident, service: shop}\n", Self.failed).count
        == (matches ? 1 : 0))
  }

  @Test func allFieldsMustMatchAndOfAListOneIsEnough() throws {
    let journal = "  - {fields: {SYSLOG_IDENTIFIER: backup, PRIORITY: [0, 1, 2, 3]}, event: incident, service: shop}\n"
    #expect(try events(journal, ["SYSLOG_IDENTIFIER": ["backup"], "PRIORITY": ["3"]]).count == 1)
    #expect(try events(journal, ["SYSLOG_IDENTIFIER": ["other", "backup"], "PRIORITY": ["3"]]).count == 1)
    #expect(try events(journal, ["SYSLOG_IDENTIFIER": ["backup"], "PRIORITY": ["4"]]) == [])
    #expect(try events(journal, ["PRIORITY": ["3"]]) == [])
  }

  @Test func oneEntryIsOneEventForEachServiceByTheFirstThatMatches() throws {
    let journal = """
        - {fields: {PRIORITY: 2}, event: incident, service: shop, attributes: {severity: 1}}
        - {fields: {SYSLOG_IDENTIFIER: db}, event: incident, service: shop, attributes: {severity: 3}}
        - {fields: {SYSLOG_IDENTIFIER: db}, event: incident, service: mail}
      """
    let found = try events(journal, ["PRIORITY": ["2"], "SYSLOG_IDENTIFIER": ["db"]])
    #expect(found.map(\.service) == ["shop", "mail"])
    #expect(found[0].attributes == ["severity": number("1")])
  }

  @Test func fieldsAreReadAsTheDeclaredTypesAndLeftOutWhereTheyAreNot() throws {
    let journal = """
        - fields: {SYSLOG_IDENTIFIER: db}
          event: incident
          service: shop
          attributes: {severity: {field: S}, minutes: {field: M}, at: {field: AT}, planned: {field: P}, cause: {field: C}}
      """
    let good = [
      "SYSLOG_IDENTIFIER": ["db"], "S": ["3"], "M": ["1.5"], "AT": ["2026-01-01T00:00:00Z"], "P": ["yes"],
      "C": ["power"],
    ]
    #expect(
      try events(journal, good)[0].attributes == [
        "severity": number("3"), "minutes": number("1.5"), "at": .time(instant("2026-01-01")),
        "planned": .boolean(true), "cause": .text("power"),
      ])
    let bad = ["SYSLOG_IDENTIFIER": ["db"], "S": ["1.5"], "M": ["long"], "AT": ["now"], "P": ["perhaps"]]
    #expect(try events(journal, bad)[0].attributes == [:])
  }

  /// Else a review's announcement would be an incident that opens a review that is announced.
  @Test func whatReviewdAnnouncesIsNoEvent() throws {
    let journal = "  - {fields: {SYSLOG_IDENTIFIER: reviewd}, event: incident, service: shop}\n"
    // Of this version and of those before it.
    for field in ["REVIEWD_FACT", "REVIEWD_ANNOUNCEMENT"] {
      #expect(try events(journal, ["SYSLOG_IDENTIFIER": ["reviewd"], field: ["7"]]) == [])
    }
    #expect(try events(journal, ["SYSLOG_IDENTIFIER": ["reviewd"]]).count == 1)
  }

  @Test func whatTheRulesDoNotHaveIsSaidWithItsPlace() throws {
    let journal = "  - {unit_failed: a.service, event: incidnt, service: shp, attributes: {sverity: 2}}\n"
    #expect(
      try read(journal).diagnostics.map(\.message) == [
        "undeclared event type 'incidnt': did you mean 'incident'?", "undeclared service 'shp': did you mean 'shop'?",
      ])
    let attributes =
      "  - {unit_failed: a.service, event: incident, service: shop, attributes: {sverity: 2, severity: high}}\n"
    #expect(
      try read(attributes).diagnostics.map(\.message) == [
        "the event type 'incident' has no attribute 'sverity': did you mean 'severity'?",
        "'severity' must be a number, not 'high'",
      ])
  }
}

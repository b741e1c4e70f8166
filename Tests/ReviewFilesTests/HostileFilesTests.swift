import Foundation
import ReviewEngine
import ReviewFiles
import TestSupport
import Testing

/// Files that somebody wrote to bring a reader down: each is read or refused, soon, and in little memory.
@Suite(.serialized) struct HostileFilesTests {
  private static let mebibyte = 1 << 20

  private func read(_ text: String, kind: SourceFile.Kind = .rules, path: String = "file.yaml") -> ReadRuleSet {
    RuleSetReader.read([SourceFile(kind: kind, path: path, text: text)])
  }

  private func said(_ text: String) -> [String] { read(text).errors.map { "\($0.line):\($0.column) \($0.message)" } }

  /// What a file of 1 MiB may take, with room for a machine that does other things besides.
  private static let longest = Duration.seconds(3)

  private func timed<Value>(_ title: String, _ body: () throws -> Value) rethrows -> Value {
    let started = ContinuousClock.now
    let value = try body()
    let passed = ContinuousClock.now - started
    #expect(passed < Self.longest, "\(title) took \(passed)")
    return value
  }

  // MARK: Lines

  @Test(arguments: ["\r", "\r\n", "\n"])
  func aRuleIsWrittenInItsOwnLinesWhateverEndsThem(_ end: String) throws {
    let rules = (0..<3).map { "  - id: r\($0)\(end)    title: R\(end)    every: 1 month\(end)" }
    // Half of the lines end otherwise, as where two editors were at work.
    let read = read("# a\n# b\n# c\nrules:\n" + rules.joined())
    #expect(read.diagnostics.isEmpty)
    #expect(read.ruleSet?.rules.map(\.text) == (0..<3).map { "id: r\($0)\ntitle: R\nevery: 1 month" })
  }

  @Test(arguments: [("\u{85}", "0085"), ("\u{2028}", "2028"), ("\u{2029}", "2029")])
  func aLineEndThatOnlySomeReadersSeeIsNamed(_ end: String, _ name: String) {
    #expect(
      said("rules:\n  - id: r\(end)    title: R\n").first
        == "2:10 U+\(name) ends a line for some readers and not for others: delete it")
  }

  @Test func rulesOfOneLineAreEachTheirOwnText() throws {
    let read = read("rules: [{id: a, title: A, every: 1 day}, {id: b, title: B, every: 1 day}]\n")
    #expect(read.ruleSet?.rules.map(\.text) == ["{id: a, title: A, every: 1 day}", "{id: b, title: B, every: 1 day}]"])
  }

  // MARK: Keys

  @Test func aKeyOfBracketsGivenTwiceIsReportedAndNoRegularExpression() {
    let key = String(repeating: "[", count: 5000)
    let messages = said("k: {? \"\(key)\" : 1, ? \"\(key)\" : 1}")
    #expect(messages.count == 1 && messages[0].hasPrefix("1:5017 the key '[[[") && messages[0].utf8.count < 1200)
  }

  @Test func aKeyThatWouldBacktrackForEverIsAKeyLikeAnyOther() {
    timed("(a+)+b") {
      #expect(
        said("(a+)+b: 1\n(a+)+b: 1\n# \(String(repeating: "a", count: 60))\n") == [
          "2:1 the key '(a+)+b' is given twice"
        ])
    }
  }

  @Test func thirtyThousandKeysGivenTwiceAreFoundInOnePass() {
    let messages = timed("30,000 keys") { said((0..<30_000).map { "k\($0): 1\nk\($0): 1\n" }.joined()) }
    #expect(messages.count == 10)
    #expect(messages.first == "2:1 the key 'k0' is given twice")
    #expect(messages.last == "20:1 the key 'k9' is given twice, and 29990 more keys of this mapping are")
  }

  @Test func aliasesAsKeysAreRefusedBeforeAnythingIsMadeOfThem() {
    var text = "a0: &a0 x\n"
    for level in 1...7 {
      text += "? &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n: x\n"
    }
    timed("aliases") { #expect(said(text) == ["1:5 anchors and aliases are not allowed: write the value out"]) }
  }

  /// libyaml takes such keys, and whoever looks for duplicates hashes each once for every level around it.
  @Test(arguments: ["? ", "{? ", "{", "[{", "{a, "])
  func keysThatAreNoWordsAreRefusedHoweverDeepTheyLie(_ opening: String) {
    let text = String(repeating: opening, count: 490) + "[" + String(repeating: "a,", count: 400_000) + "]"
    timed(opening) { #expect(said(text).count == 1) }
  }

  @Test(arguments: [("[", "1:65"), ("- ", "1:129"), ("{a: ", "1:257"), ("[{a: ", "1:161"), ("a:\n", "")])
  func tenThousandLevelsAreTooMany(_ opening: String, _ place: String) {
    let levels =
      opening.hasSuffix("\n")
      ? (0..<10_000).prefix(400).map { String(repeating: " ", count: $0) + opening }.joined() : ""
    let messages = said(levels.isEmpty ? String(repeating: opening, count: 10_000) : levels)
    #expect(
      messages.count == 1 && messages[0].hasSuffix("not valid YAML: too many levels inside one another: at most 64")
        && messages[0].hasPrefix(place))
  }

  @Test func conditionsWithinConditionsAreReadAsDeepAsFilesGo() throws {
    let condition = (0..<20).reduce("{service: {labels: {a: b}}}") { inner, _ in "{all_of: [\(inner)]}" }
    #expect(read("rules:\n  - {id: r, title: R, when: \(condition)}\n").diagnostics.isEmpty)
  }

  // MARK: Sizes

  @Test func aFileOfTwoHundredMebibytesIsNotRead() throws {
    let folder = try TemporaryFolder()
    try folder.write("rules.d/a.yaml", "rules: []\n")
    try folder.write("rules.d/big.yaml", "")
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder.path)/rules.d/big.yaml"))
    try file.truncate(atOffset: 200 << 20)
    try file.close()
    let before = residentPeakBytes()
    let read = try timed("200 MiB") { RuleSetReader.read(try RuleDirectories([folder.path]).files()) }
    #expect(read.errors.map(\.message) == ["the file cannot be read: it is larger than 1 MiB"])
    #expect(residentPeakBytes() - before < 20 << 20)
  }

  @Test func filesThatAreTooLargeTogetherAreRefusedByWhoeverReadsThem() throws {
    let folder = try TemporaryFolder()
    let text = String(repeating: "#", count: Self.mebibyte)
    for index in 0..<17 { try folder.write("rules.d/\(index).yaml", text) }
    let error = #expect(throws: DirectoryError.self) { try RuleDirectories([folder.path]).files() }
    #expect(error?.cause == "the files are larger than 16 MiB together")
    let read = RuleSetReader.read((0..<17).map { SourceFile(kind: .rules, path: "\($0).yaml", text: text) })
    #expect(read.errors.map(\.message) == ["the files are larger than 16 MiB together"])
  }

  @Test func filesOfHolidaysAndOfTestsHaveTheSameLimit() throws {
    let text = String(repeating: "\n", count: Self.mebibyte + 1)
    #expect(
      read(text, kind: .calendars, path: "calendars.d/a.ics").errors.map(\.message) == ["the file is larger than 1 MiB"]
    )
    #expect(SettingsReader.read(text, path: "s.yaml").diagnostics.map(\.message) == ["the file is larger than 1 MiB"])
    let tests = RuleTestReader.read(
      [SourceFile(kind: .rules, path: "t.test.yaml", text: text)], try Scenario(rules: "").emptyRuleSet())
    #expect(tests.diagnostics.map(\.message) == ["the file is larger than 1 MiB"])
  }

  @Test func aFileOfVeryManyValuesIsToBeSplit() {
    #expect(
      said("a: [" + String(repeating: "a,", count: 200_000) + "]").first?.hasSuffix(
        "a file holds at most 150000 values and keys: split it")
        == true)
  }

  @Test func ofVeryManyMistakesTheFirstAreShownAndTheOthersCounted() {
    let messages = said("rules:\n" + String(repeating: "  - x\n", count: 1000))
    #expect(messages.count == 201)
    #expect(messages.last == "0:0 800 more mistakes are not shown")
  }

  // MARK: Names

  @Test func aMegabyteOfMisspeltNamesAmongTenThousandServicesIsRefusedAtOnce() {
    let services = "services:\n" + (0..<10_000).map { "  - {id: service-\($0), name: S}\n" }.joined()
    let names = (0..<65_000).map { "sirvice-\($0)" }.joined(separator: ", ")
    let read = timed("misspelt names") {
      RuleSetReader.read([
        SourceFile(
          kind: .rules, path: "r.yaml",
          text: "rules:\n  - {id: r, title: R, every: 1 day, applies_to: {services: [\(names)]}}\n"),
        SourceFile(kind: .services, path: "s.yaml", text: services),
      ])
    }
    #expect(read.errors.count == 201)
    #expect(read.errors[0].message.hasPrefix("undeclared service 'sirvice-0': did you mean 'service-0'?"))
    #expect(read.errors.count { $0.message.contains("did you mean") } == 20)
  }

  @Test func aMegabyteOfUnknownKeysIsRefusedAtOnce() {
    let keys = (0..<45_000).map { "evry\($0): 1" }.joined(separator: ", ")
    timed("unknown keys") { #expect(said("rules:\n  - {\(keys)}\n").count == 201) }
  }

  @Test func thirtyThousandCalendarsReadTheirZoneOnce() {
    let calendars = (0..<25_000).map { "  - {id: c\($0), zone: Europe/Madrid}\n" }.joined()
    timed("zones") { #expect(read("calendars:\n" + calendars, kind: .calendars).diagnostics.isEmpty) }
  }

  // MARK: Holidays

  private func holidays(_ events: String) throws -> Set<Day> {
    let set = try [SourceFileText.rules, SourceFileText.calendar("BEGIN:VCALENDAR\n\(events)END:VCALENDAR\n")].ruleSet()
    return set.calendars.first?.holidays ?? []
  }

  private func event(_ lines: String...) -> String { "BEGIN:VEVENT\n\(lines.joined(separator: "\n"))\nEND:VEVENT\n" }

  @Test(arguments: ["1601", "1900", "0001"])
  func aHolidayThatBeganLongAgoComesEveryYear(_ year: String) throws {
    let days = try timed(year) { try holidays(event("DTSTART;VALUE=DATE:\(year)1225", "RRULE:FREQ=YEARLY")) }
    #expect(days.count == 231)
    #expect(days.contains(day("1970-12-25")) && days.contains(day("2026-12-25")) && days.contains(day("2200-12-25")))
  }

  @Test func ofAHolidayOfEightThousandYearsThoseDaysCountThatAnybodyAsksFor() throws {
    let days = try timed("8,000 years") {
      try holidays(event("DTSTART;VALUE=DATE:00010101", "DTEND;VALUE=DATE:80000101"))
    }
    #expect(days.count == 84_371)
  }

  private func errors(_ events: String) -> [String] {
    read("BEGIN:VCALENDAR\n\(events)END:VCALENDAR\n", kind: .calendars, path: "calendars.d/a.ics").errors.map(\.message)
  }

  @Test func eventsAndTheirDaysAreLimited() {
    timed("events") {
      let event = event("DTSTART:20260101")
      #expect(errors(String(repeating: event, count: 10_001)) == ["a file of holidays has at most 10000 events"])
    }
    timed("days") {
      let event = event("DTSTART:00010101", "DTEND:80000101")
      #expect(
        errors(String(repeating: event, count: 9000)) == ["the events up to this one have more than 1000000 days"])
    }
    timed("work") {
      let event = event("DTSTART:00010101", "RRULE:FREQ=DAILY;COUNT=100000;BYMONTHDAY=30;BYMONTH=2")
      let messages = errors(String(repeating: event, count: 9000))
      #expect(messages == ["the recurring events up to this one look at more than 5000000 days"])
    }
    timed("two events of every day") {
      let event = event("DTSTART:00010101", "DURATION:P9999W", "RRULE:FREQ=DAILY")
      #expect(errors(event + event) == ["the events up to this one have more than 1000000 days"])
    }
  }

  @Test func aHundredThousandDurationsAreReadWithoutARegularExpressionEach() {
    timed("durations") {
      #expect(
        errors(event("DTSTART:20260101", String(repeating: "DURATION:P1D\n", count: 80_000) + "DURATION:P2W")) == [])
    }
    timed("broken durations") {
      #expect(errors(event("DTSTART:20260101", String(repeating: "DURATION:P1Y\n", count: 80_000))).count == 201)
    }
  }

  @Test func thirtyThousandCalendarsOfManyHolidaysAreTooMany() {
    let ics = "BEGIN:VCALENDAR\n" + event("DTSTART:19700101", "DTEND:22010101") + "END:VCALENDAR\n"
    let calendars = (0..<10_000).map { "  - {id: c\($0), zone: UTC, holidays: {dates: [2026-01-01], ics: [a.ics]}}\n" }
      .joined()
    let read = timed("calendars") {
      RuleSetReader.read([
        SourceFile(kind: .calendars, path: "calendars.d/a.ics", text: ics),
        SourceFile(kind: .calendars, path: "calendars.d/c.yaml", text: "calendars:\n" + calendars),
      ])
    }
    #expect(read.errors.first?.message == "all calendars together have at most 1000000 holidays")
  }

  @Test func whatIsCountedBeginsInACenturyThatCounts() {
    let rule = "rules:\n  - {id: r, title: R, recurs: {rule: FREQ=DAILY;COUNT=9, starts: 0001-01-01}}\n"
    #expect(said(rule).first?.hasSuffix("COUNT counts from 'starts', which is 1900-01-01 at the earliest then") == true)
  }

  @Test func tenThousandRulesThatNeverComeAreJudgedForAWhile() {
    let rules = (0..<8000).map {
      "  - {id: r\($0), title: R, recurs: {rule: FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30, starts: 0001-01-01}}\n"
    }
    timed("rules that never come") { #expect(read("rules:\n" + rules.joined()).errors.isEmpty) }
  }

  @Test func aFileOfTestsThatGivesMillionsOfSamplesIsRefused() throws {
    let series = "{from: 2026-01-01, step: 1 minute, values: \"1x99999\"}"
    let tests = (0..<10_000).map {
      "  - {title: t\($0), service: {id: s, name: S}, given: {samples: {level: \(series)}}, expect: [{at: 2026-01-01, nothing: true}]}\n"
    }
    let read = try timed("samples") {
      RuleTestReader.read(
        [SourceFile(kind: .rules, path: "t.test.yaml", text: "tests:\n" + tests.prefix(3000).joined())],
        try Scenario(rules: "").emptyRuleSet())
    }
    #expect(read.diagnostics.contains { $0.message == "a file gives at most 1000000 samples and events" })
  }

  // MARK: Memory

  private func growth(_ body: () -> Void) -> Int {
    // What the process took at most before is told apart by asking for a peak of its own.
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
    let before = residentPeakBytes()
    body()
    return residentPeakBytes() - before
  }

  @Test(arguments: [
    "\n", "a,", "k: v\n", "- {id: service, name: Service, labels: {a: b}}\n", "# a comment\n", "\"a\" ", "[", "é",
    "  - x\n", "a: [b, c]\n",
  ])
  func aMegabyteOfAnythingTakesTenTimesItselfAtMost(_ piece: String) {
    let text = String(repeating: piece, count: Self.mebibyte / piece.utf8.count)
    // Other tests of the process grow meanwhile: the least of a few is what this one takes at most.
    let grown = (0..<5).map { _ in growth { _ = read(text).diagnostics.map(\.description) } }.min() ?? 0
    #expect(grown <= 10 * Self.mebibyte + Self.mebibyte * 6, "\(piece.debugDescription) took \(grown >> 20) MiB")
  }
}

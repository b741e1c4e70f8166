import ReviewEngine
import ReviewWords
import TestSupport
import Testing

struct WorkingCalendarTests {
  private static func calendar() throws -> WorkingCalendar {
    let text = """
      calendars:
        - id: madrid
          zone: Europe/Madrid
          hours: {mon-thu: ["09:00-14:00", "15:00-18:00"], fri: ["09:00-15:00"]}
          holidays: {dates: [2026-12-07], yearly: ["01-01", "12-25"]}
      """
    let ruleSet = try readRuleSet(rules: "rules: []", services: "services: []", calendars: text)
    return try #require(ruleSet.calendars.first)
  }

  @Test(arguments: [
    ("2026-12-01", 1, "2026-12-02"), ("2026-12-04", 1, "2026-12-08"), ("2026-12-05", 1, "2026-12-08"),
    ("2026-12-24", 1, "2026-12-28"),
    ("2026-12-31", 1, "2027-01-04"), ("2026-12-01", 10, "2026-12-16"), ("2026-12-08", -1, "2026-12-04"),
    ("2026-12-06", -1, "2026-12-04"),
    ("2026-12-06", 0, "2026-12-06"), ("2026-12-28", -2, "2026-12-23"),
  ])
  func workingDaysAreCountedFromTheDayAfter(_ start: String, _ count: Int, _ end: String) throws {
    let calendar = try Self.calendar()
    #expect(DayAmount.workingDays(count).added(to: day(start), in: calendar) == day(end))
    if count > 0 { #expect(calendar.workingDays(after: day(start), through: day(end)) == count) }
  }

  @Test(arguments: [
    // Tuesday 09:00 in Madrid is 08:00 UTC; the break of an hour does not count.
    ("2026-12-01T08:00:00Z", 8, "2026-12-01T17:00:00Z"), ("2026-12-01T12:30:00Z", 1, "2026-12-01T14:30:00Z"),
    ("2026-12-01T22:00:00Z", 1, "2026-12-02T09:00:00Z"), ("2026-12-04T13:00:00Z", 2, "2026-12-08T09:00:00Z"),
    // Clocks go forward on 29 March 2026: the Monday after begins at 07:00 UTC.
    ("2026-03-27T13:00:00Z", 2, "2026-03-30T08:00:00Z"),
  ])
  func workingHoursPassOnlyWhilePeopleWork(_ start: String, _ hours: Int, _ end: String) throws {
    let calendar = try Self.calendar()
    #expect(WorkingAmount.hours(hours).added(to: instant(start), in: calendar) == instant(end))
    #expect(calendar.workingTime(from: instant(start), to: instant(end)) == .hours(Int64(hours)))
  }

  @Test func workingDaysKeepTheTimeOfDay() throws {
    #expect(
      WorkingAmount.days(1).added(to: instant("2026-03-27T09:30:00Z"), in: try Self.calendar())
        == instant("2026-03-30T08:30:00Z"))
  }

  @Test(arguments: ["5 working days", "1 working hour"])
  func workingAmountsAreReadAsTheyAreWritten(_ text: String) throws {
    #expect(try WorkingAmount(text).description == text)
  }

  @Test func anAmountOfAnotherKindIsNoWorkingTime() {
    #expect(throws: AmountError(message: "'5 days' is not working time: write working hours or working days")) {
      try WorkingAmount("5 days")
    }
  }

  @Test func aCalendarOfHolidaysIsImported() throws {
    let files = [
      SourceFileText.rules,
      SourceFileText.calendar(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260402\r\nDTEND;VALUE=DATE:20260404\r\nSUMMARY:Easter, which is\r\n  folded\r\nEND:VEVENT\r\n"
          + "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20241012\r\nRRULE:FREQ=YEARLY;UNTIL=20270101\r\nEXDATE;VALUE=DATE:20251012\r\nEND:VEVENT\r\n"
          + "BEGIN:VEVENT\r\nDTSTART:20260505T090000Z\r\nDTEND:20260505T170000Z\r\nEND:VEVENT\r\n"
          + "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260601\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"),
    ]
    let calendar = try #require(try files.ruleSet().calendars.first)
    let days = ["2024-10-12", "2026-04-02", "2026-04-03", "2026-05-05", "2026-10-12"]
    #expect(calendar.holidays == Set(days.map { day($0) }))
  }
}

/// Days, months and quarters of a service are those of its zone.
struct ZonedTests {
  private let calendars = "calendars:\n  - {id: office, zone: America/New_York}"

  @Test func aDueDayEndsWithTheDayOfTheZone() throws {
    var scenario = Scenario(rules: "  - {id: e, title: E, upon: {event: incident}, merge: never, review: {due: 1 day}}")
    scenario.calendars = calendars
    scenario.service = "in_service_since: 2026-01-01, calendar: office"
    // 22:00 of the evening before, in New York.
    scenario.events = [event("2026-01-05T03:00:00Z")]
    #expect(try scenario.reviews() == ["e 2026-01-05T03:00 due 2026-01-05 ×1"])
    #expect(try scenario.run()[0].completed == instant("2026-01-05T05:00:00Z"))
  }

  @Test(arguments: [
    ("in: month", "2026-01-31T23:30:00Z", "2026-02-01T04:00:00Z", 1),
    ("in: month", "2026-01-31T23:30:00Z", "2026-02-01T05:00:00Z", 0),
    ("in: last_month", "2026-01-31T23:30:00Z", "2026-02-01T05:00:00Z", 1),
    ("in: last_month", "2026-02-01T04:59:59Z", "2026-02-01T05:00:00Z", 1),
    ("in: last_month", "2026-02-01T05:00:00Z", "2026-02-01T05:00:00Z", 0),
    ("in: month", "2026-02-01T05:00:00Z", "2026-02-01T05:00:00Z", 1),
    ("in: quarter", "2026-01-01T05:00:00Z", "2026-03-31T05:00:00Z", 1),
    ("in: quarter", "2026-01-01T04:00:00Z", "2026-03-31T05:00:00Z", 0),
    ("in: last_quarter", "2026-01-01T04:00:00Z", "2026-03-31T05:00:00Z", 1),
    ("in: year", "2026-01-01T05:00:00Z", "2026-12-31T05:00:00Z", 1),
    ("in: last_year", "2026-01-01T04:00:00Z", "2026-12-31T05:00:00Z", 1),
  ])
  func windowsByTheCalendar(_ window: String, _ sample: String, _ at: String, _ count: Int) throws {
    var scenario = Scenario(
      rules:
        "  - {id: r, title: R, when: {indicator: level, statistic: count, \(window), equals: \(count)}, evaluate_every: 1 minute, merge: never}"
    )
    scenario.calendars = calendars
    scenario.service = "in_service_since: 2025-01-01, calendar: office"
    scenario.levels = [level(sample, "1")]
    scenario.from = (instant(at) - .minutes(1)).description
    scenario.to = at
    #expect(try scenario.run().count == 1)
  }
}

struct StatisticOverTimeTests {
  private func verdict(_ condition: String, _ levels: [(String, String)], at: String = "2026-01-02T12:00:00Z") throws
    -> Finding
  {
    var scenario = Scenario(
      rules: "  - {id: r, title: R, when: {\(condition)}, if_unknown: open, evaluate_every: 1 hour, merge: never}")
    scenario.levels = levels.map { level($0.0, $0.1) }
    scenario.from = (instant(at) - .hours(1)).description
    scenario.to = at
    return try #require(try scenario.run().first?.triggers.first?.evidence.findings?.first)
  }

  @Test func aTimeAverageWeighsEachValueByHowLongItHeld() throws {
    let levels = [("2026-01-02T06:00:00Z", "10"), ("2026-01-02T07:00:00Z", "40")]
    // 1 hour of 10 and 5 hours of 40.
    #expect(try verdict("indicator: level, statistic: time_average, in_last: 1 day, at_least: 0", levels).value == 35)
  }

  @Test func aValueHoldsAtMostUntilItIsStale() throws {
    let levels = [("2025-12-29T12:00:00Z", "10"), ("2026-01-02T06:00:00Z", "60")]
    // 24 hours of 10, which is stale after a day, and 6 hours of 60.
    #expect(try verdict("indicator: level, statistic: time_average, in_last: 10 days, at_least: 0", levels).value == 20)
  }

  @Test func aSingleValueAtTheVeryEndCountsAsItIs() throws {
    let levels = [("2026-01-02T12:00:00Z", "7")]
    #expect(try verdict("indicator: level, statistic: time_average, in_last: 1 day, at_least: 0", levels).value == 7)
  }

  @Test func aDifferenceIsTheNewestLessTheOldest() throws {
    let levels = [("2026-01-02T06:00:00Z", "10.5"), ("2026-01-02T07:00:00Z", "90"), ("2026-01-02T08:00:00Z", "4")]
    #expect(try verdict("indicator: level, statistic: difference, in_last: 1 day, below: 0", levels).value == -6.5)
  }

  @Test func withLessThanTheAskedCoverageTheAnswerIsUnknown() throws {
    let hours = (0..<5).map { ("2026-01-02T0\($0 + 3):00:00Z", "10") }
    let condition = "indicator: level, statistic: average, in_last: 10 hours, below: 50, coverage: "
    #expect(try verdict(condition + "50%", hours).verdict == .true)
    let unknown = try verdict(condition + "51%", hours)
    #expect(unknown.verdict == .unknown)
    #expect(unknown.reason == "5 samples, fewer than 51 % of those expected every 1 hour")
  }
}

struct TargetTests {
  private func scenario(_ condition: String, targets: String) -> Scenario {
    var scenario = Scenario(rules: "  - {id: r, title: R, when: {\(condition)}, evaluate_every: 1 day, merge: never}")
    scenario.service = "in_service_since: 2026-01-01, targets: [\(targets)]"
    scenario.to = "2026-06-02"
    scenario.assumed = .never
    return scenario
  }

  private let monthly = "{indicator: level, statistic: average, in: month, at_least: 50}"

  @Test func aTargetIsMissedOverItsOwnWindow() throws {
    var scenario = scenario(
      "target_missed: any", targets: "{indicator: level, statistic: minimum, in_last: 2 days, at_least: 50}, \(monthly)"
    )
    scenario.levels = [level("2026-01-03T01:00:00Z", "90"), level("2026-01-04T01:00:00Z", "40")]
    let review = try #require(try scenario.run().first)
    #expect(review.opened == instant("2026-01-05"))
    #expect(
      review.triggers[0].evidence.summary
        == "level had a minimum of 40 in the last 2 days, target at least 50 missed (2 samples)")
  }

  @Test func aServiceWithoutTheTargetIsNotEvaluated() throws {
    var scenario = scenario("target_missed: level", targets: "")
    scenario.levels = [level("2026-01-03", "40")]
    #expect(try scenario.reviews() == [])
  }

  @Test func ofAServiceWithoutTargetsNoneIsMissed() throws {
    var scenario = scenario("any_of: [{target_missed: any}, {indicator: level, below: 50}]", targets: "")
    scenario.levels = [level("2026-01-03", "40")]
    #expect(try scenario.reviews().count == 1)
    scenario.levels = [level("2026-01-03", "60")]
    #expect(try scenario.reviews() == [])
  }

  @Test func inAMonthInWhichAnyTargetWasMissedOneCounts() throws {
    let other = "{indicator: level, statistic: minimum, in: month, at_least: 45}"
    var scenario = scenario(
      "target_missed: any, repeated: {times: 2, of_last: 3, period: month}", targets: "\(monthly), \(other)")
    // In January the average alone is below, in March the minimum alone.
    scenario.levels = [
      level("2026-01-15", "48"), level("2026-02-15", "90"), level("2026-03-15", "40"), level("2026-03-16", "90"),
      level("2026-04-15", "90"),
    ]
    #expect(try scenario.run().map(\.opened) == [instant("2026-04-01")])
  }

  @Test func repeatedCountsWholePastMonths() throws {
    var scenario = scenario("target_missed: any, repeated: {times: 2, of_last: 3, period: month}", targets: monthly)
    scenario.levels = [
      level("2026-01-15", "40"), level("2026-02-15", "90"), level("2026-03-15", "40"), level("2026-04-15", "90"),
    ]
    let review = try #require(try scenario.run().first)
    #expect(review.opened == instant("2026-04-01"))
    #expect(
      review.triggers[0].evidence.summary
        == "level averaged 40 in the time from 1 Mar to 31 Mar, target at least 50 missed (1 sample); level averaged 40 in the time from 1 Jan to 31 Jan, target at least 50 missed (1 sample)"
    )
  }

  @Test func aMonthWithoutFiguresMayHaveBeenMissed() throws {
    var scenario = scenario("target_missed: any, repeated: {times: 2, of_last: 2, period: month}", targets: monthly)
    scenario.rules = scenario.rules.replacing("evaluate_every", with: "if_unknown: open, evaluate_every")
    scenario.levels = [level("2026-01-15", "40"), level("2026-03-15", "90")]
    scenario.from = "2026-02-27"
    scenario.to = "2026-05-20"
    // On 28 February: January missed, December unknown. From April on March is one of the two, and was met.
    #expect(try scenario.reviews() == ["r 2026-02-28 due 2026-03-10 ×1"])
  }

  @Test func anOfferingGivesItsTargets() throws {
    var scenario = Scenario(
      rules:
        "  - {id: r, title: R, applies_to: {offerings: gold}, when: {indicator: level, below: target}, merge: never}")
    scenario.catalogue = """
      offerings: [{id: gold, targets: [{indicator: level, at_least: 50}]}, {id: silver, targets: [{indicator: level, at_least: 20}]}]
      services:
        - {id: a, name: A, offering: gold, in_service_since: 2026-01-01}
        - {id: b, name: B, offering: silver, in_service_since: 2026-01-01}
      """
    scenario.levels = [level("2026-01-05", "10", of: "a"), level("2026-01-05", "10", of: "b")]
    #expect(try scenario.run().map(\.subject) == [.service("a")])
  }
}

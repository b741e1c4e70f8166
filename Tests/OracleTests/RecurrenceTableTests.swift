import ReviewEngine
import ReviewFiles
import TestSupport
import Testing

/// Stretches of years, worked out when they are asked for, say what all years together say.
struct RecurrenceTableTests {
  private typealias Entry = (occurrence: Day, due: Day)

  private static let office = WorkingCalendar(
    id: "office", zone: .utc, hours: Array(repeating: [.init(startMinute: 540, endMinute: 1020)], count: 5) + [[], []],
    holidays: [day("2026-01-06"), day("2026-01-07")], yearlyHolidays: [.init(month: 12, dayOfMonth: 25)])

  @Test func aTableOfStretchesSaysWhatAWholeTableSays() throws {
    let seed = testSeed()
    var generator = SeededGenerator(seed: seed)
    for round in 0..<Oracle.count(sample: 60, long: 1000) {
      let one = RecurrenceGenerator.next(&generator)
      let shifts: [Recurrence.Shift?] = [nil, .nextWorkingDay, .previousWorkingDay]
      let shift = shifts.randomElement(using: &generator) ?? nil
      let cause = RecurrenceCause(recurrence: try Recurrence(one.rule, start: one.start), shift: shift)
      let (table, whole) = (RecurrenceTable(cause, Self.office), entries(cause, Self.office))
      for _ in 0..<20 {
        let asked = asked(one, &generator)
        let last = Bool.random(using: &generator) ? asked + Int.random(in: -400...400, using: &generator) : nil
        let found = table.first(notBefore: asked, after: last).map { "\($0.occurrence) \($0.due) \($0.interval ?? -1)" }
        #expect(found == first(whole, asked, last), "seed \(seed) round \(round): \(one) \(asked)")
      }
    }
  }

  /// Some day, and as often one about where the years begin that a table works out together.
  private func asked(_ one: RecurrenceOracleTests.Case, _ generator: inout SeededGenerator) -> Day {
    if Bool.random(using: &generator) { return one.start.day + Int.random(in: -1000...90_000, using: &generator) }
    let beginnings = [1978, 1986, 1994, 2002, 2010, 2018, 2026, 2034, 2042].map { day("\($0)-01-01") }
    return generator.pick(beginnings) + Int.random(in: -4...4, using: &generator)
  }

  private func entries(_ cause: RecurrenceCause, _ calendar: WorkingCalendar) -> [Entry] {
    var entries: [Entry] = []
    for moment in cause.recurrence.occurrences(in: calendar.zone) where entries.last?.occurrence != moment.day {
      entries.append((moment.day, cause.shift.map { calendar.workingDay($0, from: moment.day) } ?? moment.day))
    }
    return entries
  }

  private func first(_ entries: [Entry], _ asked: Day, _ last: Day?) -> String? {
    guard
      let index = entries.firstIndex(where: { entry in
        entry.due >= asked && (last.map { entry.occurrence > $0 } ?? true)
      })
    else {
      return nil
    }
    let neighbours = [
      index > 0 ? entries[index - 1].due : nil, index + 1 < entries.count ? entries[index + 1].due : nil,
    ]
    let interval = neighbours.compactMap { $0 }.first.map { abs(entries[index].due - $0) } ?? -1
    return "\(entries[index].occurrence) \(entries[index].due) \(interval)"
  }

  /// The day before the years that a table works out together begin is moved into them.
  @Test func anOccurrenceThatIsMovedIntoTheNextYearsIsFound() throws {
    let start = Recurrence.Moment(day: day("2010-12-31"), minute: 0)
    let cause = RecurrenceCause(recurrence: try Recurrence("FREQ=YEARLY", start: start), shift: .nextWorkingDay)
    let found = RecurrenceTable(cause, Self.office).first(notBefore: day("2018-01-01"), after: nil)
    #expect(found?.occurrence == day("2017-12-31") && found?.due == day("2018-01-01"))
  }

  @Test func jumpingAheadSkipsWhatLiesBefore() throws {
    let seed = testSeed()
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<Oracle.count(sample: 200, long: 4000) {
      let one = RecurrenceGenerator.next(&generator)
      let rule = try Recurrence(one.rule, start: one.start)
      let first = one.start.day + Int.random(in: -500...5000, using: &generator)
      let jumped = Array(rule.occurrences(in: .utc, from: first).prefix(20))
      #expect(
        jumped == Array(rule.occurrences(in: .utc).lazy.filter { $0.day >= first }.prefix(20)),
        "seed \(seed): \(one) from \(first)")
    }
  }

  @Test(.timeLimit(.minutes(1))) func rulesOfEveryDaySinceTheYearOneCostNothingAtALoad() throws {
    let rules = (0..<1000).map {
      "  - {id: r\($0), title: R, recurs: {rule: FREQ=DAILY, starts: 0001-01-01}, opens_before: 1 day}"
    }
    let calendars = (0..<10).map { "  - {id: c\($0), zone: UTC}" }
    let services = (0..<10).map { "  - {id: s\($0), name: S, calendar: c\($0)}" }
    let started = ContinuousClock.now
    let ruleSet = try readRuleSet(
      rules: "rules:\n" + rules.joined(separator: "\n"), services: "services:\n" + services.joined(separator: "\n"),
      calendars: "calendars:\n" + calendars.joined(separator: "\n"))
    let evaluation = Evaluation(ruleSet: ruleSet)
    let subject = try #require(ruleSet.subjects { _, _ in day("2026-01-01") }.first)
    let progress = subject.progress(of: ruleSet.rules[0], meetingOn: day("2026-01-01"))
    #expect(evaluation.schedule(of: ruleSet.rules[0], progress, subject)?.due == day("2026-01-01"))
    // Every rule in every calendar was 230 years of days: 84,000 × 10,000.
    #expect(ContinuousClock.now - started < .seconds(10))
  }
}

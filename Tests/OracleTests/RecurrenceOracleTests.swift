import ReviewEngine
import ReviewFiles
import TestSupport
import Testing

/// Recurrences against python-dateutil, and those that systemd can say against systemd.
struct RecurrenceOracleTests {
  struct Case: CustomStringConvertible {
    let zone: String
    let start: Recurrence.Moment
    let rule: String

    var wall: String {
      let (hour, minute) = (start.minute / 60, start.minute % 60)
      return "\(start.day)T\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }
    var description: String { "\(zone) \(wall) \(rule)" }
  }

  /// Where dateutil leaves the text of RFC 5545, section 3.3.10.
  private enum Departure: String, CaseIterable {
    /// "Each BYDAY value can also be preceded by an integer": the values are a list of alternatives; dateutil takes
    /// only days that match one with and one without a number.
    case mixedWeekdays = "BYDAY with and without numbers"
    /// BYSETPOS chooses from "the set of recurrence instances specified by the rule" of an interval; of the week in
    /// which DTSTART lies, dateutil sees only what is not before DTSTART.
    case firstWeek = "BYSETPOS in the first week"

    init?(_ rule: Recurrence) {
      let numbers = Set(rule.weekdays.map { $0.ordinal == nil })
      if numbers.count == 2 {
        self = .mixedWeekdays
      } else if rule.frequency == .weekly, !rule.positions.isEmpty {
        self = .firstWeek
      } else {
        return nil
      }
    }
  }

  @Test func theySayWhatDateutilSays() throws {
    let (seed, count) = (testSeed(), Oracle.count(sample: 400, long: 12_000))
    var generator = SeededGenerator(seed: seed)
    let cases = (0..<count).map { _ in RecurrenceGenerator.next(&generator) }
    let folder = try TemporaryFolder()
    let input = cases.map { "\($0.zone)\t\($0.wall)\t\($0.rule)\n" }.joined()
    let answers = try Oracle.python("recurrences.py", input: input, in: folder)
    try #require(answers.count == cases.count)
    var departures: [Departure: Int] = [:]
    var (occurrenceCount, equalCount) = (0, 0)
    for (one, answer) in zip(cases, answers) {
      let rule = try Recurrence(one.rule, start: one.start)
      let found = try occurrences(rule, in: one.zone)
      occurrenceCount += found.count
      if found.joined(separator: " ") == answer {
        equalCount += 1
      } else if let departure = Departure(rule) {
        departures[departure, default: 0] += 1
      } else {
        Issue.record("seed \(seed): \(one)\n  dateutil \(answer)\n  reviewd  \(found.joined(separator: " "))")
      }
    }
    let explained = Departure.allCases.map { "\($0.rawValue): \(departures[$0] ?? 0)" }.joined(separator: ", ")
    print(
      "recurrences against dateutil: seed \(seed), \(count) rules, \(occurrenceCount) occurrences, \(equalCount) equal; explained by RFC 5545: \(explained)"
    )
    #expect(occurrenceCount > count)
  }

  private func occurrences(_ rule: Recurrence, in zoneName: String) throws -> [String] {
    let zone = try ZoneDirectory.system.zone(zoneName)
    let end = Recurrence.Moment(day: rule.start.day + 365 * 12, minute: rule.start.minute)
    return rule.occurrences(in: zone).prefix(12).prefix { $0 <= end }.map {
      "\(zone.instant(of: $0).milliseconds / 1000)"
    }
  }

  /// By hand, from the RFC's own examples (section 3.8.5.3) and what the departures leave out.
  @Test(arguments: [
    (
      "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05",
      ["1996-11-05", "2000-11-07", "2004-11-02"]
    ),
    ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", ["1997-09-04", "1997-10-07", "1997-11-06"]),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29", ["1997-09-29", "1997-10-30", "1997-11-27"]),
    (
      "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05",
      ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"]
    ),
    (
      "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05",
      ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"]
    ),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997-09-02", ["1998-02-13", "1998-03-13", "1998-11-13"]),
    (
      "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15",
      ["2007-01-15", "2007-01-30", "2007-02-15", "2007-03-15", "2007-03-30"]
    ),
    // Every Monday and the first Tuesday; of the whole week of the start the second of Monday and Wednesday.
    (
      "FREQ=MONTHLY;BYDAY=MO,1TU;COUNT=6", "2026-01-01",
      ["2026-01-05", "2026-01-06", "2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02"]
    ),
    ("FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=2;COUNT=2", "2026-01-06", ["2026-01-07", "2026-01-14"]),
  ])
  func theyFollowTheTextOfTheRfc(_ rule: String, _ start: String, _ expected: [String]) throws {
    let recurrence = try Recurrence(rule, start: Recurrence.Moment(day: day(start), minute: 0))
    #expect(recurrence.occurrences(in: .utc).prefix(expected.count).map(\.day.description) == expected)
  }

  @Test func theySayWhatSystemdSays() throws {
    let (seed, count) = (testSeed(), Oracle.count(sample: 30, long: 600))
    var generator = SeededGenerator(seed: seed &+ 1)
    let folder = try TemporaryFolder()
    var cases: [(rule: String, calendar: String)] = []
    for _ in 0..<count { cases.append(RecurrenceGenerator.nextForSystemd(&generator)) }
    for one in cases {
      let start = Recurrence.Moment(day: day("2026-01-01"), minute: 0)
      let expected = try Recurrence(one.rule, start: start).occurrences(in: .utc).prefix(5).map {
        "\($0.day) \($0.minute / 60 < 10 ? "0" : "")\($0.minute / 60):\($0.minute % 60 < 10 ? "0" : "")\($0.minute % 60):00"
      }
      let answer = try Oracle.run(
        "systemd-analyze", ["calendar", "--base-time=2025-12-31 23:59:59 UTC", "--iterations=5", one.calendar],
        in: folder)
      try #require(answer.status == 0, "\(one): \(answer.errors)")
      let found = answer.output.matches(of: /[A-Z][a-z]{2} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC/).map { String($0.1) }
      // The same instant stands there twice where the machine's own zone is UTC.
      let distinct = found.reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
      #expect(
        distinct.prefix(5).elementsEqual(expected),
        "seed \(seed): \(one.rule) and '\(one.calendar)': \(distinct) \(Array(expected))")
    }
    print("recurrences against systemd-analyze calendar: seed \(seed), \(count) rules, all equal")
  }
}

/// Random rules of all parts that reviews can recur by.
enum RecurrenceGenerator {
  static let zones = [
    "Europe/Madrid", "Europe/London", "America/New_York", "America/Sao_Paulo", "America/St_Johns", "Asia/Tokyo",
    "Asia/Kolkata",
    "Asia/Beirut", "Asia/Gaza", "Africa/Cairo", "Africa/Casablanca", "Australia/Lord_Howe", "Australia/Sydney",
    "Pacific/Auckland",
    "Pacific/Apia", "Pacific/Chatham", "UTC",
  ]
  private static let weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]

  static func next(_ generator: inout SeededGenerator) -> RecurrenceOracleTests.Case {
    let frequency = generator.pick(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"])
    let day = Day(number: Int.random(in: 16_436...22_000, using: &generator))
    let start = Recurrence.Moment(day: day, minute: Int.random(in: 0..<96, using: &generator) * 15)
    var parts = ["FREQ=\(frequency)"]
    let longest = ["YEARLY": 4, "MONTHLY": 14, "WEEKLY": 9, "DAILY": 40][frequency] ?? 1
    if generator.chance(0.5) { parts.append("INTERVAL=\(Int.random(in: 1...longest, using: &generator))") }
    parts += byParts(frequency, &generator)
    if parts.contains(where: { $0.hasPrefix("BY") }), generator.chance(0.25) {
      parts.append("BYSETPOS=\(numbers(generator.some([-3, -2, -1, 1, 2, 3], most: 2)))")
    }
    if generator.chance(0.3) { parts.append("WKST=\(generator.pick(weekdays))") }
    parts += end(after: start, &generator)
    return RecurrenceOracleTests.Case(
      zone: generator.pick(zones), start: start, rule: parts.shuffled(using: &generator).joined(separator: ";"))
  }

  private static func byParts(_ frequency: String, _ generator: inout SeededGenerator) -> [String] {
    var parts: [String] = []
    if generator.chance(0.4) { parts.append("BYMONTH=\(numbers(generator.some(Array(1...12), most: 4)))") }
    if frequency != "WEEKLY", generator.chance(0.35) {
      parts.append("BYMONTHDAY=\(numbers(generator.some((-31...31).filter { $0 != 0 }, most: 4)))")
    }
    if generator.chance(0.45) {
      let hasNumbers = (frequency == "YEARLY" || frequency == "MONTHLY") && generator.chance(0.6)
      let days = generator.some(weekdays, most: 4).map { day in
        hasNumbers && generator.chance(0.95) ? "\(generator.pick([-5, -2, -1, 1, 2, 3, 4, 5]))\(day)" : day
      }
      parts.append("BYDAY=\(days.joined(separator: ","))")
    }
    // Hours at which clocks change come often.
    if generator.chance(0.5) {
      let hours = generator.chance(0.5) ? [0, 1, 2, 3] : Array(0...23)
      parts.append("BYHOUR=\(numbers(generator.some(hours, most: 3)))")
    }
    if generator.chance(0.3) { parts.append("BYMINUTE=\(numbers(generator.some(Array(0...59), most: 2)))") }
    return parts
  }

  private static func end(after start: Recurrence.Moment, _ generator: inout SeededGenerator) -> [String] {
    let day = (start.day + Int.random(in: 1...3000, using: &generator)).description.replacing("-", with: "")
    let hour = Int.random(in: 10...23, using: &generator)
    switch Int.random(in: 0..<10, using: &generator) {
    case 0..<3: return ["COUNT=\(Int.random(in: 1...20, using: &generator))"]
    case 3..<5: return ["UNTIL=\(day)T\(hour)0000"]
    case 5..<7: return ["UNTIL=\(day)T\(hour)0000Z"]
    default: return []
    }
  }

  private static func numbers(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ",") }

  /// A rule and the same as a calendar event of systemd.time(7), in UTC.
  static func nextForSystemd(_ generator: inout SeededGenerator) -> (rule: String, calendar: String) {
    let hours = generator.some(Array(0...23), most: 2)
    let minutes = generator.some(Array(0...59), most: 2)
    let time = "\(numbers(hours)):\(numbers(minutes)):00 UTC"
    let clock = "BYHOUR=\(numbers(hours));BYMINUTE=\(numbers(minutes))"
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    let chosen = generator.some(Array(0...6), most: 3)
    let (days, systemdDays) = (
      chosen.map { weekdays[$0] }.joined(separator: ","), chosen.map { names[$0] }.joined(separator: ",")
    )
    let monthDays = numbers(generator.some(Array(1...28), most: 3))
    let months = numbers(generator.some(Array(1...12), most: 3))
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: return ("FREQ=DAILY;\(clock)", "*-*-* \(time)")
    case 1: return ("FREQ=WEEKLY;BYDAY=\(days);\(clock)", "\(systemdDays) *-*-* \(time)")
    case 2: return ("FREQ=MONTHLY;BYMONTHDAY=\(monthDays);\(clock)", "*-*-\(monthDays) \(time)")
    case 3:
      return ("FREQ=YEARLY;BYMONTH=\(months);BYMONTHDAY=\(monthDays);\(clock)", "*-\(months)-\(monthDays) \(time)")
    case 4: return ("FREQ=MONTHLY;BYMONTHDAY=-\(chosen[0] + 1);\(clock)", "*-*~0\(chosen[0] + 1) \(time)")
    default: return ("FREQ=MONTHLY;BYMONTHDAY=1,2,3,4,5,6,7;BYDAY=\(days);\(clock)", "\(systemdDays) *-*-1..7 \(time)")
    }
  }
}

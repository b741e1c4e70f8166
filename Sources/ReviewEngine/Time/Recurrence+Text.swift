/// Why a text is no recurrence rule of those that reviews can have.
package struct RecurrenceError: Error, Hashable {
  package let message: String
}

extension Recurrence {
  private static let parts = [
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYHOUR", "BYMINUTE", "BYSETPOS", "WKST",
  ]
  private static let largestTimeCount = 24
  private static let otherParts = ["BYSECOND", "BYYEARDAY", "BYWEEKNO", "RSCALE", "SKIP"]

  /// Reads the value of an `RRULE`, such as `FREQ=MONTHLY;BYDAY=1TU;BYHOUR=10`.
  package init(_ text: String, start: Moment) throws(RecurrenceError) {
    let pairs = try Self.pairs(text)
    guard let name = pairs.first(where: { $0.name == "FREQ" })?.value else {
      throw RecurrenceError(message: "it needs FREQ, such as FREQ=MONTHLY")
    }
    self.init(frequency: try Self.frequency(name), start: start)
    for (name, value) in pairs { try read(name, value) }
    try check()
  }

  private static func pairs(_ text: String) throws(RecurrenceError) -> [(name: String, value: String)] {
    var pairs: [(name: String, value: String)] = []
    for part in text.split(separator: ";", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false).map { $0.uppercased() }
      guard sides.count == 2, !sides[1].isEmpty else { throw RecurrenceError(message: "'\(part)' is no NAME=VALUE") }
      if otherParts.contains(sides[0]) {
        throw RecurrenceError(
          message: "\(sides[0]) is not one of the parts that reviews can recur by: \(parts.joined(separator: ", "))")
      }
      guard parts.contains(sides[0]) else {
        throw RecurrenceError(message: "'\(sides[0])' is no part of a recurrence rule" + meant(sides[0], among: parts))
      }
      if pairs.contains(where: { $0.name == sides[0] }) { throw RecurrenceError(message: "\(sides[0]) is given twice") }
      pairs.append((sides[0], sides[1]))
    }
    return pairs
  }

  private static func frequency(_ name: String) throws(RecurrenceError) -> Frequency {
    if let frequency = Frequency(rawValue: name) { return frequency }
    if ["HOURLY", "MINUTELY", "SECONDLY"].contains(name) {
      throw RecurrenceError(
        message: "FREQ=\(name) is more often than anybody reviews: write DAILY, WEEKLY, MONTHLY or YEARLY")
    }
    throw RecurrenceError(message: "FREQ cannot be '\(name)'" + meant(name, among: Frequency.allCases.map(\.rawValue)))
  }

  private mutating func read(_ name: String, _ value: String) throws(RecurrenceError) {
    switch name {
    case "INTERVAL": interval = try Self.number(value, name, in: 1...1000)
    case "COUNT": count = try Self.number(value, name, in: 1...100_000)
    case "UNTIL": until = try Self.until(value)
    case "BYMONTH": months = try Self.numbers(value, name, in: 1...12)
    case "BYMONTHDAY": monthDays = try Self.numbers(value, name, in: -31...31)
    case "BYDAY": weekdays = try Self.list(value, name, Self.weekday)
    case "BYHOUR": hours = try Self.numbers(value, name, in: 0...23)
    case "BYMINUTE": minutes = try Self.numbers(value, name, in: 0...59)
    case "BYSETPOS": positions = try Self.numbers(value, name, in: -366...366)
    case "WKST":
      guard let weekday = CalendarNames.codesOfWeekdays.firstIndex(of: value) else {
        throw RecurrenceError(message: "WKST cannot be '\(value)'")
      }
      weekStart = weekday
    default: break
    }
  }

  // RFC 5545, section 3.3.10: what must not stand together.
  private func check() throws(RecurrenceError) {
    if max(1, hours.count) * max(1, minutes.count) > Self.largestTimeCount {
      throw RecurrenceError(message: "BYHOUR and BYMINUTE name more than \(Self.largestTimeCount) times of a day")
    }
    if count != nil, until != nil { throw RecurrenceError(message: "COUNT and UNTIL must not be given both") }
    if frequency == .weekly, !monthDays.isEmpty {
      throw RecurrenceError(message: "BYMONTHDAY has no place in a WEEKLY rule")
    }
    if frequency != .monthly, frequency != .yearly, weekdays.contains(where: { $0.ordinal != nil }) {
      throw RecurrenceError(message: "BYDAY with a number has a place only in a MONTHLY or YEARLY rule")
    }
    let others = [months, monthDays, hours, minutes].contains { !$0.isEmpty } || !weekdays.isEmpty
    if !positions.isEmpty, !others { throw RecurrenceError(message: "BYSETPOS needs another BY part to choose from") }
  }

  private static func number(_ text: some StringProtocol, _ name: String, in range: ClosedRange<Int>)
    throws(RecurrenceError) -> Int
  {
    guard let number = Int(text), range.contains(number), number != 0 || range.lowerBound >= 0 else {
      throw RecurrenceError(
        message:
          "\(name) cannot be '\(text)': \(range.lowerBound) to \(range.upperBound)\(range.lowerBound < 0 ? " without 0" : "")"
      )
    }
    return number
  }

  private static func numbers(_ text: String, _ name: String, in range: ClosedRange<Int>) throws(RecurrenceError)
    -> [Int]
  {
    try list(text, name) { (item) throws(RecurrenceError) in try number(item, name, in: range) }
  }

  private static func list<Item: Equatable>(
    _ text: String, _ name: String, _ read: (Substring) throws(RecurrenceError) -> Item
  ) throws(RecurrenceError) -> [Item] {
    var items: [Item] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let item = try read(part)
      if !items.contains(item) { items.append(item) }
    }
    return items
  }

  private static func weekday(_ text: Substring) throws(RecurrenceError) -> WeekdayRule {
    guard let weekday = CalendarNames.codesOfWeekdays.firstIndex(of: String(text.suffix(2))) else {
      throw RecurrenceError(
        message: "BYDAY cannot be '\(text)': days are \(CalendarNames.codesOfWeekdays.joined(separator: ", "))")
    }
    let ordinal = text.dropLast(2)
    if ordinal.isEmpty { return WeekdayRule(weekday: weekday) }
    return WeekdayRule(weekday: weekday, ordinal: try number(ordinal, "the number of a BYDAY", in: -53...53))
  }

  /// `20261231`, which means all of that day, `20261231T100000` on the wall, or the same with a `Z` in UTC.
  private static func until(_ text: String) throws(RecurrenceError) -> Until {
    let digits = text.filter { $0 != "T" && $0 != "Z" }
    guard digits.count == 8 || digits.count == 14, digits.allSatisfy(\.isNumber), let number = Int(digits.prefix(8)),
      let day = Day(year: number / 10000, month: number / 100 % 100, dayOfMonth: number % 100)
    else {
      throw RecurrenceError(message: "UNTIL cannot be '\(text)': write 20261231, 20261231T100000 or 20261231T100000Z")
    }
    guard digits.count == 14, let clock = Int(digits.suffix(6)) else { return .moment(Moment(day: day, minute: 1439)) }
    let minute = clock / 10000 * 60 + clock / 100 % 100
    return text.hasSuffix("Z")
      ? .instant(Zone.utc.instant(on: day, clock: Int64(minute * 60 + clock % 100) * 1000))
      : .moment(Moment(day: day, minute: minute))
  }
}

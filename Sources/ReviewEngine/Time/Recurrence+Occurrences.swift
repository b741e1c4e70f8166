extension Recurrence {
  /// Beyond this year nothing recurs: a rule that never matches, such as 30 February, ends there.
  package static let lastYear = 2200

  /// The occurrences in a zone, in the order of time.
  ///
  /// - Parameter first: what lies before this day is left out, and without a `COUNT` it is not worked out either.
  package func occurrences(in zone: Zone, from first: Day? = nil) -> Occurrences {
    Occurrences(self, zone: zone, from: first)
  }

  /// Works out one period (year, month, week or day) after the other: its days, their times, and of these the asked
  /// positions.
  package struct Occurrences: Sequence, IteratorProtocol {
    private let rule: Recurrence
    private let zone: Zone
    /// In steps of the interval from the start's.
    private var period = 0
    private var pending: ArraySlice<Moment> = []
    private var left: Int?
    private var isOver = false
    private let minutes: [Int]
    private let earliest: Moment
    /// How many days were looked at, whether they matched or not: the work that was done.
    package private(set) var examinedDayCount = 0

    init(_ rule: Recurrence, zone: Zone, from first: Day?) {
      self.rule = rule
      self.zone = zone
      left = rule.count
      earliest = first.map { Swift.max(rule.start, Moment(day: $0, minute: 0)) } ?? rule.start
      // What is counted has to be gone through from the start.
      period = rule.count == nil ? rule.period(of: earliest.day) : 0
      let hours = rule.hours.isEmpty ? [rule.start.minute / 60] : rule.hours.sorted()
      let minutes = rule.minutes.isEmpty ? [rule.start.minute % 60] : rule.minutes.sorted()
      self.minutes = hours.flatMap { hour in minutes.map { hour * 60 + $0 } }
    }

    package mutating func next() -> Moment? {
      while !isOver {
        if let moment = pending.popFirst() {
          guard let accepted = accept(moment) else { break }
          if accepted >= earliest { return accepted }
          continue
        }
        let first = rule.firstDay(ofPeriod: period)
        guard first.civil.year <= Recurrence.lastYear, left != 0 else { break }
        let days = rule.candidates(ofPeriodFrom: first)
        period += 1
        examinedDayCount += days.count + 1
        pending = chosen(days.filter(rule.matches))[...].drop { $0 < rule.start }
      }
      isOver = true
      return nil
    }

    private mutating func accept(_ moment: Moment) -> Moment? {
      if left == 0 || rule.isAfterEnd(moment, zone) { return nil }
      left = left.map { $0 - 1 }
      return moment
    }

    /// `BYSETPOS` chooses among all moments of a period, also those before the start.
    private func chosen(_ days: [Day]) -> [Moment] {
      let moments = days.flatMap { day in minutes.map { Moment(day: day, minute: $0) } }
      if rule.positions.isEmpty { return moments }
      let indices = Set(rule.positions.map { $0 > 0 ? $0 - 1 : moments.count + $0 })
      return moments.indices.filter { indices.contains($0) }.map { moments[$0] }
    }
  }

  private func isAfterEnd(_ moment: Moment, _ zone: Zone) -> Bool {
    switch until {
    case nil: false
    case .moment(let last): moment > last
    case .instant(let last): zone.instant(of: moment) > last
    }
  }

  // MARK: Periods

  private func monthNumber(_ day: Day) -> Int {
    let (year, month, _) = day.civil
    return year * 12 + month - 1
  }

  private func firstOfWeek(_ day: Day) -> Day { day + -((day.weekday - weekStart + 7) % 7) }

  private func firstDay(ofPeriod period: Int) -> Day {
    let steps = period * interval
    switch frequency {
    case .yearly: return Day(number: Day.number(year: start.day.civil.year + steps, month: 1, dayOfMonth: 1))
    case .monthly:
      let number = monthNumber(start.day) + steps
      return Day(number: Day.number(year: number / 12, month: number % 12 + 1, dayOfMonth: 1))
    case .weekly: return firstOfWeek(start.day) + steps * 7
    case .daily: return start.day + steps
    }
  }

  /// The period that a day lies in, or the last one before it.
  private func period(of day: Day) -> Int {
    let units =
      switch frequency {
      case .yearly: day.civil.year - start.day.civil.year
      case .monthly: monthNumber(day) - monthNumber(start.day)
      case .weekly: (firstOfWeek(day) - firstOfWeek(start.day)) / 7
      case .daily: day - start.day
      }
    return max(0, units) / interval
  }

  /// The days of a period that can match: of a year those of the months and days that the rule names, or that follow
  /// from the start.
  private func candidates(ofPeriodFrom first: Day) -> [Day] {
    let (year, month, _) = first.civil
    switch frequency {
    case .yearly:
      let isOneMonth = months.isEmpty && monthDays.isEmpty && weekdays.isEmpty
      let months = isOneMonth ? [start.day.civil.month] : months.isEmpty ? Array(1...12) : months.sorted()
      return months.flatMap { candidates(ofMonth: $0, year: year) }
    case .monthly: return months.isEmpty || months.contains(month) ? candidates(ofMonth: month, year: year) : []
    case .weekly: return (0..<7).map { first + $0 }
    case .daily: return [first]
    }
  }

  private func candidates(ofMonth month: Int, year: Int) -> [Day] {
    let length = Day.length(ofMonth: month, year: year)
    var daysOfMonth = Array(1...length)
    if !monthDays.isEmpty {
      daysOfMonth = Set(monthDays.map { $0 > 0 ? $0 : length + 1 + $0 }).filter { (1...length).contains($0) }.sorted()
    } else if weekdays.isEmpty {
      daysOfMonth = start.day.civil.dayOfMonth <= length ? [start.day.civil.dayOfMonth] : []
    }
    return daysOfMonth.map { Day(number: Day.number(year: year, month: month, dayOfMonth: $0)) }
  }

  // MARK: Days

  /// Whether all parts of the rule that speak of days hold; a part that is missing follows from the start.
  private func matches(_ day: Day) -> Bool {
    let (year, month, dayOfMonth) = day.civil
    if !months.isEmpty, !months.contains(month) { return false }
    if !monthDays.isEmpty {
      let fromEnd = dayOfMonth - Day.length(ofMonth: month, year: year) - 1
      guard monthDays.contains(dayOfMonth) || monthDays.contains(fromEnd) else { return false }
    }
    if !weekdays.isEmpty {
      return weekdays.contains { $0.matches(day, isInYear: frequency == .yearly && months.isEmpty) }
    }
    guard monthDays.isEmpty else { return true }
    switch frequency {
    case .yearly: return dayOfMonth == start.day.civil.dayOfMonth && (!months.isEmpty || month == start.day.civil.month)
    case .monthly: return dayOfMonth == start.day.civil.dayOfMonth
    case .weekly: return day.weekday == start.day.weekday
    case .daily: return true
    }
  }
}

extension Recurrence.WeekdayRule {
  fileprivate func matches(_ day: Day, isInYear: Bool) -> Bool {
    guard day.weekday == weekday else { return false }
    guard let ordinal else { return true }
    let (year, month, dayOfMonth) = day.civil
    let first = isInYear ? Day.number(year: year, month: 1, dayOfMonth: 1) : day.number - dayOfMonth + 1
    let length = isInYear ? (Day.isLeap(year) ? 366 : 365) : Day.length(ofMonth: month, year: year)
    let position = day.number - first
    return ordinal > 0 ? position / 7 + 1 == ordinal : (length - 1 - position) / 7 + 1 == -ordinal
  }
}

extension Zone {
  package func instant(of moment: Recurrence.Moment) -> Instant {
    instant(on: moment.day, clock: Int64(moment.minute) * 60_000)
  }
}

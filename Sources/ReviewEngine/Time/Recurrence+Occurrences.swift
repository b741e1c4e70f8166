extension Recurrence {
  /// Beyond this year nothing recurs: a rule that never matches, such as 30 February, ends there.
  package static let lastYear = 2200

  /// The occurrences in a zone, in the order of time.
  package func occurrences(in zone: Zone) -> Occurrences { Occurrences(self, zone: zone) }

  /// Works out one period (year, month, week or day) after the other: its days, their times, and of these the asked positions.
  package struct Occurrences: Sequence, IteratorProtocol {
    private let rule: Recurrence
    private let zone: Zone
    /// In steps of the interval from the start's.
    private var period = 0
    private var pending: ArraySlice<Moment> = []
    private var left: Int?
    private var isOver = false
    private let minutes: [Int]

    init(_ rule: Recurrence, zone: Zone) {
      self.rule = rule
      self.zone = zone
      left = rule.count
      let hours = rule.hours.isEmpty ? [rule.start.minute / 60] : rule.hours.sorted()
      let minutes = rule.minutes.isEmpty ? [rule.start.minute % 60] : rule.minutes.sorted()
      self.minutes = hours.flatMap { hour in minutes.map { hour * 60 + $0 } }
    }

    package mutating func next() -> Moment? {
      while !isOver {
        if let moment = pending.popFirst() { return accept(moment) }
        let days = rule.days(ofPeriod: period)
        guard let first = days.first, first.civil.year <= Recurrence.lastYear, left != 0 else { break }
        period += 1
        pending = chosen(days.filter(rule.matches))[...].drop { $0 < rule.start }
      }
      isOver = true
      return nil
    }

    private mutating func accept(_ moment: Moment) -> Moment? {
      if left == 0 || rule.isAfterEnd(moment, zone) {
        isOver = true
        return nil
      }
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

  private func days(ofPeriod period: Int) -> [Day] {
    let steps = period * interval
    switch frequency {
    case .yearly:
      let year = start.day.civil.year + steps
      return days(from: Day.number(year: year, month: 1, dayOfMonth: 1), count: Day.isLeap(year) ? 366 : 365)
    case .monthly:
      let number = monthNumber(start.day) + steps
      let (year, month) = (number / 12, number % 12 + 1)
      return days(from: Day.number(year: year, month: month, dayOfMonth: 1), count: Day.length(ofMonth: month, year: year))
    case .weekly: return days(from: firstOfWeek(start.day).number + steps * 7, count: 7)
    case .daily: return [start.day + steps]
    }
  }

  private func days(from first: Int, count: Int) -> [Day] { (first..<first + count).map { Day(number: $0) } }

  // MARK: Days

  /// Whether all parts of the rule that speak of days hold; a part that is missing follows from the start.
  private func matches(_ day: Day) -> Bool {
    let (year, month, dayOfMonth) = day.civil
    if !months.isEmpty, !months.contains(month) { return false }
    if !monthDays.isEmpty {
      let fromEnd = dayOfMonth - Day.length(ofMonth: month, year: year) - 1
      guard monthDays.contains(dayOfMonth) || monthDays.contains(fromEnd) else { return false }
    }
    if !weekdays.isEmpty { return weekdays.contains { $0.matches(day, isInYear: frequency == .yearly && months.isEmpty) } }
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
  package func instant(of moment: Recurrence.Moment) -> Instant { instant(on: moment.day, clock: Int64(moment.minute) * 60_000) }
}

/// When people work: a zone, working hours by weekday, and holidays.
package final class WorkingCalendar: Sendable {
  /// A stretch of a working day on the wall clock, in minutes since midnight; it may end at 24:00.
  package struct Span: Hashable, Sendable {
    package let startMinute: Int
    package let endMinute: Int

    package init(startMinute: Int, endMinute: Int) {
      self.startMinute = startMinute
      self.endMinute = endMinute
    }
  }

  /// A day of every year.
  package struct YearlyDay: Hashable, Sendable {
    package let month: Int
    package let dayOfMonth: Int

    package init(month: Int, dayOfMonth: Int) {
      self.month = month
      self.dayOfMonth = dayOfMonth
    }
  }

  /// What counts without a calendar: UTC, and every day a working day.
  package static let everyDay = WorkingCalendar(id: "", zone: .utc)

  package let id: String
  package let zone: Zone
  /// Seven, from Monday; each in the order of time.
  package let hours: [[Span]]
  package let holidays: Set<Day>
  package let yearlyHolidays: Set<YearlyDay>
  private let isEveryDay: Bool

  /// - Parameter hours: seven lists, from Monday; nil means all of every day.
  package init(
    id: String, zone: Zone, hours: [[Span]]? = nil, holidays: Set<Day> = [], yearlyHolidays: Set<YearlyDay> = []
  ) {
    self.id = id
    self.zone = zone
    self.hours = hours ?? Array(repeating: [Span(startMinute: 0, endMinute: 1440)], count: 7)
    self.holidays = holidays
    self.yearlyHolidays = yearlyHolidays
    isEveryDay = holidays.isEmpty && yearlyHolidays.isEmpty && self.hours.allSatisfy { !$0.isEmpty }
  }

  package func isHoliday(_ day: Day) -> Bool {
    if holidays.contains(day) { return true }
    guard !yearlyHolidays.isEmpty else { return false }
    let (_, month, dayOfMonth) = day.civil
    return yearlyHolidays.contains(YearlyDay(month: month, dayOfMonth: dayOfMonth))
  }

  package func isWorkingDay(_ day: Day) -> Bool { !hours[day.weekday].isEmpty && !isHoliday(day) }

  /// Far enough for any closure; a calendar in which nobody works for ten years ends the search.
  private static let longestSearchDays = 3660

  /// The `count`-th working day after `day`, or before it where `count` is negative; 0 is the day itself.
  package func adding(workingDays count: Int, to day: Day) -> Day {
    if isEveryDay { return day + count }
    let step = count < 0 ? -1 : 1
    var (found, left, idle) = (day, abs(count), 0)
    while left > 0, idle < Self.longestSearchDays {
      found = found + step
      idle += 1
      if isWorkingDay(found) { (left, idle) = (left - 1, 0) }
    }
    return found
  }

  /// How many working days there are after `day`, up to and with `last`.
  package func workingDays(after day: Day, through last: Day) -> Int {
    if isEveryDay { return max(0, last - day) }
    return last > day ? (day.number + 1...last.number).count { isWorkingDay(Day(number: $0)) } : 0
  }

  /// How far a shift moves a day at most.
  static let longestShiftDays = longestSearchDays + 1

  /// The day itself if people work on it, else the nearest working day after it, or before it.
  package func workingDay(_ direction: Recurrence.Shift, from day: Day) -> Day {
    isWorkingDay(day) ? day : adding(workingDays: direction == .nextWorkingDay ? 1 : -1, to: day)
  }

  /// The stretches of a day in which people work.
  private func stretches(of day: Day) -> [Range<Instant>] {
    guard isWorkingDay(day) else { return [] }
    return hours[day.weekday].compactMap { span in
      let start = zone.instant(on: day, clock: Int64(span.startMinute) * 60_000)
      let end =
        span.endMinute == 1440 ? zone.end(of: day) : zone.instant(on: day, clock: Int64(span.endMinute) * 60_000)
      return start < end ? start..<end : nil
    }
  }

  /// The instant at which `time` of working time has passed since `instant`.
  package func adding(workingTime time: Elapsed, to instant: Instant) -> Instant {
    var (left, day, idle) = (time, zone.day(of: instant), 0)
    while idle < Self.longestSearchDays {
      for stretch in stretches(of: day) where stretch.upperBound > instant {
        let start = max(stretch.lowerBound, instant)
        let length = stretch.upperBound - start
        if left <= length { return start + left }
        left = left - length
        idle = 0
      }
      day = day + 1
      idle += 1
    }
    return zone.start(of: day)
  }

  /// How much working time lies between two instants.
  package func workingTime(from start: Instant, to end: Instant) -> Elapsed {
    guard start < end else { return .zero }
    var time = Elapsed.zero
    for number in zone.day(of: start).number...zone.day(of: end).number {
      for stretch in stretches(of: Day(number: number)) {
        let (from, to) = (max(stretch.lowerBound, start), min(stretch.upperBound, end))
        if from < to { time = time + (to - from) }
      }
    }
    return time
  }
}

extension WorkingCalendar: Hashable {
  package static func == (left: WorkingCalendar, right: WorkingCalendar) -> Bool {
    left === right || left.id == right.id && left.fingerprint == right.fingerprint
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension WorkingCalendar {
  /// A digest of all that a due day can depend on.
  package var fingerprint: String {
    let hours = hours.map { $0.map { "\($0.startMinute)-\($0.endMinute)" }.joined(separator: ",") }.joined(
      separator: ";")
    let yearly = yearlyHolidays.map { "\($0.month)-\($0.dayOfMonth)" }.sorted().joined(separator: ",")
    return Digest.hexadecimal(of: "\(zone.id) \(hours) \(holidays.map(\.number).sorted()) \(yearly)")
  }
}

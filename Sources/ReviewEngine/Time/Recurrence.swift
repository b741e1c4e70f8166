/// Days and times that recur by a rule of RFC 5545, section 3.3.10, in the civil time of whatever zone they are put
/// into.
package struct Recurrence: Hashable, Sendable {
  /// The frequencies of RFC 5545 that reviews can recur by.
  package enum Frequency: String, CaseIterable, Sendable {
    case yearly = "YEARLY"
    case monthly = "MONTHLY"
    case weekly = "WEEKLY"
    case daily = "DAILY"
  }

  /// `BYDAY`: every Monday, or the first one of its month or year, or the last.
  package struct WeekdayRule: Hashable, Sendable {
    /// 0 is Monday.
    package let weekday: Int
    /// Nil is every one; counted from the end where negative.
    package let ordinal: Int?

    package init(weekday: Int, ordinal: Int? = nil) {
      self.weekday = weekday
      self.ordinal = ordinal
    }
  }

  /// What becomes of an occurrence on a day on which nobody works.
  package enum Shift: String, CaseIterable, Sendable {
    case nextWorkingDay = "next_working_day"
    case previousWorkingDay = "previous_working_day"
  }

  /// A time on the wall of some day.
  package struct Moment: Hashable, Comparable, Sendable {
    package let day: Day
    package let minute: Int

    package init(day: Day, minute: Int) {
      self.day = day
      self.minute = minute
    }

    package static func < (left: Moment, right: Moment) -> Bool { (left.day, left.minute) < (right.day, right.minute) }
  }

  /// The last occurrence is not after this.
  package enum Until: Hashable, Sendable {
    case moment(Moment)
    case instant(Instant)
  }

  package var frequency: Frequency
  package var interval = 1
  package var count: Int?
  package var until: Until?
  package var months: [Int] = []
  /// Counted from the end of the month where negative.
  package var monthDays: [Int] = []
  package var weekdays: [WeekdayRule] = []
  package var hours: [Int] = []
  package var minutes: [Int] = []
  package var positions: [Int] = []
  /// The day on which weeks begin; 0 is Monday.
  package var weekStart = 0
  /// `DTSTART`: it is an occurrence only where it matches the rule.
  package var start: Moment

  package init(frequency: Frequency, start: Moment) {
    self.frequency = frequency
    self.start = start
  }
}

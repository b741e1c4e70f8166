/// An amount of whole days of a zone, as a calendar on the wall counts them; month ends are clamped.
package enum CalendarAmount: Hashable, Sendable {
  case days(Int)
  case weeks(Int)
  case months(Int)

  /// The day this amount after `day`, or before it where it is negative.
  package func added(to day: Day) -> Day {
    switch self {
    case .days(let count): day + count
    case .weeks(let count): day + count * 7
    case .months(let count): day.adding(months: count)
    }
  }

  package func multiplied(by factor: Int) -> CalendarAmount {
    switch self {
    case .days(let count): .days(count * factor)
    case .weeks(let count): .weeks(count * factor)
    case .months(let count): .months(count * factor)
    }
  }
}

/// An amount of working time: it means something only with a calendar that says when people work.
package enum WorkingAmount: Hashable, Sendable {
  case days(Int)
  case hours(Int)

  /// The instant this amount after `instant`; working days keep the time of the day.
  package func added(to instant: Instant, in calendar: WorkingCalendar) -> Instant {
    switch self {
    case .hours(let count): calendar.adding(workingTime: .hours(Int64(count)), to: instant)
    case .days(let count):
      calendar.zone.instant(
        on: calendar.adding(workingDays: count, to: calendar.zone.day(of: instant)),
        clock: calendar.zone.clock(at: instant))
    }
  }
}

/// An amount of whole days as an administrator writes it: by the calendar on the wall, or in working days.
package enum DayAmount: Hashable, Sendable {
  case calendar(CalendarAmount)
  case workingDays(Int)

  package static func days(_ count: Int) -> DayAmount { .calendar(.days(count)) }
  package static func weeks(_ count: Int) -> DayAmount { .calendar(.weeks(count)) }
  package static func months(_ count: Int) -> DayAmount { .calendar(.months(count)) }

  /// The day this amount after `day`.
  package func added(to day: Day, in calendar: WorkingCalendar) -> Day {
    switch self {
    case .calendar(let amount): amount.added(to: day)
    case .workingDays(let count): calendar.adding(workingDays: count, to: day)
    }
  }

  /// The day this amount before `day`.
  package func subtracted(from day: Day, in calendar: WorkingCalendar) -> Day {
    multiplied(by: -1).added(to: day, in: calendar)
  }

  /// `count` times this amount after `day`, counted in one go so that a month end is clamped once.
  package func added(_ times: Int, to day: Day, in calendar: WorkingCalendar) -> Day {
    multiplied(by: times).added(to: day, in: calendar)
  }

  /// Its length with months of 30 days and working weeks of 5, to compare amounts that no day anchors.
  package var nominalDays: Int {
    switch self {
    case .calendar(.days(let count)): count
    case .calendar(.weeks(let count)): count * 7
    case .calendar(.months(let count)): count * 30
    case .workingDays(let count): count * 7 / 5
    }
  }

  /// Whether it can only be counted with a calendar of working days.
  package var isWorkingTime: Bool { if case .workingDays = self { true } else { false } }

  package func multiplied(by factor: Int) -> DayAmount {
    switch self {
    case .calendar(let amount): .calendar(amount.multiplied(by: factor))
    case .workingDays(let count): .workingDays(count * factor)
    }
  }
}

extension DayAmount: CustomStringConvertible {
  /// As it is written in a rule file: `2 weeks`, `1 month`, `5 working days`.
  package var description: String {
    switch self {
    case .calendar(.days(let count)): counted(count, "day")
    case .calendar(.weeks(let count)): counted(count, "week")
    case .calendar(.months(let count)) where count % 12 == 0: counted(count / 12, "year")
    case .calendar(.months(let count)): counted(count, "month")
    case .workingDays(let count): counted(count, "working day")
    }
  }
}

extension WorkingAmount: CustomStringConvertible {
  /// As it is written: `5 working days`, `8 working hours`.
  package var description: String {
    switch self {
    case .days(let count): counted(count, "working day")
    case .hours(let count): counted(count, "working hour")
    }
  }
}

extension Elapsed: CustomStringConvertible {
  /// As it is written in a rule file, in the largest unit that is whole: `90 minutes`, `30 days`.
  package var description: String {
    for (name, length): (String, Int64) in [
      ("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000), ("second", 1000),
    ]
    where milliseconds != 0 && milliseconds % length == 0 {
      return counted(Int(milliseconds / length), name)
    }
    return milliseconds == 0 ? "0 minutes" : counted(Int(milliseconds), "millisecond")
  }
}

/// `1 day`, `2 days`.
package func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

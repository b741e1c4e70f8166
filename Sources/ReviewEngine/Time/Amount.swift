/// An amount of whole days as an administrator writes it: by the calendar, or in working days.
package enum DayAmount: Hashable, Sendable {
  case days(Int)
  case weeks(Int)
  case months(Int)
  case workingDays(Int)

  /// The day this amount after `day`; months are clamped to the length of the month, and without a calendar every day is
  /// a working day.
  package func added(to day: Day) -> Day {
    switch self {
    case .days(let count), .workingDays(let count): day + count
    case .weeks(let count): day + count * 7
    case .months(let count): day.adding(months: count)
    }
  }

  /// The day this amount before `day`.
  package func subtracted(from day: Day) -> Day { negated.added(to: day) }

  /// `count` times this amount after `day`, counted in one go so that a month end is clamped once.
  package func added(_ times: Int, to day: Day) -> Day { multiplied(by: times).added(to: day) }

  /// Its length with months of 30 days, to compare amounts that no day anchors.
  package var nominalDays: Int {
    switch self {
    case .days(let count), .workingDays(let count): count
    case .weeks(let count): count * 7
    case .months(let count): count * 30
    }
  }

  package func multiplied(by factor: Int) -> DayAmount {
    switch self {
    case .days(let count): .days(count * factor)
    case .weeks(let count): .weeks(count * factor)
    case .months(let count): .months(count * factor)
    case .workingDays(let count): .workingDays(count * factor)
    }
  }

  private var negated: DayAmount { multiplied(by: -1) }
}

extension DayAmount: CustomStringConvertible {
  /// As it is written in a rule file: `2 weeks`, `1 month`, `5 working days`.
  package var description: String {
    switch self {
    case .days(let count): counted(count, "day")
    case .weeks(let count): counted(count, "week")
    case .months(let count) where count % 12 == 0: counted(count / 12, "year")
    case .months(let count): counted(count, "month")
    case .workingDays(let count): counted(count, "working day")
    }
  }
}

extension Elapsed: CustomStringConvertible {
  /// As it is written in a rule file, in the largest unit that is whole: `90 minutes`, `30 days`.
  package var description: String {
    for (name, length): (String, Int64) in [("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000), ("second", 1000)]
    where milliseconds != 0 && milliseconds % length == 0 {
      return counted(Int(milliseconds / length), name)
    }
    return milliseconds == 0 ? "0 minutes" : counted(Int(milliseconds), "millisecond")
  }
}

/// `1 day`, `2 days`.
package func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

import Algorithms
import Synchronization

/// The due days of a recurrence in one calendar: a stretch of years is worked out when it is first asked for, and kept.
package final class RecurrenceTable: Sendable {
  private typealias Entry = (occurrence: Day, due: Day)

  private let cause: RecurrenceCause
  private let calendar: WorkingCalendar
  /// The stretches by their numbers; the days that the rule names, and where its shift moved them, both rise.
  private let stretches = Mutex<[Int: [Entry]]>([:])
  /// All of a rule with a `COUNT`, whose occurrences cannot be known without those before.
  private let counted = Mutex<[Entry]?>(nil)

  package init(_ cause: RecurrenceCause, _ calendar: WorkingCalendar) {
    self.cause = cause
    self.calendar = calendar
  }

  /// An occurrence, and the day on which it is due.
  package struct Found {
    package let occurrence: Day
    package let due: Day
    /// Days to the due day before it, or to the next one; nil where there is only this one.
    package let interval: Int?
  }

  /// The first that is due not before `day`, for an occurrence after `last`.
  package func first(notBefore day: Day, after last: Day?) -> Found? {
    let isFound: (Entry) -> Bool = { entry in entry.due >= day && (last.map { entry.occurrence > $0 } ?? true) }
    // A due day lies at most so far from the day that the rule names.
    let earliest = day + -(cause.shift == nil ? 0 : WorkingCalendar.longestShiftDays)
    guard let found = next(from: last.map { max($0, earliest) } ?? earliest, where: isFound) else { return nil }
    let neighbour =
      previous(before: found.occurrence) ?? next(from: found.occurrence + 1) { $0.occurrence > found.occurrence }
    return Found(occurrence: found.occurrence, due: found.due, interval: neighbour.map { abs(found.due - $0.due) })
  }

  private func next(from day: Day, where isFound: (Entry) -> Bool) -> Entry? {
    var number = max(number(of: day), firstNumber)
    while number <= Self.lastNumber {
      let entries = stretch(number)
      let index = entries.partitioningIndex(where: isFound)
      if index < entries.count { return entries[index] }
      number += 1
    }
    return nil
  }

  private func previous(before day: Day) -> Entry? {
    var number = min(number(of: day), Self.lastNumber)
    while number >= firstNumber {
      let entries = stretch(number)
      let index = entries.partitioningIndex(where: { $0.occurrence >= day })
      if index > 0 { return entries[index - 1] }
      number -= 1
    }
    return nil
  }

  // MARK: Stretches

  private static let stretchDays = 2922
  private static let lastNumber = Day.number(year: Recurrence.lastYear + 1, month: 1, dayOfMonth: 1) / stretchDays

  private var firstNumber: Int { number(of: cause.recurrence.start.day) }

  private func number(of day: Day) -> Int { Int(Int64(day.number).flooredDivision(by: Int64(Self.stretchDays))) }

  private func stretch(_ number: Int) -> [Entry] {
    if cause.recurrence.count != nil {
      let all = counted.withLock { entries in
        let known = entries ?? self.entries(from: nil, before: nil)
        entries = known
        return known
      }
      return all
    }
    return stretches.withLock { stretches in
      if let known = stretches[number] { return known }
      let first = Day(number: number * Self.stretchDays)
      let entries = entries(from: first, before: first + Self.stretchDays)
      stretches[number] = entries
      return entries
    }
  }

  private func entries(from first: Day?, before end: Day?) -> [Entry] {
    var entries: [Entry] = []
    for moment in cause.recurrence.occurrences(in: calendar.zone, from: first) {
      if let end, moment.day >= end { break }
      // Several times of one day are one review.
      if entries.last?.occurrence == moment.day || cause.exceptions.contains(moment.day) { continue }
      entries.append((moment.day, cause.shift.map { calendar.workingDay($0, from: moment.day) } ?? moment.day))
    }
    return entries
  }
}

/// The due days of a recurrence in one calendar, worked out once.
struct RecurrenceTable: Sendable {
  /// The days that the rule names, and where its shift moved them; both rise.
  private let entries: [(occurrence: Day, due: Day)]

  init(_ cause: RecurrenceCause, _ calendar: WorkingCalendar) {
    var entries: [(occurrence: Day, due: Day)] = []
    for moment in cause.recurrence.occurrences(in: calendar.zone) where !cause.exceptions.contains(moment.day) {
      // Several times of one day are one review.
      if entries.last?.occurrence == moment.day { continue }
      entries.append((moment.day, cause.shift.map { calendar.workingDay($0, from: moment.day) } ?? moment.day))
    }
    self.entries = entries
  }

  struct Found {
    let occurrence: Day
    let due: Day
    /// Days to the due day before it, or to the next one; nil where there is only this one.
    let interval: Int?
  }

  /// The first that is due not before `day`, for an occurrence after `last`.
  func first(notBefore day: Day, after last: Day?) -> Found? {
    let earliest = index { $0.due >= day }
    let found = last.map { last in max(earliest, index { $0.occurrence > last }) } ?? earliest
    guard found < entries.count else { return nil }
    let entry = entries[found]
    let gaps = [found > 0 ? entry.due - entries[found - 1].due : nil, found + 1 < entries.count ? entries[found + 1].due - entry.due : nil]
    return Found(occurrence: entry.occurrence, due: entry.due, interval: gaps.compactMap { $0 }.first)
  }

  private func index(where isReached: ((occurrence: Day, due: Day)) -> Bool) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if isReached(entries[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

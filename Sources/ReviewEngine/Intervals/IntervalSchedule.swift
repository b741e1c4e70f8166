import Algorithms

/// When a rule's next review of a subject is due and opens, derived from facts every time it is asked.
package struct IntervalSchedule: Hashable, Sendable {
  private enum Basis: Hashable {
    case interval(IntervalBase)
    case adapted(IntervalEvidence)
    case recurrence(text: String, start: Day)
  }

  package let due: Day
  /// The start of the day on which the review opens.
  package let opens: Instant
  /// The day that a recurrence names, before it was moved to a working day.
  let occurrence: Day?
  private let basis: Basis

  /// Design, "Intervals": `due = anchor + every`; without an earlier review the first of `in service since + k × every`
  /// that is not before the day on which rule and subject met.
  package init(_ cause: IntervalCause, progress: RuleProgress, subject: Subject) {
    let base = IntervalBase(cause, progress: progress, subject: subject)
    let adapted = progress.lastClosing.flatMap { progress.adapted(after: $0) }
    let due = adapted?.due ?? base.due
    self.init(
      due: due, opensBefore: cause.opensBefore, interval: max(1, base.interval(to: due)), subject, occurrence: nil,
      adapted.map { .adapted($0.evidence) } ?? .interval(base))
  }

  /// Of a recurrence: the first due day after the last review's, after the day on which that was held, and for another
  /// occurrence.
  init?(_ cause: RecurrenceCause, _ table: RecurrenceTable, progress: RuleProgress, subject: Subject) {
    var earliest = max(progress.metOn, subject.start)
    if let last = progress.lastClosing {
      earliest = max(earliest, last.due + 1, subject.zone.day(of: last.conducted) + 1)
    }
    guard let found = table.first(notBefore: earliest, after: progress.lastOccurrence) else { return nil }
    self.init(
      due: found.due, opensBefore: cause.opensBefore, interval: found.interval ?? 28, subject,
      occurrence: found.occurrence,
      .recurrence(text: cause.text, start: cause.recurrence.start.day))
  }

  private init(due: Day, opensBefore: DayAmount?, interval: Int, _ subject: Subject, occurrence: Day?, _ basis: Basis) {
    self.due = due
    self.occurrence = occurrence
    self.basis = basis
    let opensOn = opensBefore.map { $0.subtracted(from: due, in: subject.calendar) } ?? due + -min(14, interval / 2)
    opens = max(subject.zone.start(of: opensOn), subject.zone.start(of: subject.start))
  }

  /// The arithmetic, in words and figures; nobody needs it at every instant.
  package var evidence: IntervalEvidence {
    var evidence: IntervalEvidence =
      switch basis {
      case .interval(let base): base.evidence
      case .adapted(let evidence): evidence
      case .recurrence(let text, let start):
        IntervalEvidence(
          every: text, anchor: start.description, anchorMeaning: IntervalEvidence.recurrenceMeaning, due: "", opens: "")
      }
    if let occurrence, occurrence != due { evidence.occurrence = occurrence.description }
    evidence.due = due.description
    evidence.opens = opens.description
    return evidence
  }
}

/// What an interval counts from, and where it leads without factors.
struct IntervalBase: Hashable, Sendable {
  let anchor: Day
  let anchorMeaning: String
  let due: Day
  private let every: DayAmount
  private let calendar: WorkingCalendar
  private let isFirst: Bool

  init(_ cause: IntervalCause, progress: RuleProgress, subject: Subject) {
    every = cause.every
    calendar = subject.calendar
    isFirst = progress.lastClosing == nil
    guard let last = progress.lastClosing else {
      (anchor, anchorMeaning) = (
        subject.start, subject.inServiceSince == nil ? "the day the service was first loaded" : "in service since"
      )
      due = cause.firstDueDay(from: subject.start, notBefore: progress.metOn, calendar)
      return
    }
    switch (last.isCompleted, cause.anchor) {
    case (true, .completion):
      (anchor, anchorMeaning) = (subject.zone.day(of: last.conducted), "the day of the last review")
    case (true, .dueDate): (anchor, anchorMeaning) = (last.due, "the due day of the last review")
    case (false, _): (anchor, anchorMeaning) = (last.due, "the due day of the cancelled review")
    }
    due =
      cause.anchor == .completion
      ? cause.every.added(to: anchor, in: calendar)
      : cause.dueDay(afterDue: last.due, countedFrom: subject.start, calendar)
  }

  /// The days of the interval that ends on `due`.
  func interval(to due: Day) -> Int { isFirst ? due - every.subtracted(from: due, in: calendar) : due - anchor }

  var evidence: IntervalEvidence {
    IntervalEvidence(
      every: every.description, anchor: anchor.description, anchorMeaning: anchorMeaning, due: due.description,
      opens: "")
  }
}

extension IntervalCause {
  /// The first `start + k × every`, k = 1, 2, …, that is not before `day`.
  func firstDueDay(from start: Day, notBefore day: Day, _ calendar: WorkingCalendar) -> Day {
    every.added(firstMultiple(from: start, calendar) { $0 >= day }, to: start, in: calendar)
  }

  /// The due day after `due`, keeping the day of the month that `start` intends: 31 Jan, 28 Feb, 31 Mar.
  func dueDay(afterDue due: Day, countedFrom start: Day, _ calendar: WorkingCalendar) -> Day {
    let multiple = firstMultiple(from: start, calendar) { $0 >= due }
    return every.added(multiple, to: start, in: calendar) == due
      ? every.added(multiple + 1, to: start, in: calendar) : every.added(to: due, in: calendar)
  }

  private func firstMultiple(from start: Day, _ calendar: WorkingCalendar, where isReached: (Day) -> Bool) -> Int {
    var (low, high) = (1, 1)
    while !isReached(every.added(high, to: start, in: calendar)) { (low, high) = (high, high * 2) }
    return (low..<high).partitioningIndex { isReached(every.added($0, to: start, in: calendar)) }
  }
}

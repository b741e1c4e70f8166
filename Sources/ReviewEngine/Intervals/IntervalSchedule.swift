/// When an interval rule's next review of a service is due and opens, derived from facts every time it is asked.
package struct IntervalSchedule: Hashable, Sendable {
  package let anchor: Day
  package let anchorMeaning: String
  package let due: Day
  /// The start of the day on which the review opens.
  package let opens: Instant

  /// Design, "Intervals": `due = anchor + every`; without an earlier review the first of `in service since + k × every` that is
  /// not before the day on which rule and service met.
  package init(_ cause: IntervalCause, progress: RuleProgress, subject: Subject) {
    let zone = subject.service.zone
    let start = subject.service.inServiceSince ?? subject.firstLoadedOn
    if let last = progress.lastClosing {
      if !last.isCompleted {
        (anchor, anchorMeaning) = (last.due, "the due day of the cancelled review")
        due = cause.anchor == .completion ? cause.every.added(to: last.due) : cause.dueDay(afterDue: last.due, countedFrom: start)
      } else if cause.anchor == .completion {
        (anchor, anchorMeaning) = (zone.day(of: last.conducted), "the day of the last review")
        due = cause.every.added(to: anchor)
      } else {
        (anchor, anchorMeaning) = (last.due, "the due day of the last review")
        due = cause.dueDay(afterDue: last.due, countedFrom: start)
      }
    } else {
      (anchor, anchorMeaning) = (start, subject.service.inServiceSince == nil ? "the day the service was first loaded" : "in service since")
      due = cause.firstDueDay(from: start, notBefore: progress.metOn)
    }
    opens = max(zone.start(of: cause.openingDay(due: due, anchor: anchor)), zone.start(of: start))
  }

  package func evidence(_ cause: IntervalCause) -> IntervalEvidence {
    IntervalEvidence(
      every: cause.every.description, anchor: anchor.description, anchorMeaning: anchorMeaning, due: due.description,
      opens: opens.description)
  }
}

extension IntervalCause {
  /// The first `start + k × every`, k = 1, 2, …, that is not before `day`.
  func firstDueDay(from start: Day, notBefore day: Day) -> Day {
    every.added(firstMultiple(from: start) { $0 >= day }, to: start)
  }

  /// The due day after `due`, keeping the day of the month that `start` intends: 31 Jan, 28 Feb, 31 Mar.
  func dueDay(afterDue due: Day, countedFrom start: Day) -> Day {
    let multiple = firstMultiple(from: start) { $0 >= due }
    return every.added(multiple, to: start) == due ? every.added(multiple + 1, to: start) : every.added(to: due)
  }

  private func firstMultiple(from start: Day, where isReached: (Day) -> Bool) -> Int {
    var (low, high) = (1, 1)
    while !isReached(every.added(high, to: start)) { (low, high) = (high, high * 2) }
    while low < high {
      let middle = (low + high) / 2
      if isReached(every.added(middle, to: start)) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  func openingDay(due: Day, anchor: Day) -> Day {
    if let opensBefore { return opensBefore.subtracted(from: due) }
    let interval = due - every.subtracted(from: due)
    return due + -min(14, interval / 2)
  }
}

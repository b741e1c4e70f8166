/// Due days follow their calendar.
extension Evaluation {
  /// Counts the due days of open reviews anew whose working days another calendar decides now.
  func recount(_ subjects: inout [Subject], _ verdict: inout Verdict) {
    for index in subjects.indices {
      for review in subjects[index].openReviews where review.state != .conducted {
        guard let (due, counted) = dueDay(of: review, subjects[index]), due != review.due else { continue }
        var moved = review
        moved.due = due
        subjects[index].update(moved)
        verdict.decisions.append(.recounted(moved, dueBefore: review.due, counted: counted))
      }
    }
  }

  /// The due day by the calendar of the moment, and what it was counted from; nil where the calendar has no say.
  private func dueDay(of review: Review, _ subject: Subject) -> (Day, counted: String)? {
    if let count = review.dueCount, count.amount.isWorkingTime {
      return (count.amount.added(to: count.from, in: subject.calendar), "\(count.amount) from \(count.from)")
    }
    // A joined trigger that moved it earlier keeps it there.
    guard review.dueCount == nil, let rule = review.rule.flatMap({ ruleSet.rule($0) }), let due = dueDay(ofOpenReviewOf: rule, subject)
    else { return nil }
    return (due, "the days of '\(rule.id)'")
  }

  /// The day on which the open review of an interval rule is due by the calendar of the moment; nil where the calendar says nothing
  /// about it: days by the wall, and factors, which are asked anew.
  private func dueDay(ofOpenReviewOf rule: Rule, _ subject: Subject) -> Day? {
    guard let progress = subject.progress[rule.id] else { return nil }
    switch rule.cause {
    case .interval(let cause):
      return cause.every.isWorkingTime && cause.adaptation == nil ? IntervalBase(cause, progress: progress, subject: subject).due : nil
    case .recurrence(let cause):
      guard let occurrence = progress.lastOccurrence, let shift = cause.shift else { return nil }
      return subject.calendar.workingDay(shift, from: occurrence)
    case .event, .condition: return nil
    }
  }
}

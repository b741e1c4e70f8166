/// What follows from other rules and calendars.
extension Evaluation {
  /// Lets go of what was remembered by rules that meant something else, or by days that were counted otherwise: factors
  /// are asked anew.
  func forget(_ occasion: Occasion, _ subjects: inout [Subject]) {
    guard occasion.isReload else { return }
    for index in subjects.indices {
      for rule in occasion.changedRules { forgetMeaning(of: rule, &subjects[index]) }
      guard occasion.isRecalendared else { continue }
      for rule in ruleSet.rules where rule.adaptsWorkingTime {
        subjects[index].progress[rule.id]?.adapted?.isOutdated = true
      }
    }
  }

  /// What a cooldown keeps stays where the rule still asks for it.
  private func forgetMeaning(of id: String, _ subject: inout Subject) {
    guard var progress = subject.progress[id] else { return }
    progress.forgetMeaning()
    if !progress.keptEvents.isEmpty {
      progress.keptEvents = progress.keptEvents.filter { event in
        guard let rule = ruleSet.rule(id), case .event(let cause) = rule.cause, cause.type == event.type else {
          return false
        }
        return cause.matches.match(event) == .matches
          && services(of: subject, for: rule).contains { $0.id == event.service }
      }
    }
    subject.progress[id] = progress
  }

  /// Counts the due days of open reviews anew whose working days another calendar decides now.
  func recount(_ subjects: inout [Subject], _ verdict: inout Verdict, at now: Instant) {
    for index in subjects.indices {
      let calendar = subjects[index].calendar.id
      for review in subjects[index].openReviews where review.state != .conducted {
        if let fact = intervalMove(of: review, subjects[index], at: now) {
          subjects[index].apply(fact)
          verdict.facts.append(fact)
        }
        guard let due = dueDay(of: review, subjects[index]), due != review.due else { continue }
        let move = DueMove(
          from: review.due, to: due, count: review.dueCount, because: .calendar(review.dueCount, calendar: calendar))
        let fact = Fact(at: now, by: .daemon, subject: review.subject, review: review.id, .dueMoved(move))
        subjects[index].apply(fact)
        verdict.facts.append(fact)
      }
    }
  }

  /// The day that its interval gives a review that a joined trigger moved: the ones after it count from there.
  private func intervalMove(of review: Review, _ subject: Subject, at now: Instant) -> Fact? {
    guard let standing = review.intervalDue, review.dueCount != nil,
      let rule = review.rule.flatMap({ ruleSet.rule($0) }),
      case .interval(let cause) = rule.cause, cause.every.isWorkingTime, cause.adaptation == nil,
      let progress = subject.progress[rule.id]
    else { return nil }
    let base = IntervalBase(cause, progress: progress, subject: self.subject(subject, for: rule))
    guard base.due != standing else { return nil }
    let move = IntervalMove(rule: rule.id, from: standing, to: base.due, evidence: base.evidence)
    return Fact(at: now, by: .rule(rule.id), subject: review.subject, review: review.id, .intervalMoved(move))
  }

  /// The due day by the calendar of the moment; nil where the calendar has no say.
  private func dueDay(of review: Review, _ subject: Subject) -> Day? {
    if let count = review.dueCount {
      // A joined trigger that moved it earlier keeps it there.
      return count.amount.isWorkingTime ? count.amount.added(to: count.from, in: subject.calendar) : nil
    }
    return review.rule.flatMap { ruleSet.rule($0) }.flatMap { dueDay(ofOpenReviewOf: $0, subject) }
  }

  /// The day on which the open review of an interval rule is due by the calendar of the moment; nil where the calendar
  /// says nothing about it: days by the wall, and factors, which are asked anew.
  private func dueDay(ofOpenReviewOf rule: Rule, _ subject: Subject) -> Day? {
    guard let progress = subject.progress[rule.id] else { return nil }
    let subject = self.subject(subject, for: rule)
    switch rule.cause {
    case .interval(let cause):
      return cause.every.isWorkingTime && cause.adaptation == nil
        ? IntervalBase(cause, progress: progress, subject: subject).due : nil
    case .recurrence(let cause):
      guard let occurrence = progress.lastOccurrence, let shift = cause.shift else { return nil }
      return subject.calendar.workingDay(shift, from: occurrence)
    case .event, .condition: return nil
    }
  }
}

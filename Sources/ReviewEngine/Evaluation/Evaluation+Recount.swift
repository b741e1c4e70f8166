/// What follows from other rules and calendars.
extension Evaluation {
  /// Lets go of what was remembered by rules that meant something else.
  func forget(_ changedRules: [String], _ subjects: inout [Subject]) {
    for index in subjects.indices {
      for rule in changedRules { forgetMeaning(of: rule, &subjects[index]) }
    }
  }

  /// What a cooldown keeps stays where the rule still asks for it.
  private func forgetMeaning(of id: String, _ subject: inout Subject) {
    guard var progress = subject.progress[id] else { return }
    progress.forgetMeaning()
    if !progress.keptEvents.isEmpty {
      progress.keptEvents = progress.keptEvents.filter { event in
        guard let rule = ruleSet.rule(id), rule.scope == subject.id.scope, case .event(let cause) = rule.cause,
          cause.type == event.type
        else { return false }
        return cause.matches.match(event) == .matches
          && services(of: subject, for: rule).contains { $0.id == event.service }
      }
    }
    subject.progress[id] = progress
  }

  /// Counts the due days anew that another calendar decides now: of open reviews, and of intervals that factors
  /// adapted.
  func recount(_ subjects: inout [Subject], _ verdict: inout Verdict, at now: Instant) {
    for index in subjects.indices {
      for rule in rules(for: subjects[index]) { readapt(rule, &subjects[index], &verdict, at: now) }
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

  /// What the factors said stays; what it makes of the interval is counted anew.
  private func readapt(_ rule: Rule, _ subject: inout Subject, _ verdict: inout Verdict, at now: Instant) {
    guard case .interval(let cause) = rule.cause, let adaptation = cause.adaptation,
      let progress = subject.progress[rule.id], let closing = progress.lastClosing,
      let standing = progress.adapted(after: closing), let factors = standing.evidence.factors
    else { return }
    let base = IntervalBase(cause, progress: progress, subject: self.subject(subject, for: rule))
    let days = adaptation.adapted(cause, base, factors.map(\.verdict), subject.calendar)
    let evidence = base.evidence(days, factors)
    let adapted = AdaptedInterval(closing: closing.review, evidence: evidence)
    guard adapted != standing else { return }
    subject.progress[rule.id]?.adapted = adapted
    guard adapted.due != standing.due else { return }
    // A meeting that stood when factors moved the interval, or a trigger that joined, has a due day of its own.
    let open = subject.openReview(ofRule: rule.id).flatMap {
      $0.state != .conducted && ($0.intervalDue ?? $0.due) == standing.due ? $0 : nil
    }
    var facts = [
      Fact(
        at: now, by: .rule(rule.id), subject: subject.id, review: open?.id,
        .intervalMoved(IntervalMove(rule: rule.id, from: standing.due, to: adapted.due, evidence: evidence)))
    ]
    if let open, open.due == standing.due {
      let move = DueMove(
        from: open.due, to: adapted.due, count: nil, because: .calendar(nil, calendar: subject.calendar.id))
      facts.append(Fact(at: now, by: .daemon, subject: subject.id, review: open.id, .dueMoved(move)))
    }
    for fact in facts {
      subject.apply(fact)
      verdict.facts.append(fact)
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
  /// says nothing about it: days by the wall, and what factors adapted, which is counted before.
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

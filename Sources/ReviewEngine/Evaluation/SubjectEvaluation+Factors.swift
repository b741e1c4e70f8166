/// Adaptive intervals: a factor moves the due day earlier at once; a lengthening waits until a review closes.
extension SubjectEvaluation {
  mutating func adapt(_ asked: AskedRule) {
    let rule = asked.rule
    guard case .interval(let cause) = rule.cause, let adaptation = cause.adaptation, var progress = subject.progress[rule.id],
      let closing = progress.lastClosing
    else { return }
    let base = IntervalBase(cause, progress: progress, subject: subject)
    let verdicts = verdicts(adaptation, asked)
    let days = adaptation.adapted(cause, base, verdicts, subject.calendar)
    let standing = progress.adapted.flatMap { $0.closing == closing.review ? $0 : nil }
    if let standing, standing.due <= base.anchor + days.days { return }
    // The figures are gathered only now: most of the time nothing changes.
    let evidence = base.evidence(days, factors(adaptation, verdicts, asked))
    let adapted = AdaptedInterval(closing: closing.review, evidence: evidence)
    progress.adapted = adapted
    subject.progress[rule.id] = progress
    let reviewDueBefore = subject.openReview(ofRule: rule.id)?.due
    let review = moved(rule, to: adapted.due)
    verdict.decisions.append(
      .dueChanged(
        DueChange(
          rule: rule.id, subject: subject.id, at: instant, before: standing?.due, after: adapted.due, evidence: evidence,
          review: review, reviewDueBefore: review == nil ? nil : reviewDueBefore)))
  }

  /// The open review of the rule with its new due day; nil where none moves, because a meeting stands or it is due earlier anyway.
  private mutating func moved(_ rule: Rule, to due: Day) -> Review? {
    guard var review = subject.openReview(ofRule: rule.id), review.state == .pending, due < review.due else { return nil }
    review.due = due
    review.dueCount = nil
    subject.update(review)
    return review
  }

  private func verdicts(_ adaptation: Adaptation, _ asked: AskedRule) -> [Truth] {
    var start = 0
    return adaptation.factors.map { factor in
      let rows = asked.answers.rows[start..<start + factor.leaves.count]
      start = rows.endIndex
      let truths = truths(of: factor.condition, asked, rows)
      // Of a customer's services one is enough to meet sooner, and all must agree to meet later.
      return factor.multiplyBy < DecimalValue(mantissa: 1) ? .any(of: truths) : .all(of: truths)
    }
  }

  private func factors(_ adaptation: Adaptation, _ verdicts: [Truth], _ asked: AskedRule) -> [FactorEvidence] {
    var start = 0
    return zip(adaptation.factors, verdicts).map { factor, verdict in
      let rows = asked.answers.rows[start..<start + factor.leaves.count]
      start = rows.endIndex
      return FactorEvidence(
        id: factor.id, multiplyBy: factor.multiplyBy.description, verdict: verdict, findings: findings(factor.leaves, asked, rows))
    }
  }
}

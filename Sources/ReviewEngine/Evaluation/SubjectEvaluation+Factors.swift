/// Adaptive intervals: a factor moves the due day earlier at once; a lengthening waits until a review closes.
extension SubjectEvaluation {
  mutating func adapt(_ asked: AskedRule) {
    let rule = asked.rule
    guard case .interval(let cause) = rule.cause, let adaptation = cause.adaptation, var progress = subject.progress[rule.id],
      let closing = progress.lastClosing
    else { return }
    let base = IntervalBase(cause, progress: progress, subject: subject)
    let evidence = adaptation.adapted(cause, base, factors(adaptation, asked), subject.calendar)
    let standing = progress.adapted.flatMap { $0.closing == closing.review ? $0 : nil }
    let adapted = AdaptedInterval(closing: closing.review, evidence: evidence)
    if let standing, standing.due <= adapted.due { return }
    progress.adapted = adapted
    subject.progress[rule.id] = progress
    let review = moved(rule, to: adapted.due)
    verdict.decisions.append(
      .dueChanged(
        DueChange(
          rule: rule.id, subject: subject.identity, at: instant, before: standing?.due, after: adapted.due, evidence: evidence,
          review: review)))
  }

  /// The open review of the rule with its new due day; nil where none moves, because a meeting stands or it is due earlier anyway.
  private mutating func moved(_ rule: Rule, to due: Day) -> OpenReview? {
    guard var review = subject.openReview(ofRule: rule.id), review.state == .pending, due < review.due else { return nil }
    review.due = due
    subject.update(review)
    return review
  }

  private func factors(_ adaptation: Adaptation, _ asked: AskedRule) -> [FactorEvidence] {
    var start = 0
    return adaptation.factors.map { factor in
      let rows = asked.answers.rows[start..<start + factor.leaves.count]
      start = rows.endIndex
      let truths = truths(of: factor.condition, asked, rows)
      // Of a customer's services one is enough to meet sooner, and all must agree to meet later.
      let isShorter = factor.multiplyBy < DecimalValue(mantissa: 1)
      return FactorEvidence(
        id: factor.id, multiplyBy: factor.multiplyBy.description, verdict: isShorter ? .any(of: truths) : .all(of: truths),
        findings: findings(factor.leaves, asked, rows))
    }
  }
}

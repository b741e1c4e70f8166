/// Adaptive intervals: a factor moves the due day earlier at once; a lengthening waits until a review closes.
extension SubjectEvaluation {
  mutating func adapt(_ asked: AskedRule) {
    let rule = asked.rule
    guard case .interval(let cause) = rule.cause, let adaptation = cause.adaptation,
      var progress = subject.progress[rule.id],
      let closing = progress.lastClosing
    else { return }
    let base = IntervalBase(cause, progress: progress, subject: evaluation.subject(subject, for: rule))
    let verdicts = verdicts(adaptation, asked)
    let days = adaptation.adapted(cause, base, verdicts, subject.calendar)
    let standing = progress.adapted(after: closing)
    if let standing, standing.due <= base.anchor + days.days { return }
    // The figures are gathered only now: most of the time nothing changes.
    let evidence = base.evidence(days, factors(adaptation, verdicts, asked))
    let adapted = AdaptedInterval(closing: closing.review, evidence: evidence)
    progress.adapted = adapted
    subject.progress[rule.id] = progress
    // A meeting that stands stays.
    let open = subject.openReview(ofRule: rule.id).flatMap {
      $0.state == .pending && adapted.due < $0.intervalDue ?? $0.due ? $0 : nil
    }
    note(
      .intervalMoved(IntervalMove(rule: rule.id, from: standing?.due, to: adapted.due, evidence: evidence)),
      of: open?.id, by: rule,
      at: instant)
    // One that is due earlier anyway, too.
    guard let open, adapted.due < open.due else { return }
    note(
      .dueMoved(DueMove(from: open.due, to: adapted.due, count: nil, because: .factors(evidence))), of: open.id,
      by: rule,
      at: instant)
  }

  private func verdicts(_ adaptation: Adaptation, _ asked: AskedRule) -> [Truth] {
    var start = 0
    return adaptation.factors.map { factor in
      let leaves = start..<start + factor.leaves.count
      start = leaves.upperBound
      let truths = truths(of: factor.condition, asked, leaves)
      // Of a customer's services one is enough to meet sooner, and all must agree to meet later.
      return factor.multiplyBy < DecimalValue(mantissa: 1) ? .any(of: truths) : .all(of: truths)
    }
  }

  private func factors(_ adaptation: Adaptation, _ verdicts: [Truth], _ asked: AskedRule) -> [FactorEvidence] {
    var start = 0
    return zip(adaptation.factors, verdicts).map { factor, verdict in
      let leaves = start..<start + factor.leaves.count
      start = leaves.upperBound
      return FactorEvidence(
        id: factor.id, multiplyBy: factor.multiplyBy.description, verdict: verdict,
        findings: findings(factor.leaves, asked, leaves))
    }
  }
}

extension Evaluation {
  /// The next instant at which a subject needs an evaluation of its own, conditions aside: an interval review opens, at once where
  /// that has passed, or its factors wait to be asked, or a cooldown with kept events ends, which may have been in the past.
  ///
  /// - Parameter deferredRules: those whose factors are asked for already.
  package func nextOwnInstant(of subject: Subject, at now: Instant, deferring deferredRules: Set<String> = []) -> Instant? {
    var next: Instant?
    for rule in rules(for: subject) {
      guard let own = ownInstant(of: rule, subject, at: now, isDeferred: deferredRules.contains(rule.id)),
        let instant = firstInService(rule, subject, notBefore: own)
      else { continue }
      next = min(next ?? instant, instant)
    }
    return next
  }

  /// The first instant not before another one at which any service is in service that a rule applies to: between two of them nothing is
  /// evaluated, and what waits for it would wake up in vain. Nil after the end of all.
  package func firstInService(_ rule: Rule, _ subject: Subject, notBefore instant: Instant) -> Instant? {
    if case .service = subject.id { return subject.services.first?.firstInService(notBefore: instant) }
    return services(of: subject, for: rule).compactMap { $0.firstInService(notBefore: instant) }.min()
  }

  private func ownInstant(of rule: Rule, _ subject: Subject, at now: Instant, isDeferred: Bool) -> Instant? {
    switch rule.cause {
    case .interval, .recurrence:
      let progress = subject.progress(of: rule, meetingOn: subject.zone.day(of: now))
      if let since = factorsAwaitedSince(rule, progress) { return isDeferred ? nil : max(since, now) }
      guard subject.openReview(ofRule: rule.id) == nil else { return nil }
      return schedule(of: rule, progress, subject).map { max($0.opens, now) }
    case .event:
      guard let progress = subject.progress[rule.id], !progress.keptEvents.isEmpty else { return nil }
      return progress.cooldownEnd(rule.cooldown) ?? now
    case .condition: return nil
    }
  }

  /// The next instant after `instant` on the grid of any rule that asks conditions.
  package func nextGridInstant(after instant: Instant) -> Instant? {
    ruleSet.rules.compactMap(\.gridStep).map { instant.nextGridInstant(every: $0) }.min()
  }
}

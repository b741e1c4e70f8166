extension Evaluation {
  /// The next instant at which a subject needs an evaluation of its own, conditions aside: an interval review opens, at once where
  /// that has passed, or a cooldown with kept events ends, which may have been in the past.
  package func nextOwnInstant(of subject: Subject, at now: Instant) -> Instant? {
    var next: Instant?
    for rule in rules(for: subject) {
      guard let instant = ownInstant(of: rule, subject, at: now), isInService(rule, subject, until: instant) else { continue }
      next = min(next ?? instant, instant)
    }
    return next
  }

  /// Whether an instant is before the end of the services that a rule applies to.
  package func isInService(_ rule: Rule, _ subject: Subject, until instant: Instant) -> Bool {
    self.subject(subject, for: rule).outOfService.map { instant < $0 } ?? true
  }

  private func ownInstant(of rule: Rule, _ subject: Subject, at now: Instant) -> Instant? {
    switch rule.cause {
    case .interval, .recurrence:
      guard subject.openReview(ofRule: rule.id) == nil else { return nil }
      let progress = subject.progress(of: rule, meetingOn: subject.zone.day(of: now))
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

extension Evaluation {
  /// The next instant at which a subject needs an evaluation of its own, conditions aside: an interval review opens, at once where
  /// that has passed, or a cooldown with kept events ends, which may have been in the past.
  package func nextOwnInstant(of subject: Subject, at now: Instant) -> Instant? {
    var next: Instant?
    for rule in rules(for: subject.service.id) {
      guard let instant = ownInstant(of: rule, subject, at: now) else { continue }
      next = min(next ?? instant, instant)
    }
    guard let next else { return nil }
    if let until = subject.service.inServiceUntil, next >= subject.service.zone.end(of: until) { return nil }
    return next
  }

  private func ownInstant(of rule: Rule, _ subject: Subject, at now: Instant) -> Instant? {
    switch rule.cause {
    case .interval(let cause):
      guard subject.openReview(ofRule: rule.id) == nil else { return nil }
      let progress = subject.progress(of: rule, meetingOn: subject.service.zone.day(of: now))
      return max(IntervalSchedule(cause, progress: progress, subject: subject).opens, now)
    case .event:
      guard let progress = subject.progress[rule.id], !progress.keptEvents.isEmpty else { return nil }
      return progress.cooldownEnd(rule.cooldown) ?? now
    case .condition: return nil
    }
  }

  /// The next instant after `instant` on the grid of any condition rule.
  package func nextGridInstant(after instant: Instant) -> Instant? {
    ruleSet.rules.compactMap(\.gridStep).map { instant.nextGridInstant(every: $0) }.min()
  }
}

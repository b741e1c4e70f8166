extension Evaluation {
  /// The next instant at which a subject needs an evaluation of its own, conditions aside: an interval review opens,
  /// its factors wait to be asked, or a cooldown with kept events ends. What should have come already comes at once.
  ///
  /// - Parameters:
  ///   - askedRules: those whose factors are asked for already.
  ///   - catchingUpAt: when what should be open already opens; nil: at once.
  package func nextOwnInstant(
    of subject: Subject, at now: Instant, besides askedRules: Set<String> = [], catchingUpAt: Instant? = nil
  ) -> Instant? {
    var next: Instant?
    for rule in rules(for: subject) {
      guard let own = ownInstant(of: rule, subject, at: now, isAsked: askedRules.contains(rule.id)) else { continue }
      let earliest =
        switch own {
        case .opens: own.instant <= now ? catchingUpAt ?? now : now
        case .asksFactors: now
        // Kept events are released as of then, however late it is, by services that may be out of service now.
        case .releasesEvents: catchingUpAt == nil ? own.instant : now
        }
      guard let instant = firstInService(rule, subject, notBefore: max(own.instant, earliest)) else { continue }
      next = min(next ?? instant, instant)
    }
    return next
  }

  /// The first instant not before another one at which any service is in service that a rule applies to: between two of
  /// them nothing is evaluated, and what waits for it would wake up in vain. Nil after the end of all.
  package func firstInService(_ rule: Rule, _ subject: Subject, notBefore instant: Instant) -> Instant? {
    if case .service = subject.id { return subject.services.first?.firstInService(notBefore: instant) }
    return services(of: subject, for: rule).compactMap { $0.firstInService(notBefore: instant) }.min()
  }

  /// What a subject waits for by one rule, by what is known.
  private enum OwnInstant {
    case opens(Instant)
    case asksFactors(since: Instant)
    case releasesEvents(Instant)

    var instant: Instant {
      switch self {
      case .opens(let instant), .asksFactors(let instant), .releasesEvents(let instant): instant
      }
    }
  }

  private func ownInstant(of rule: Rule, _ subject: Subject, at now: Instant, isAsked: Bool) -> OwnInstant? {
    switch rule.cause {
    case .interval, .recurrence:
      let progress = subject.progress(of: rule, meetingOn: subject.zone.day(of: now))
      if let since = factorsAwaitedSince(rule, progress) { return isAsked ? nil : .asksFactors(since: since) }
      guard subject.openReview(ofRule: rule.id) == nil else { return nil }
      return schedule(of: rule, progress, subject).map { .opens($0.opens) }
    case .event:
      guard let progress = subject.progress[rule.id], !progress.keptEvents.isEmpty else { return nil }
      return .releasesEvents(progress.cooldownEnd(rule.cooldown) ?? now)
    case .condition: return nil
    }
  }
}

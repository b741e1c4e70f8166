/// The next interval review of a rule and a subject, by what is known.
package struct ComingReview: Hashable, Sendable {
  package let rule: Rule
  package let schedule: IntervalSchedule
  /// Those that are in service when it opens.
  package let services: [String]
}

extension Evaluation {
  /// What comes next by a rule; nil while its review is open, and after the end of the services that it applies to.
  package func coming(_ rule: Rule, _ subject: Subject, at now: Instant) -> ComingReview? {
    guard rule.isInterval, subject.openReview(ofRule: rule.id) == nil,
      let schedule = schedule(of: rule, subject.progress(of: rule, meetingOn: subject.zone.day(of: now)), subject),
      let opens = firstInService(rule, subject, notBefore: max(schedule.opens, now))
    else { return nil }
    let services = services(of: subject, for: rule).filter { $0.isInService(at: opens) }
    return ComingReview(rule: rule, schedule: schedule, services: services.map(\.id))
  }

  /// The same by all of its rules, in rule order.
  package func coming(_ subject: Subject, at now: Instant) -> [ComingReview] {
    rules(for: subject).compactMap { coming($0, subject, at: now) }
  }
}

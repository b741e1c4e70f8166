import ReviewAPI
import ReviewEngine
import ReviewWords

/// The subjects of one moment with the rules in force.
package struct Catalogue: Sendable {
  let evaluation: Evaluation
  let subjects: [SubjectID: Subject]
  let now: Instant

  var ruleSet: RuleSet { evaluation.ruleSet }

  /// A service with the customer that it is reviewed with, if it has one.
  func subjects(with service: String) -> [Subject] {
    let customer = ruleSet.service(service)?.customer.map { SubjectID.customer($0) }
    return [.service(service), customer].compactMap { key in key.flatMap { subjects[$0] } }
  }

  /// The coming interval reviews of some subjects that are not open yet, in the order of due day.
  package func upcoming(_ subjects: [Subject]) -> [UpcomingReview] {
    subjects.flatMap { upcoming($0) }.sorted { ($0.due, $0.rule) < ($1.due, $1.rule) }
  }

  private func upcoming(_ subject: Subject) -> [UpcomingReview] {
    let today = subject.zone.day(of: now)
    return evaluation.rules(for: subject).compactMap { rule in
      guard rule.isInterval, subject.openReview(ofRule: rule.id) == nil,
        let schedule = evaluation.schedule(of: rule, subject.progress(of: rule, meetingOn: today), subject),
        evaluation.firstInService(rule, subject, notBefore: max(schedule.opens, now)) != nil
      else { return nil }
      return UpcomingReview(
        subject.id, services: subject.services.map(\.id), rule: rule, opens: schedule.opens, due: schedule.due,
        because: schedule.evidence.arithmetic)
    }
  }
}

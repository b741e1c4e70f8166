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
    evaluation.coming(subject, at: now).map { coming in
      UpcomingReview(
        subject.id, services: coming.services, rule: coming.rule, opens: coming.schedule.opens,
        due: coming.schedule.due, because: coming.schedule.evidence.arithmetic)
    }
  }

  /// Those of a service, with those of its customer in which it has a part.
  func upcoming(with service: String) -> [UpcomingReview] {
    upcoming(subjects(with: service)).filter { $0.services.contains(service) }
  }
}

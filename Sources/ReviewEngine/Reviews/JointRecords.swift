import Algorithms

/// The reviews that a rule may count: those of its subject, and of a customer's services that it applies to.
struct JointRecords {
  let subject: SubjectID
  private let own: [ReviewRecord]
  private let lastOwn: Closing?
  private let ofServices: [[ReviewRecord]]
  /// Thousands of services of one customer ask the same.
  private let times: Times?

  /// - Parameter services: those of a customer that the rule applies to.
  init(_ subject: Subject, services: [Service]) {
    (self.subject, own, lastOwn) = (subject.id, subject.records, subject.lastCompletion)
    ofServices = subject.serviceRecords.isEmpty ? [] : services.compactMap { subject.serviceRecords[$0.id] }
    times = ofServices.isEmpty ? nil : Times()
  }

  /// How many a condition counts in a window, as they were known at an instant, which is the same for all who ask.
  func count(_ condition: ReviewCondition, in window: ServiceWindow, at instant: Instant) -> Int {
    func time(_ record: ReviewRecord) -> Instant? {
      condition.rule == nil || record.rule == condition.rule ? record.time(of: condition.transition) : nil
    }
    guard let times else {
      return own.count { record in time(record).map { $0 > window.after && $0 <= window.through } ?? false }
    }
    let sorted = times.sorted(condition) {
      (own.compactMap(time) + ofServices.flatMap { $0.compactMap { time($0.known(at: instant)) } }).sorted()
    }
    return sorted.partitioningIndex { $0 > window.through } - sorted.partitioningIndex { $0 > window.after }
  }

  /// When what conditions count happened, worked out once for all services that ask.
  private final class Times {
    private struct Key: Hashable {
      let transition: ReviewCondition.Transition
      let rule: String?
    }

    private var known: [Key: [Instant]] = [:]

    func sorted(_ condition: ReviewCondition, _ collect: () -> [Instant]) -> [Instant] {
      let key = Key(transition: condition.transition, rule: condition.rule)
      if let times = known[key] { return times }
      let times = collect()
      known[key] = times
      return times
    }
  }

  /// The completion that was held last, as it was known at an instant.
  func lastCompletion(at instant: Instant) -> Closing? {
    ofServices.reduce(lastOwn) { last, records in
      records.lazy.compactMap { $0.known(at: instant).closing }.filter(\.isCompleted).reduce(last) { last, closing in
        last.map { $0.conducted >= closing.conducted } ?? false ? last : closing
      }
    }
  }
}

extension ReviewRecord {
  /// A simulation knows already how a review of another subject ends.
  fileprivate func known(at instant: Instant) -> ReviewRecord {
    guard let closing, closing.at > instant || closing.at == instant && closedAfterEvaluation else { return self }
    return ReviewRecord(id: id, rule: rule, opened: opened)
  }
}

/// The reviews of services, for their customers' rules that ask for them.
package struct ServiceReviews {
  private let evaluation: Evaluation
  private var records: [String: [String: [ReviewRecord]]] = [:]

  package init(_ evaluation: Evaluation) { self.evaluation = evaluation }

  /// Keeps the reviews of a service where its customer's rules may ask for them.
  package mutating func note(_ subject: Subject) { note(subject, closedAfterEvaluation: []) }

  /// The same of one whose history was simulated.
  package mutating func note(_ outcome: SimulationOutcome) {
    note(outcome.subject, closedAfterEvaluation: outcome.closedAfterEvaluation)
  }

  private mutating func note(_ subject: Subject, closedAfterEvaluation late: Set<String>) {
    guard let service = subject.id.service, let customer = evaluation.customer(asking: service) else { return }
    var known = subject.records
    for index in known.indices where late.contains(known[index].id) { known[index].closedAfterEvaluation = true }
    records[customer, default: [:]][service] = known
  }

  /// A customer with the reviews of its services that were noted; a service as it is.
  package func completing(_ subject: Subject) -> Subject {
    guard let customer = subject.id.customer, let known = records[customer] else { return subject }
    var completed = subject
    completed.serviceRecords = known
    return completed
  }
}

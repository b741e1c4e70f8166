/// The reviews that a rule may count: those of its subject, and of a customer's services that it applies to.
struct JointRecords {
  let subject: SubjectID
  private let own: [ReviewRecord]
  private let lastOwn: Closing?
  private let ofServices: [[ReviewRecord]]

  /// - Parameter services: those of a customer that the rule applies to.
  init(_ subject: Subject, services: [Service]) {
    (self.subject, own, lastOwn) = (subject.id, subject.records, subject.lastCompletion)
    ofServices = subject.serviceRecords.isEmpty ? [] : services.compactMap { subject.serviceRecords[$0.id] }
  }

  /// How many there are of some kind, as they were known at an instant.
  func count(at instant: Instant, where matches: (ReviewRecord) -> Bool) -> Int {
    own.count(where: matches) + ofServices.reduce(0) { $0 + $1.count { matches($0.known(at: instant)) } }
  }

  /// The completion that was held last, as it was known at an instant.
  func lastCompletion(at instant: Instant) -> Closing? {
    ofServices.reduce(lastOwn) { last, records in
      records.lazy.compactMap(\.closing).filter { $0.isCompleted && $0.at <= instant }.reduce(last) { last, closing in
        last.map { $0.conducted >= closing.conducted } ?? false ? last : closing
      }
    }
  }
}

extension ReviewRecord {
  /// A simulation knows already how a review of another subject ends.
  fileprivate func known(at instant: Instant) -> ReviewRecord {
    guard let closing, closing.at > instant else { return self }
    return ReviewRecord(id: id, rule: rule, opened: opened)
  }
}

/// The reviews of services, for their customers' rules that ask for them.
package struct ServiceReviews {
  private let evaluation: Evaluation
  private var records: [String: [String: [ReviewRecord]]] = [:]

  package init(_ evaluation: Evaluation) { self.evaluation = evaluation }

  /// Keeps the reviews of a service where its customer's rules may ask for them.
  package mutating func note(_ subject: Subject) {
    guard let service = subject.id.service, let customer = evaluation.customer(asking: service) else { return }
    records[customer, default: [:]][service] = subject.records
  }

  /// A customer with the reviews of its services that were noted; a service as it is.
  package func completing(_ subject: Subject) -> Subject {
    guard let customer = subject.id.customer, let known = records[customer] else { return subject }
    var completed = subject
    completed.serviceRecords = known
    return completed
  }
}

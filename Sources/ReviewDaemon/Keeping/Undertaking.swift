import ReviewEngine
import ReviewStore

/// One transaction of the keeper: what is taken in, and what the centre decides about it, together.
struct Undertaking {
  let transaction: StoreTransaction
  let evaluation: Evaluation
  /// Services by id, then customers by id.
  var subjects: [Subject]
  let now: Instant
  /// What happened, in the order of the log.
  private(set) var facts: [LoggedFact] = []
  /// Where each subject stands.
  private let places: [SubjectID: Int]

  init(transaction: StoreTransaction, evaluation: Evaluation, subjects: [Subject], now: Instant) {
    self.transaction = transaction
    self.evaluation = evaluation
    self.subjects = subjects
    self.now = now
    places = Dictionary(subjects.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The same for one service and its customer alone.
  mutating func decide(_ occasion: Occasion, touching service: String) throws -> Verdict {
    let customer = evaluation.ruleSet.service(service)?.customer.map { SubjectID.customer($0) }
    return try decide(occasion, over: [.service(service), customer].compactMap { $0.flatMap { places[$0] } })
  }

  /// The same for one subject alone.
  mutating func decide(_ occasion: Occasion, of subject: SubjectID) throws -> Verdict {
    try decide(occasion, over: places[subject].map { [$0] } ?? [])
  }

  /// Lets the centre forget what rules remember that mean something else.
  mutating func forget(_ changedRules: [String]) throws {
    var occasion = Occasion(instant: now)
    occasion.changedRules = changedRules
    if occasion.isReload { _ = try decide(occasion) }
  }

  /// Notes that the due days of a subject are counted by its calendar as it is now.
  func noteCalendar(of id: SubjectID) throws {
    if let subject = subject(id) { try transaction.noteCalendar(of: subject) }
  }

  /// Lets the centre decide one occasion for as many subjects as a portion has time for, and leaves the others alone.
  ///
  /// - Returns: the keys of those that it was decided for.
  mutating func decide(_ occasion: Occasion, _ answers: Answers, within portion: Portion?) throws -> [SubjectID] {
    var decided = 0
    repeat {
      let end = portion == nil ? subjects.count : min(decided + Self.subjectsAtOnce, subjects.count)
      _ = try decide(occasion, over: Array(decided..<end), answers)
      decided = end
    } while decided < subjects.count && !(portion?.isOver ?? false)
    subjects.removeLast(subjects.count - decided)
    return subjects.map(\.id)
  }

  /// Rules are gone through once for so many.
  private static let subjectsAtOnce = 16

  /// Lets the centre decide one occasion for all subjects, and writes down what it decided.
  mutating func decide(_ occasion: Occasion) throws -> Verdict { try decide(occasion, over: Array(subjects.indices)) }

  // What came by itself, an event or a command, asks nothing.
  private mutating func decide(_ occasion: Occasion, over indices: [Int], _ answers: Answers = Answers()) throws
    -> Verdict
  {
    var deciding = indices.map { subjects[$0] }
    let verdict = try evaluation.decide(occasion, subjects: &deciding, answers: answers)
    try record(verdict.facts)
    for (index, subject) in zip(indices, deciding) {
      if subject.progress != subjects[index].progress { try save(subject, subjects[index].progress) }
      subjects[index] = subject
      handOn(subject)
    }
    for (rule, count) in verdict.unknownCounts.sorted(by: { $0.key < $1.key }) {
      try transaction.note(rule: rule, evaluatedThrough: nil, unknown: count)
    }
    for (rule, count) in verdict.lackingAttributeCounts.sorted(by: { $0.key < $1.key }) {
      try transaction.note(rule: rule, evaluatedThrough: nil, lackingAttribute: count)
    }
    return verdict
  }

  func save(_ subject: Subject, _ before: [String: RuleProgress]) throws {
    for rule in subject.progress.keys.sorted() {
      guard let progress = subject.progress[rule], progress != before[rule] else { continue }
      try transaction.save(progress, before: before[rule], rule: rule, subject: subject.id)
    }
  }

  func subject(_ id: SubjectID) -> Subject? { places[id].map { subjects[$0] } }

  // Customers may come later in the same transaction.
  private mutating func handOn(_ subject: Subject) {
    guard let service = subject.id.service, let customer = evaluation.customer(asking: service),
      let place = places[.customer(customer)],
      place < subjects.count
    else { return }
    subjects[place].serviceRecords[service] = subject.records
  }

  /// Appends facts to the log, and leaves their reviews as they do: the tables are the fold of the log.
  mutating func record(_ decided: [Fact]) throws {
    var fold = ReviewFold()
    for fact in decided {
      let review = try fold.apply(fact) { id in
        try fact.subject.flatMap { subject($0) }?.openReview(id) ?? transaction.snapshot.review(id)
      }
      facts.append(try transaction.append(fact, leaving: review))
    }
    for (review, isNew) in fold.take() { try transaction.save(review, isNew: isNew) }
  }
}

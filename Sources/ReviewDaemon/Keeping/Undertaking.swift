import ReviewEngine
import ReviewStore

/// One transaction of the keeper: what is taken in, what the centre decides about it, and the announcements of that, together.
struct Undertaking {
  let transaction: StoreTransaction
  let evaluation: Evaluation
  /// Services by id, then customers by id.
  var subjects: [Subject]
  let now: Instant
  private(set) var announces = false
  /// Where each subject stands.
  private let places: [SubjectID: Int]
  /// How many triggers joined each review, and of which rule the last one was.
  var joined: [String: (count: Int, rule: String?)] = [:]

  /// Joinings of one review in one transaction that are told one by one; the rest is told together.
  static let toldJoinings = 5

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

  /// Notes that the due days of a subject are counted by its calendar as it is now.
  func noteCalendar(of id: SubjectID) throws { if let subject = subject(id) { try transaction.noteCalendar(of: subject) } }

  /// Tells together what was not told one by one.
  mutating func finish() throws {
    for (review, (count, rule)) in joined.sorted(by: { $0.key < $1.key }) where count > Self.toldJoinings {
      let more = counted(count - Self.toldJoinings, "more trigger")
      let why = "\(rule.map { "\($0): " } ?? "")and \(more) at once"
      try transaction.append(HistoryEntry(at: now, who: "reviewd", what: "joined", why: why), review: review)
      guard let stored = try transaction.snapshot.review(review) else { continue }
      try announce(
        ReviewAnnouncement(kind: .joined, review: stored, ruleSet: evaluation.ruleSet, detail: " It has \(more) of the same moment."))
    }
    joined = [:]
  }

  /// Lets the centre decide one occasion for as many subjects as a portion has time for, and leaves the others alone.
  ///
  /// - Returns: the keys of those that it was decided for.
  mutating func decide(_ occasion: Occasion, within portion: Portion?) throws -> [SubjectID] {
    var decided = 0
    repeat {
      let end = portion == nil ? subjects.count : min(decided + Self.subjectsAtOnce, subjects.count)
      _ = try decide(occasion, over: Array(decided..<end))
      decided = end
    } while decided < subjects.count && !(portion?.isOver ?? false)
    subjects.removeLast(subjects.count - decided)
    return subjects.map(\.id)
  }

  /// Rules ask for many subjects in one go.
  private static let subjectsAtOnce = 16

  /// Lets the centre decide one occasion for all subjects, and writes down what it decided.
  mutating func decide(_ occasion: Occasion) throws -> Verdict { try decide(occasion, over: Array(subjects.indices)) }

  private mutating func decide(_ occasion: Occasion, over indices: [Int]) throws -> Verdict {
    var series = transaction.snapshot.series
    var deciding = indices.map { subjects[$0] }
    let verdict = try evaluation.decide(occasion, subjects: &deciding, series: &series)
    for (index, subject) in zip(indices, deciding) {
      if subject.progress != subjects[index].progress { try save(subject, subjects[index].progress) }
      subjects[index] = subject
    }
    for fact in verdict.facts { try record(fact) }
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

  mutating func announce(_ announcement: ReviewAnnouncement) throws {
    try announce(announcement.kind, announcement.fields)
  }

  mutating func announce(_ kind: AnnouncementKind, _ fields: [String: [String]]) throws {
    try transaction.enqueue(kind: kind.rawValue, fields: fields, at: now)
    announces = true
  }
}

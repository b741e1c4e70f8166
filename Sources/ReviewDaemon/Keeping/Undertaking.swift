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
  private var joined: [String: (count: Int, rule: String?)] = [:]

  /// Joinings of one review in one transaction that are told one by one; the rest is told together.
  private static let toldJoinings = 5

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
    for decision in verdict.decisions { try record(decision, occasion) }
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

  private mutating func record(_ decision: Decision, _ occasion: Occasion) throws {
    switch decision {
    case .opened(let review, let trigger, let by):
      let remark = subject(review.subject).map { lateness(trigger, openedAt: review.opened, $0) } ?? ""
      try insert(review, trigger, who: by ?? "reviewd", remark)
    case .joined(let review, let trigger, let dueBefore):
      try transaction.insert(trigger, review: review.id, recordedAt: occasion.recordedAt)
      joined[review.id, default: (0, nil)].count += 1
      joined[review.id]?.rule = trigger.rule
      if review.due != dueBefore || joined[review.id]?.count ?? 0 <= Self.toldJoinings {
        try recordJoining(review, trigger, dueBefore, occasion)
      }
    case .dueChanged(let change): try record(change)
    case .commanded(let before, let after, let command, let by): try record(command, before, after, by)
    case .recounted(let review, let dueBefore, let counted): try recordRecount(review, dueBefore, counted)
    case .kept: break
    }
  }

  private mutating func record(_ command: ReviewCommand, _ before: Review, _ review: Review, _ who: String) throws {
    try transaction.update(review)
    try transaction.append(
      HistoryEntry(at: now, who: who, what: command.verb, from: before.state.rawValue, to: review.state.rawValue, why: command.why(review)),
      review: review.id)
    try announce(
      ReviewAnnouncement(
        kind: command.announcementKind, review: review, ruleSet: evaluation.ruleSet,
        detail: command.detail(review, subject(review.subject)?.zone ?? .utc)))
  }

  private mutating func recordRecount(_ review: Review, _ dueBefore: Day, _ counted: String) throws {
    let calendar = subject(review.subject)?.calendar.id ?? ""
    let name = calendar.isEmpty ? "without a calendar" : "by the calendar '\(calendar)' as it is now"
    try moveDue(of: review.id, from: dueBefore, to: review.due, at: now, why: "\(counted), counted \(name)", count: review.dueCount)
  }

  private func subject(_ id: SubjectID) -> Subject? { places[id].map { subjects[$0] } }

  /// Writes down a review with its first trigger, and announces it.
  private mutating func insert(_ review: Review, _ trigger: Trigger, who: String, _ remark: String = "") throws {
    try transaction.insert(review)
    try transaction.insert(trigger, review: review.id, recordedAt: review.opened)
    try transaction.append(
      HistoryEntry(at: review.opened, who: who, what: "opened", to: review.state.rawValue, why: trigger.summary), review: review.id)
    try announce(ReviewAnnouncement(kind: .opened, review: review, ruleSet: evaluation.ruleSet, trigger: trigger, detail: remark))
  }

  // What downtime delayed says so; what was past when rule and service first met was not delayed by anybody.
  private func lateness(_ trigger: Trigger, openedAt: Instant, _ subject: Subject) -> String {
    if trigger.at < openedAt { return " It was due to open at \(trigger.at), when reviewd did not run." }
    guard let opens = trigger.evidence.interval.flatMap({ Instant($0.opens) }), openedAt - opens > .hours(1), let rule = trigger.rule,
      let metOn = subject.progress[rule]?.metOn, subject.zone.start(of: metOn) < opens
    else { return "" }
    return " It was due to open at \(opens)."
  }

  private mutating func recordJoining(_ review: Review, _ trigger: Trigger, _ dueBefore: Day, _ occasion: Occasion) throws {
    let at = occasion.recordedAt
    let why = "\(trigger.rule ?? "")\(trigger.rule == nil ? "" : ": ")\(trigger.summary)"
    try transaction.append(HistoryEntry(at: at, who: "reviewd", what: "joined", why: why), review: review.id)
    if review.due != dueBefore {
      try transaction.setDue(review.due, review.dueCount, ofReview: review.id)
      try transaction.append(
        HistoryEntry(at: at, who: "reviewd", what: "due", from: dueBefore.description, to: review.due.description, why: why),
        review: review.id)
    }
    guard let stored = try transaction.snapshot.review(review.id) else { return }
    try announce(ReviewAnnouncement(kind: .joined, review: stored, ruleSet: evaluation.ruleSet, trigger: trigger))
    guard review.due != dueBefore else { return }
    try announce(
      ReviewAnnouncement(
        kind: .dueChanged, review: stored, ruleSet: evaluation.ruleSet, trigger: trigger, detail: "moved from \(dueBefore)"))
  }

  /// A due day that factors moved: of an open review, or of one that is to come.
  private mutating func record(_ change: DueChange) throws {
    try transaction.append(change)
    if let review = change.review, let before = change.reviewDueBefore {
      return try moveDue(of: review.id, from: before, to: review.due, at: change.at, why: change.evidence.arithmetic, count: nil)
    }
    guard let before = change.before, let subject = subject(change.subject) else { return }
    try announce(
      .dueChanged, ComingAnnouncement(change: change, before: before, subject: subject, ruleSet: evaluation.ruleSet).fields)
  }

  /// Writes down and announces that an open review is due on another day.
  private mutating func moveDue(
    of id: String, from before: Day, to due: Day, at instant: Instant, why: String, count: Review.DueCount?
  ) throws {
    guard before != due else { return }
    try transaction.setDue(due, count, ofReview: id)
    try transaction.append(
      HistoryEntry(at: instant, who: "reviewd", what: "due", from: before.description, to: due.description, why: why), review: id)
    guard let stored = try transaction.snapshot.review(id) else { return }
    try announce(
      ReviewAnnouncement(kind: .dueChanged, review: stored, ruleSet: evaluation.ruleSet, detail: "moved from \(before): \(why)"))
  }

  mutating func announce(_ announcement: ReviewAnnouncement) throws {
    try announce(announcement.kind, announcement.fields)
  }

  mutating func announce(_ kind: AnnouncementKind, _ fields: [String: [String]]) throws {
    try transaction.enqueue(kind: kind.rawValue, fields: fields, at: now)
    announces = true
  }
}

extension ReviewCommand {
  fileprivate var announcementKind: AnnouncementKind {
    switch self {
    case .schedule: .scheduled
    case .conduct: .conducted
    case .complete: .completed
    case .cancel: .cancelled
    }
  }

  fileprivate func why(_ review: Review) -> String? {
    switch self {
    case .schedule(let at): "for \(at)"
    case .conduct: review.conducted.map { "at \($0)" }
    case .complete: review.completion.outcome
    case .cancel(let reason): reason
    }
  }

  fileprivate func detail(_ review: Review, _ zone: Zone) -> String {
    switch self {
    case .schedule(let at): at.words(in: zone)
    case .conduct: ""
    case .complete: review.completion.outcome.map { " Outcome: \($0)" } ?? ""
    case .cancel(let reason): reason
    }
  }
}

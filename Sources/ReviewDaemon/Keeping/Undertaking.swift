import ReviewEngine
import ReviewStore

/// One transaction of the keeper: what is taken in, what the centre decides about it, and the announcements of that, together.
struct Undertaking {
  let transaction: StoreTransaction
  let evaluation: Evaluation
  /// In the order of their services' ids.
  var subjects: [Subject]
  let now: Instant
  private(set) var announces = false

  init(transaction: StoreTransaction, evaluation: Evaluation, subjects: [Subject], now: Instant) {
    self.transaction = transaction
    self.evaluation = evaluation
    self.subjects = subjects
    self.now = now
  }

  /// The same for one service alone.
  mutating func decide(_ occasion: Occasion, only service: String) throws -> Verdict {
    guard let index = subjects.firstIndex(where: { $0.service.id == service }) else { return Verdict() }
    return try decide(occasion, over: index..<index + 1)
  }

  /// Lets the centre decide one occasion for all subjects, and writes down what it decided.
  mutating func decide(_ occasion: Occasion) throws -> Verdict { try decide(occasion, over: subjects.indices) }

  private mutating func decide(_ occasion: Occasion, over range: Range<Int>) throws -> Verdict {
    var series = transaction.snapshot.series
    var deciding = Array(subjects[range])
    let verdict = try evaluation.decide(occasion, subjects: &deciding, series: &series)
    for (subject, before) in zip(deciding, subjects[range]) where subject.progress != before.progress {
      try save(subject, before.progress)
    }
    subjects.replaceSubrange(range, with: deciding)
    for decision in verdict.decisions { try record(decision, occasion) }
    for (rule, count) in verdict.unknownCounts.sorted(by: { $0.key < $1.key }) {
      try transaction.note(rule: rule, evaluatedThrough: nil, unknown: count)
    }
    for (rule, count) in verdict.lackingAttributeCounts.sorted(by: { $0.key < $1.key }) {
      try transaction.note(rule: rule, evaluatedThrough: nil, lackingAttribute: count)
    }
    return verdict
  }

  private func save(_ subject: Subject, _ before: [String: RuleProgress]) throws {
    for rule in subject.progress.keys.sorted() {
      guard let progress = subject.progress[rule], progress != before[rule] else { continue }
      try transaction.save(progress, before: before[rule], rule: rule, service: subject.service.id)
    }
  }

  private mutating func record(_ decision: Decision, _ occasion: Occasion) throws {
    switch decision {
    case .opened(let review, let service, let template, let trigger): try recordOpening(review, service, template, trigger)
    case .joined(let review, let trigger, let dueBefore): try recordJoining(review, trigger, dueBefore, occasion)
    case .kept: break
    }
  }

  private mutating func recordOpening(_ review: OpenReview, _ service: String, _ template: ReviewTemplate, _ trigger: Trigger) throws {
    let rule = trigger.rule.flatMap { evaluation.ruleSet.rule($0) }
    var stored = StoredReview(
      id: review.id, rule: review.rule, title: rule?.title ?? "Review opened by hand", services: [service], opened: review.opened,
      due: review.due, priority: template.priority, agenda: template.agenda, periodStart: periodStart(of: rule, service))
    stored.triggerCount = 1
    try insert(stored, trigger, who: "reviewd", lateness(trigger, openedAt: review.opened, service))
  }

  /// Writes down a review with its first trigger, and announces it.
  mutating func insert(_ review: StoredReview, _ trigger: Trigger, who: String, _ remark: String = "") throws {
    try transaction.insert(review)
    try transaction.insert(trigger, review: review.id, recordedAt: review.opened)
    try transaction.append(
      HistoryEntry(at: review.opened, who: who, what: "opened", to: review.state.rawValue, why: trigger.summary), review: review.id)
    try announce(ReviewAnnouncement(kind: .opened, review: review, ruleSet: evaluation.ruleSet, trigger: trigger, detail: remark))
  }

  // What downtime delayed says so; what was past when rule and service first met was not delayed by anybody.
  private func lateness(_ trigger: Trigger, openedAt: Instant, _ service: String) -> String {
    if trigger.at < openedAt { return " It was due to open at \(trigger.at), when reviewd did not run." }
    guard let opens = trigger.evidence.interval.flatMap({ Instant($0.opens) }), openedAt - opens > .hours(1),
      let subject = subjects.first(where: { $0.service.id == service }), let rule = trigger.rule,
      let metOn = subject.progress[rule]?.metOn, subject.service.zone.start(of: metOn) < opens
    else { return "" }
    return " It was due to open at \(opens)."
  }

  /// From the end of the last review of its rule; for the first, from when the service began.
  private func periodStart(of rule: Rule?, _ service: String) -> Day {
    guard let subject = subjects.first(where: { $0.service.id == service }) else { return Zone.utc.day(of: now) }
    if let last = rule.flatMap({ subject.progress[$0.id]?.lastCompletion }) { return subject.service.zone.day(of: last.conducted) }
    return subject.service.inServiceSince ?? subject.firstLoadedOn
  }

  private mutating func recordJoining(_ review: OpenReview, _ trigger: Trigger, _ dueBefore: Day, _ occasion: Occasion) throws {
    let at = occasion.recordedAt
    try transaction.insert(trigger, review: review.id, recordedAt: at)
    let why = "\(trigger.rule ?? "")\(trigger.rule == nil ? "" : ": ")\(trigger.summary)"
    try transaction.append(HistoryEntry(at: at, who: "reviewd", what: "joined", why: why), review: review.id)
    if review.due != dueBefore {
      try transaction.setDue(review.due, ofReview: review.id)
      try transaction.append(
        HistoryEntry(at: at, who: "reviewd", what: "due", from: dueBefore.description, to: review.due.description, why: why),
        review: review.id)
    }
    guard let stored = try transaction.snapshot.review(review.id) else { return }
    try announce(ReviewAnnouncement(kind: .joined, review: stored, ruleSet: evaluation.ruleSet, trigger: trigger))
    guard review.due != dueBefore else { return }
    try announce(
      ReviewAnnouncement(kind: .dueChanged, review: stored, ruleSet: evaluation.ruleSet, trigger: trigger, detail: "before \(dueBefore)"))
  }

  mutating func announce(_ announcement: ReviewAnnouncement) throws {
    try announce(announcement.kind, announcement.fields)
  }

  mutating func announce(_ kind: AnnouncementKind, _ fields: [String: [String]]) throws {
    try transaction.enqueue(kind: kind.rawValue, fields: fields, at: now)
    announces = true
  }
}

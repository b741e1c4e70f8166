import ReviewEngine
import ReviewStore

/// Facts are written down and announced.
extension Undertaking {
  mutating func record(_ fact: Fact) throws {
    switch fact.content {
    case .opened(let review, let trigger): try recordOpening(review, trigger, fact)
    case .joined(let trigger): try recordJoining(trigger, fact)
    case .dueMoved(let move): try recordMove(move, fact)
    case .intervalMoved(let move): try recordMove(move, fact)
    case .scheduled, .conducted, .completed, .cancelled: try recordStep(fact)
    }
  }

  private mutating func recordOpening(_ review: Review, _ trigger: Trigger, _ fact: Fact) throws {
    try transaction.insert(review)
    try transaction.insert(trigger, review: review.id, recordedAt: fact.at)
    try append(fact, to: review.state.rawValue, why: trigger.summary)
    let remark = subject(review.subject).map { lateness(trigger, openedAt: review.opened, $0) } ?? ""
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

  private mutating func recordJoining(_ trigger: Trigger, _ fact: Fact) throws {
    guard let id = fact.review else { return }
    try transaction.insert(trigger, review: id, recordedAt: fact.at)
    joined[id, default: (0, nil)].count += 1
    joined[id]?.rule = trigger.rule
    guard joined[id]?.count ?? 0 <= Self.toldJoinings else { return }
    try append(fact, why: trigger.historyWords)
    guard let review = try transaction.snapshot.review(id) else { return }
    try announce(ReviewAnnouncement(kind: .joined, review: review, ruleSet: evaluation.ruleSet, trigger: trigger))
  }

  private mutating func recordMove(_ move: DueMove, _ fact: Fact) throws {
    guard let id = fact.review else { return }
    try transaction.setDue(move.to, move.count, ofReview: id)
    guard let review = try transaction.snapshot.review(id) else { return }
    let why = move.because.words(review, subject(review.subject)?.calendar.id ?? "")
    try append(fact, from: move.from.description, to: move.to.description, why: why)
    var announcement = ReviewAnnouncement(
      kind: .dueChanged, review: review, ruleSet: evaluation.ruleSet, detail: "moved from \(move.from): \(why)")
    if case .trigger(let trigger) = move.because { (announcement.trigger, announcement.detail) = (trigger, "moved from \(move.from)") }
    try announce(announcement)
  }

  /// Of a review that is to come; that of an open one tells of itself.
  private mutating func recordMove(_ move: IntervalMove, _ fact: Fact) throws {
    try transaction.append(move, of: fact.subject, at: fact.at)
    guard fact.review == nil, let before = move.from, let subject = subject(fact.subject) else { return }
    try announce(.dueChanged, ComingAnnouncement(move: move, before: before, subject: subject, ruleSet: evaluation.ruleSet).fields)
  }

  private mutating func recordStep(_ fact: Fact) throws {
    guard let id = fact.review, let before = try transaction.snapshot.review(id), let kind = fact.content.announcementKind else { return }
    var review = before
    review.apply(fact)
    try transaction.update(review)
    try append(fact, from: before.state.rawValue, to: review.state.rawValue, why: fact.content.why)
    let detail = fact.content.detail(in: subject(review.subject)?.zone ?? .utc)
    try announce(ReviewAnnouncement(kind: kind, review: review, ruleSet: evaluation.ruleSet, detail: detail))
  }

  private func append(_ fact: Fact, from: String? = nil, to: String? = nil, why: String?) throws {
    guard let id = fact.review else { return }
    try transaction.append(
      HistoryEntry(at: fact.at, who: fact.by.name, what: fact.content.verb, from: from, to: to, why: why), review: id)
  }
}

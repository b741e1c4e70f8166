import GRDB
import ReviewEngine

/// A fact as a row holds it.
struct FactRow {
  static let columns = "number, at, kind, by_rule, by_user, scope, subject, review, content"

  let number: Int64
  let kind: Fact.Kind
  let at: Instant
  let by: Actor
  let subject: SubjectID?
  let review: String?
  private let content: String

  init(_ row: Row) throws {
    number = row["number"]
    kind = try Fact.Kind(stored: row["kind"])
    at = try Instant(stored: row["at"] as Int64)
    by = (row["by_rule"] as String?).map { .rule($0) } ?? (row["by_user"] as String?).map { .user($0) } ?? .daemon
    subject = try SubjectID(ifIn: row)
    review = row["review"]
    content = row["content"]
  }

  /// - Parameter joinedBefore: the trigger that joined a review last before a fact, which may be why that moved its due
  ///   day.
  func fact(joinedBefore: (FactRow) throws -> Trigger?) throws -> Fact {
    Fact(at: at, by: by, subject: subject, review: review, try read(joinedBefore))
  }

  private func read(_ joinedBefore: (FactRow) throws -> Trigger?) throws -> Fact.Content {
    switch kind {
    case .opened: try opening()
    case .joined: .joined(try trigger())
    case .dueMoved: .dueMoved(try move(joinedBefore))
    case .intervalMoved: .intervalMoved(try intervalMove())
    case .scheduled: .scheduled(at: try meeting())
    case .conducted: .conducted(at: try meeting())
    case .completed: try completion()
    case .cancelled: .cancelled(reason: try Json.value(content, FactContent.Cancellation.self).reason)
    case .rulesRefused: try refusal()
    case .clockSet: try clockChange()
    }
  }

  private func opening() throws -> Fact.Content {
    guard let review, let subject else { throw StoreError.outOfRange("an opening", "without a review") }
    let stored: FactContent.Opening = try Json.value(content)
    var opened = Review(
      id: review, rule: by.rule, subject: subject, title: stored.title, services: stored.services, opened: at,
      due: try Day(stored: stored.due), priority: try ReviewTemplate.Priority(stored: stored.priority),
      agenda: stored.agenda,
      periodStart: try Day(stored: stored.periodStart))
    opened.dueCount = try Review.DueCount(storedFrom: stored.dueFrom, amount: stored.dueAmount)
    opened.intervalDue = try stored.intervalDue.map { try Day(stored: $0) }
    opened.triggerCount = 1
    return .opened(opened, try trigger(stored.trigger))
  }

  /// What joined, or was the reason of an opening.
  func trigger() throws -> Trigger {
    try trigger(
      kind == .opened
        ? Json.value(content, FactContent.Opening.self).trigger : Json.value(content, FactContent.Asking.self))
  }

  private func trigger(_ stored: FactContent.Asking) throws -> Trigger {
    let event = stored.eventSource.flatMap { source in stored.eventId.map { EventIdentity(source: source, id: $0) } }
    return Trigger(
      rule: by.rule, services: stored.services, at: try Instant(stored: stored.at), evidence: stored.evidence,
      event: event)
  }

  private func move(_ joinedBefore: (FactRow) throws -> Trigger?) throws -> DueMove {
    let stored: FactContent.Move = try Json.value(content)
    return DueMove(
      from: try Day(stored: stored.from), to: try Day(stored: stored.to),
      count: try Review.DueCount(storedFrom: stored.dueFrom, amount: stored.dueAmount),
      because: try reason(stored, joinedBefore))
  }

  private func reason(_ stored: FactContent.Move, _ joinedBefore: (FactRow) throws -> Trigger?) throws -> DueMove.Reason
  {
    switch stored.because {
    case .trigger:
      guard let trigger = try joinedBefore(self) else {
        throw StoreError.outOfRange("a reason", "a trigger that is not there")
      }
      return .trigger(trigger)
    case .factors:
      guard let evidence = stored.evidence else { throw StoreError.outOfRange("a reason", "factors without figures") }
      return .factors(evidence)
    case .calendar:
      let count = try Review.DueCount(storedFrom: stored.countedFrom, amount: stored.countedAmount)
      return .calendar(count, calendar: stored.calendar ?? "")
    case .told: return .told(stored.words ?? "")
    }
  }

  func intervalMove() throws -> IntervalMove {
    let stored: FactContent.Interval = try Json.value(content)
    return IntervalMove(
      rule: by.rule ?? "", from: try stored.from.map { try Day(stored: $0) }, to: try Day(stored: stored.to),
      evidence: stored.evidence)
  }

  private func meeting() throws -> Instant { try Instant(stored: Json.value(content, FactContent.Meeting.self).at) }

  private func completion() throws -> Fact.Content {
    let stored: FactContent.Result = try Json.value(content)
    let completion = Completion(
      outcome: stored.outcome,
      providerSatisfaction: try stored.providerSatisfaction.map { try DecimalValue(stored: $0) },
      customerSatisfaction: try stored.customerSatisfaction.map { try DecimalValue(stored: $0) })
    return .completed(completion, conducted: try Instant(stored: stored.conducted))
  }

  private func refusal() throws -> Fact.Content {
    let stored: FactContent.Refusal = try Json.value(content)
    if let words = stored.words { return .told(kind, words: words) }
    return .rulesRefused(errorCount: stored.errorCount ?? 0, first: stored.first ?? "")
  }

  private func clockChange() throws -> Fact.Content {
    let stored: FactContent.Clock = try Json.value(content)
    if let change = stored.by { return .clockSet(.by(Elapsed(milliseconds: change))) }
    if let behind = stored.behind { return .clockSet(.behind(try Instant(stored: behind))) }
    return .told(kind, words: stored.words ?? "")
  }
}

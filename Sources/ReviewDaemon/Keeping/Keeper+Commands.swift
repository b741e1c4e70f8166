import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewStore

/// What is recorded with the completion of a review.
package struct Completion: Sendable {
  package var outcome: String?
  package var providerSatisfaction: DecimalValue?
  package var customerSatisfaction: DecimalValue?

  package init(outcome: String? = nil, providerSatisfaction: DecimalValue? = nil, customerSatisfaction: DecimalValue? = nil) {
    self.outcome = outcome
    self.providerSatisfaction = providerSatisfaction
    self.customerSatisfaction = customerSatisfaction
  }
}

extension Keeper {
  /// Opens a review by hand.
  package func open(service id: String, reason: String, due: Day?, who: String) throws -> StoredReview {
    guard let subject = subjects[id] else { throw Problem(noService: id, in: ruleSet) }
    let now = clock.now()
    let today = subject.zone.day(of: now)
    return try undertake([id], at: now) { undertaking in
      let dueDay = due ?? ReviewTemplate().due.added(to: today, in: subject.calendar)
      let reviewId = Digest.name(of: "by hand \(id) \(now) \(reason) \(subject.records.count)")
      var evidence = Evidence()
      evidence.reason = reason
      let periodStart = subject.lastCompletion.map { subject.zone.day(of: $0.conducted) }
      let review = StoredReview(
        id: reviewId, rule: nil, title: "By hand: \(reason.prefix(Self.longestTitle))", services: [id], opened: now, due: dueDay,
        periodStart: periodStart ?? subject.start)
      try undertaking.insert(review, Trigger(rule: nil, services: [id], at: now, evidence: evidence), who: who)
      undertaking.subjects[0].open(OpenReview(id: reviewId, rule: nil, opened: now, due: dueDay))
      return review
    }
  }

  private static let longestTitle = 100

  /// Does a command to a review. Repeating one that took effect changes nothing.
  package func apply(_ command: ReviewCommand, to id: String, completion: Completion = Completion(), who: String) throws -> (
    changed: Bool, review: StoredReview
  ) {
    guard let known = try store.readByWriter({ try $0.review(id) }) else { throw Problem(.notFound, "there is no review '\(id)'") }
    let now = clock.now()
    return try undertake([known.subject.key], at: now) { undertaking in
      // Read again: an instant in work was evaluated for it meanwhile, and may have moved its due day.
      let before = try undertaking.transaction.snapshot.review(id) ?? known
      guard let state = try self.state(of: before, after: command, completion) else { return (false, before) }
      var review = before
      review.state = state
      self.apply(command, completion, to: &review, at: now)
      try self.write(command, before, review, completion, who: who, &undertaking)
      return (true, review)
    }
  }

  /// - Returns: nil where the command took effect before.
  private func state(of review: StoredReview, after command: ReviewCommand, _ completion: Completion) throws -> ReviewState? {
    do {
      if let next = try review.state.after(command, scheduled: review.scheduled) {
        try check(command, of: review)
        return next
      }
    } catch let refusal as TransitionRefusal { throw Problem(.refused, refusal.description) }
    guard review.records(command, completion) else {
      throw Problem(.refused, "the review is \(review.state.rawValue) already, with something else recorded: nothing was changed")
    }
    return nil
  }

  private func check(_ command: ReviewCommand, of review: StoredReview) throws {
    guard case .conduct(let at?) = command, at < zone(of: review).start(of: review.periodStart) else { return }
    throw Problem(.badRequest, "a meeting at \(at) is before the period that the review looks at, which begins on \(review.periodStart)")
  }

  private func zone(of review: StoredReview) -> Zone { subjects[review.subject.key]?.zone ?? .utc }

  private func apply(_ command: ReviewCommand, _ completion: Completion, to review: inout StoredReview, at now: Instant) {
    switch command {
    case .schedule(let at): review.scheduled = at
    case .conduct(let at): review.conducted = at ?? now
    case .complete:
      review.conducted = review.conducted ?? now
      review.closed = now
      review.outcome = completion.outcome
      review.providerSatisfaction = completion.providerSatisfaction
      review.customerSatisfaction = completion.customerSatisfaction
    case .cancel(let reason):
      review.closed = now
      review.cancellationReason = reason
    }
  }

  private func write(
    _ command: ReviewCommand, _ before: StoredReview, _ review: StoredReview, _ completion: Completion, who: String,
    _ undertaking: inout Undertaking
  ) throws {
    let now = undertaking.now
    try undertaking.transaction.update(review)
    try undertaking.transaction.append(
      HistoryEntry(at: now, who: who, what: command.verb, from: before.state.rawValue, to: review.state.rawValue, why: command.why(review)),
      review: review.id)
    try undertaking.announce(
      ReviewAnnouncement(kind: command.announcementKind, review: review, ruleSet: ruleSet, detail: command.detail(review, zone(of: review)))
    )
    if case .complete = command { try record(completion, of: review, &undertaking) }
    for index in undertaking.subjects.indices { undertaking.subjects[index].update(OpenReview(review)) }
    guard !review.state.isOpen else { return }
    var occasion = Occasion(instant: now)
    occasion.closings = [
      Closing(
        review: review.id, rule: review.rule, isCompleted: review.state == .completed, at: now, conducted: review.conducted ?? now,
        due: review.due)
    ]
    _ = try undertaking.decide(occasion)
  }

  /// Stores the satisfaction of each side as samples, at the time of the meeting.
  private func record(_ completion: Completion, of review: StoredReview, _ undertaking: inout Undertaking) throws {
    let sides = [
      (settings.providerSatisfactionIndicator, completion.providerSatisfaction),
      (settings.customerSatisfactionIndicator, completion.customerSatisfaction),
    ]
    var batch = SampleBatch()
    for case (let indicator, let value?) in sides {
      guard let declared = ruleSet.indicator(indicator) else {
        throw Problem(.refused, "the satisfaction cannot be stored: no rule file declares the indicator '\(indicator)'")
      }
      if let range = declared.range, !range.contains(value) {
        throw Problem(.badRequest, "\(value) is outside the range of '\(indicator)', \(range.lowerBound) to \(range.upperBound)")
      }
      for service in review.services {
        let sample = Sample(time: review.conducted ?? undertaking.now, value: value)
        batch.add(SeriesSample(service: service, indicator: indicator, labels: "", sample: sample))
      }
    }
    _ = try undertaking.transaction.take(batch)
  }
}

extension Problem {
  /// The catalogue has no such service.
  init(noService id: String, in ruleSet: RuleSet) {
    self.init(.notFound, "there is no service '\(id)'" + meant(id, among: ruleSet.services.map(\.id)))
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

  fileprivate func why(_ review: StoredReview) -> String? {
    switch self {
    case .schedule(let at): "for \(at)"
    case .conduct: review.conducted.map { "at \($0)" }
    case .complete: review.outcome
    case .cancel(let reason): reason
    }
  }

  fileprivate func detail(_ review: StoredReview, _ zone: Zone) -> String {
    switch self {
    case .schedule(let at): at.words(in: zone)
    case .conduct: ""
    case .complete: review.outcome.map { " Outcome: \($0)" } ?? ""
    case .cancel(let reason): reason
    }
  }
}

extension StoredReview {
  /// Whether what a command brings is what was recorded when it took effect; what it leaves out is not asked for.
  fileprivate func records(_ command: ReviewCommand, _ completion: Completion) -> Bool {
    func same<Value: Equatable>(_ given: Value?, _ recorded: Value?) -> Bool { given == nil || given == recorded }
    return switch command {
    case .schedule: true
    case .conduct(let at): same(at, conducted)
    case .complete:
      same(completion.outcome, outcome) && same(completion.providerSatisfaction, providerSatisfaction)
        && same(completion.customerSatisfaction, customerSatisfaction)
    case .cancel(let reason): reason == cancellationReason
    }
  }
}

extension OpenReview {
  init(_ review: StoredReview) {
    self.init(
      id: review.id, rule: review.rule, opened: review.opened, state: review.state, due: review.due, scheduled: review.scheduled,
      conducted: review.conducted)
  }
}

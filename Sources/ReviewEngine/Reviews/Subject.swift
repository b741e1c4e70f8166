/// A service with all that the centre remembers of its reviews.
package struct Subject: Sendable {
  package var service: Service
  /// The day on which the catalogue first held the service.
  package let firstLoadedOn: Day
  package var progress: [String: RuleProgress]
  /// In the order of opening.
  package private(set) var openReviews: [OpenReview]
  /// In the order of opening.
  package private(set) var records: [ReviewRecord]
  package private(set) var lastCompletion: Closing?

  package init(
    service: Service, firstLoadedOn: Day, progress: [String: RuleProgress] = [:], openReviews: [OpenReview] = [],
    records: [ReviewRecord] = []
  ) {
    self.service = service
    self.firstLoadedOn = firstLoadedOn
    self.progress = progress
    self.openReviews = openReviews
    self.records = []
    for record in records { remember(record) }
  }

  package func openReview(ofRule rule: String) -> OpenReview? { openReviews.first { $0.rule == rule } }

  package func openReview(_ id: String) -> OpenReview? { openReviews.first { $0.id == id } }

  /// The rule's progress, begun on `day` if rule and service meet for the first time.
  package func progress(of rule: Rule, meetingOn day: Day) -> RuleProgress {
    if let known = progress[rule.id] { return known }
    var begun = RuleProgress(metOn: day)
    for case let closing? in records.map(\.closing) where closing.rule == rule.id { begun.note(closing) }
    return begun
  }

  package mutating func open(_ review: OpenReview) {
    openReviews.append(review)
    records.append(ReviewRecord(id: review.id, rule: review.rule, opened: review.opened))
  }

  package mutating func update(_ review: OpenReview) {
    guard let index = openReviews.firstIndex(where: { $0.id == review.id }) else { return }
    openReviews[index] = review
  }

  package mutating func close(_ closing: Closing, hasCooldown: Bool) {
    openReviews.removeAll { $0.id == closing.review }
    if let index = records.lastIndex(where: { $0.id == closing.review }) { records[index].closing = closing }
    noteCompletion(closing)
    guard let rule = closing.rule else { return }
    progress[rule, default: RuleProgress(metOn: service.zone.day(of: closing.at))].close(closing, hasCooldown: hasCooldown)
  }

  private mutating func remember(_ record: ReviewRecord) {
    records.append(record)
    guard let closing = record.closing else { return }
    noteCompletion(closing)
    guard let rule = closing.rule else { return }
    progress[rule]?.note(closing)
  }

  private mutating func noteCompletion(_ closing: Closing) {
    if closing.isCompleted, lastCompletion.map({ $0.conducted <= closing.conducted }) ?? true { lastCompletion = closing }
  }
}

/// What the centre remembers of one rule for one service.
package struct RuleProgress: Hashable, Sendable {
  /// The day on which rule and service first met: nothing fires for the days before it.
  package let metOn: Day
  package var isArmed = true
  /// The first grid instant of the present stretch of true ones.
  package var trueSince: Instant?
  /// Whether a cooldown began whose end was not seen yet.
  package var isCoolingDown = false
  /// Events that arrived within the cooldown.
  package var keptEvents: [Event] = []
  package private(set) var lastClosing: Closing?
  package private(set) var lastCompletion: Closing?

  package init(metOn: Day) { self.metOn = metOn }

  mutating func close(_ closing: Closing, hasCooldown: Bool) {
    note(closing)
    isCoolingDown = hasCooldown
  }

  mutating func note(_ closing: Closing) {
    if lastClosing.map({ $0.at <= closing.at }) ?? true { lastClosing = closing }
    if closing.isCompleted, lastCompletion.map({ $0.conducted <= closing.conducted }) ?? true { lastCompletion = closing }
  }

  /// Until when nothing triggers; nil outside a cooldown.
  package func cooldownEnd(_ cooldown: Elapsed?) -> Instant? {
    guard isCoolingDown, let lastClosing, let cooldown else { return nil }
    return lastClosing.at + cooldown
  }

  /// Ends a cooldown that is over at `instant`, which arms the rule.
  mutating func endCooldown(of rule: Rule, at instant: Instant) {
    guard isCoolingDown else { return }
    if let end = cooldownEnd(rule.cooldown), instant < end { return }
    isCoolingDown = false
    isArmed = true
  }
}

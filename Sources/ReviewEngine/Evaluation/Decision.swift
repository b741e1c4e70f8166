/// One moment at which one rule asked for a review of one service.
package struct Trigger: Hashable, Sendable {
  package let rule: String?
  package let service: String
  /// As of when the rule asked.
  package let at: Instant
  package let evidence: Evidence
  package let event: EventIdentity?

  package init(rule: String?, service: String, at: Instant, evidence: Evidence, event: EventIdentity? = nil) {
    self.rule = rule
    self.service = service
    self.at = at
    self.evidence = evidence
    self.event = event
  }
}

/// What an evaluation decided; the store writes it down and the faces tell of it.
package enum Decision: Hashable, Sendable {
  case opened(review: OpenReview, service: String, template: ReviewTemplate, trigger: Trigger)
  case joined(review: OpenReview, trigger: Trigger, dueBefore: Day)
  case kept(rule: String, event: Event, until: Instant)
}

/// The decisions of one occasion, in order, and what was counted on the way.
package struct Verdict: Sendable {
  package var decisions: [Decision] = []
  /// How many services each rule found unknown.
  package var unknownCounts: [String: Int] = [:]
  /// How many events each rule could not judge because they lack an attribute.
  package var lackingAttributeCounts: [String: Int] = [:]

  package init() {}
}

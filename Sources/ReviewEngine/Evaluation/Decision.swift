/// One moment at which one rule asked for a review.
package struct Trigger: Hashable, Sendable {
  package let rule: String?
  /// What it is about: one service, or those of a customer that the rule asked for.
  package let services: [String]
  /// As of when the rule asked.
  package let at: Instant
  package let evidence: Evidence
  package let event: EventIdentity?

  package init(rule: String?, services: [String], at: Instant, evidence: Evidence, event: EventIdentity? = nil) {
    self.rule = rule
    self.services = services
    self.at = at
    self.evidence = evidence
    self.event = event
  }
}

/// What an evaluation decided; the store writes it down and the faces tell of it.
package enum Decision: Hashable, Sendable {
  case opened(review: OpenReview, subject: Subject.Identity, template: ReviewTemplate, trigger: Trigger)
  case joined(review: OpenReview, trigger: Trigger, dueBefore: Day)
  case kept(rule: String, event: Event, until: Instant)
  case dueChanged(DueChange)
}

/// The due day of an adaptive interval, set anew after a review or moved earlier by its factors.
package struct DueChange: Hashable, Sendable {
  package let rule: String
  package let subject: Subject.Identity
  package let at: Instant
  /// Nil where a new interval began.
  package let before: Day?
  package let after: Day
  package let evidence: IntervalEvidence
  /// The open review whose due day moved with it, and the day that it was due on before.
  package let review: OpenReview?
  package let reviewDueBefore: Day?
}

/// The decisions of one occasion, in order, and what was counted on the way.
package struct Verdict: Sendable {
  package var decisions: [Decision] = []
  /// How many services or customers each rule found unknown.
  package var unknownCounts: [String: Int] = [:]
  /// How many events each rule could not judge because they lack an attribute.
  package var lackingAttributeCounts: [String: Int] = [:]

  package init() {}
}

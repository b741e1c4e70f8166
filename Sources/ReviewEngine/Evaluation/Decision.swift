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
  /// - Parameter by: who opened it by hand; nil for a rule.
  case opened(review: Review, trigger: Trigger, by: String?)
  case joined(review: Review, trigger: Trigger, dueBefore: Day)
  case kept(rule: String, event: Event, until: Instant)
  case dueChanged(DueChange)
  case commanded(before: Review, after: Review, ReviewCommand, by: String)
  /// The due day of an open review was counted anew by another calendar.
  case recounted(Review, dueBefore: Day, counted: String)
}

/// The due day of an adaptive interval, set anew after a review or moved earlier by its factors.
package struct DueChange: Hashable, Sendable {
  package let rule: String
  package let subject: SubjectID
  package let at: Instant
  /// Nil where a new interval began.
  package let before: Day?
  package let after: Day
  package let evidence: IntervalEvidence
  /// The open review whose due day moved with it, and the day that it was due on before.
  package let review: Review?
  package let reviewDueBefore: Day?
}

/// The decisions of one occasion, in order, and what was counted on the way.
package struct Verdict: Sendable {
  package var decisions: [Decision] = []
  /// What became of each command, in their order.
  package var answers: [CommandAnswer] = []
  /// How many services or customers each rule found unknown.
  package var unknownCounts: [String: Int] = [:]
  /// How many events each rule could not judge because they lack an attribute.
  package var lackingAttributeCounts: [String: Int] = [:]

  package init() {}
}

/// What became of a command.
package enum CommandAnswer: Hashable, Sendable {
  case changed(Review)
  /// It took effect before.
  case unchanged(Review)
  case refused(CommandRefusal)
}

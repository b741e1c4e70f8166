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

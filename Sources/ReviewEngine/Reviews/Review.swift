/// Where a review is in its life; `overdue` is derived from the due day and is none of these.
package enum ReviewState: String, Hashable, Sendable, Codable, CaseIterable {
  case pending, scheduled, conducted, completed, cancelled

  package var isOpen: Bool { self != .completed && self != .cancelled }
}

/// A review that is not closed yet.
package struct OpenReview: Hashable, Sendable {
  package let id: String
  /// The rule that opened it; nil for one opened by hand.
  package let rule: String?
  package let opened: Instant
  package var state: ReviewState
  package var due: Day
  package var scheduled: Instant?
  package var conducted: Instant?

  package init(
    id: String, rule: String?, opened: Instant, state: ReviewState = .pending, due: Day, scheduled: Instant? = nil,
    conducted: Instant? = nil
  ) {
    self.id = id
    self.rule = rule
    self.opened = opened
    self.state = state
    self.due = due
    self.scheduled = scheduled
    self.conducted = conducted
  }
}

/// The end of a review.
package struct Closing: Hashable, Sendable {
  package let review: String
  package let rule: String?
  package let isCompleted: Bool
  package let at: Instant
  /// When the meeting was held; for a cancelled review, when it was cancelled.
  package let conducted: Instant
  package let due: Day

  package init(review: String, rule: String?, isCompleted: Bool, at: Instant, conducted: Instant, due: Day) {
    self.review = review
    self.rule = rule
    self.isCompleted = isCompleted
    self.at = at
    self.conducted = conducted
    self.due = due
  }
}

/// What rules may count about a review, for as long as it is remembered.
package struct ReviewRecord: Hashable, Sendable {
  package let id: String
  package let rule: String?
  package let opened: Instant
  package var closing: Closing?

  package init(id: String, rule: String?, opened: Instant, closing: Closing? = nil) {
    self.id = id
    self.rule = rule
    self.opened = opened
    self.closing = closing
  }
}

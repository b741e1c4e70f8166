/// Where a review is in its life; `overdue` is derived from the due day and is none of these.
package enum ReviewState: String, Hashable, Sendable, Codable, CaseIterable {
  case pending, scheduled, conducted, completed, cancelled

  package var isOpen: Bool { self != .completed && self != .cancelled }
}

/// A review, with all that happened to it but for its triggers.
package struct Review: Hashable, Sendable {
  package let id: String
  /// The rule that opened it; nil for one opened by hand.
  package let rule: String?
  package let subject: SubjectID
  package let title: String
  /// What it is about: of a customer's services those that were in service when it opened.
  package let services: [String]
  package let opened: Instant
  package let priority: ReviewTemplate.Priority
  package let agenda: [String]
  /// The first day that it looks at.
  package let periodStart: Day
  package var state = ReviewState.pending
  package var due: Day
  /// What the due day was counted from, and by what; nil where it was not counted from an opening.
  package var dueCount: DueCount?
  /// The due day that its interval gives, from which the next one counts: a joined trigger does not move it. Nil for no
  /// interval.
  package var intervalDue: Day?
  package var scheduled: Instant?
  package var conducted: Instant?
  package var closed: Instant?
  package var completion = Completion()
  package var cancellationReason: String?
  package var triggerCount = 0

  /// `due` is `amount` after `from`, in the calendar of the moment.
  package struct DueCount: Hashable, Sendable {
    package let from: Day
    package let amount: DayAmount

    package init(from: Day, amount: DayAmount) {
      self.from = from
      self.amount = amount
    }
  }

  package init(
    id: String, rule: String?, subject: SubjectID, title: String = "", services: [String], opened: Instant, due: Day,
    priority: ReviewTemplate.Priority = .normal, agenda: [String] = [], periodStart: Day
  ) {
    self.id = id
    self.rule = rule
    self.subject = subject
    self.title = title
    self.services = services
    self.opened = opened
    self.due = due
    self.priority = priority
    self.agenda = agenda
    self.periodStart = periodStart
  }
}

/// What is recorded with the completion of a review.
package struct Completion: Hashable, Sendable {
  package var outcome: String?
  package var providerSatisfaction: DecimalValue?
  package var customerSatisfaction: DecimalValue?

  package init(
    outcome: String? = nil, providerSatisfaction: DecimalValue? = nil, customerSatisfaction: DecimalValue? = nil
  ) {
    self.outcome = outcome
    self.providerSatisfaction = providerSatisfaction
    self.customerSatisfaction = customerSatisfaction
  }
}

/// The end of a review, as its rule remembers it.
package struct Closing: Hashable, Sendable {
  package let review: String
  package let rule: String?
  package let isCompleted: Bool
  package let at: Instant
  /// When the meeting was held; for a cancelled review, when it was cancelled.
  package let conducted: Instant
  /// For an interval the day that it gave, wherever a joined trigger moved the review.
  package let due: Day

  package init(review: String, rule: String?, isCompleted: Bool, at: Instant, conducted: Instant, due: Day) {
    self.review = review
    self.rule = rule
    self.isCompleted = isCompleted
    self.at = at
    self.conducted = conducted
    self.due = due
  }

  /// Nil for a review that is open.
  package init?(_ review: Review) {
    guard let closed = review.closed else { return nil }
    self.init(
      review: review.id, rule: review.rule, isCompleted: review.state == .completed, at: closed,
      conducted: review.conducted ?? closed,
      due: review.intervalDue ?? review.due)
  }
}

/// What rules may count about a review, for as long as it is remembered.
package struct ReviewRecord: Hashable, Sendable {
  package let id: String
  package let rule: String?
  package let opened: Instant
  package var closing: Closing?
  /// Whether it closed when everything had been evaluated at that instant already; only a simulation of one subject
  /// after another must say so.
  var closedAfterEvaluation = false

  package init(id: String, rule: String?, opened: Instant, closing: Closing? = nil) {
    self.id = id
    self.rule = rule
    self.opened = opened
    self.closing = closing
  }
}

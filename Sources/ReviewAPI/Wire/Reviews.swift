/// A review in a list. Instants are RFC 3339 in UTC, days ISO 8601.
package struct ReviewBody: Codable, Hashable, Sendable {
  package var id: String
  /// The shortest beginning of the id that is unique now.
  package var shortId: String
  /// The rule that opened it; absent for one opened by hand.
  package var rule: String?
  package var title: String
  package var services: [String]
  /// Set where the review is about all services of one customer.
  package var customer: String?
  /// In which days begin and end, and meetings are held.
  package var zone: String
  /// `pending`, `scheduled`, `conducted`, `completed` or `cancelled`.
  package var state: String
  package var overdue: Bool
  package var priority: String
  package var opened: String
  package var due: String
  package var scheduled: String?
  package var conducted: String?
  package var closed: String?
  package var triggerCount: Int

  package init(
    id: String, shortId: String, rule: String?, title: String, services: [String], customer: String?, zone: String,
    state: String,
    overdue: Bool,
    priority: String,
    opened: String, due: String, scheduled: String?, conducted: String?, closed: String?, triggerCount: Int
  ) {
    self.id = id
    self.shortId = shortId
    self.rule = rule
    self.title = title
    self.services = services
    self.customer = customer
    self.zone = zone
    self.state = state
    self.overdue = overdue
    self.priority = priority
    self.opened = opened
    self.due = due
    self.scheduled = scheduled
    self.conducted = conducted
    self.closed = closed
    self.triggerCount = triggerCount
  }
}

/// A page of reviews in the order of due day.
package struct ReviewPage: Codable, Hashable, Sendable {
  package var reviews: [ReviewBody]
  /// What to give as `after` for the next page; absent on the last.
  package var next: String?

  package init(reviews: [ReviewBody], next: String?) {
    self.reviews = reviews
    self.next = next
  }
}

/// Everything about one review.
package struct ReviewDetail: Codable, Hashable, Sendable {
  package var review: ReviewBody
  /// The first day that the review looks at.
  package var periodStart: String
  /// The day it was conducted; absent before.
  package var periodEnd: String?
  package var agenda: [String]
  package var outcome: String?
  package var cancellationReason: String?
  package var providerSatisfaction: Double?
  package var customerSatisfaction: Double?
  package var stakeholders: [StakeholderBody]
  /// In the order in which they came; of many the first, the last, and between them the first of each rule.
  package var triggers: [TriggerBody]
  /// How many more there are; absent where these are all.
  package var triggersLeftOut: Int?
  /// Of many entries the first and the last.
  package var history: [HistoryBody]
  /// How many more there are between them; absent where these are all.
  package var historyLeftOut: Int?
  /// How many of the lines stand before those that are left out.
  package var historyLeftOutAfter: Int?

  package init(
    review: ReviewBody, periodStart: String, periodEnd: String?, agenda: [String], outcome: String?,
    cancellationReason: String?,
    providerSatisfaction: Double?, customerSatisfaction: Double?, stakeholders: [StakeholderBody],
    triggers: [TriggerBody],
    triggersLeftOut: Int? = nil, history: [HistoryBody], historyLeftOut: Int? = nil,
    historyLeftOutAfter: Int? = nil
  ) {
    self.review = review
    self.periodStart = periodStart
    self.periodEnd = periodEnd
    self.agenda = agenda
    self.outcome = outcome
    self.cancellationReason = cancellationReason
    self.providerSatisfaction = providerSatisfaction
    self.customerSatisfaction = customerSatisfaction
    self.stakeholders = stakeholders
    self.triggers = triggers
    self.triggersLeftOut = triggersLeftOut
    self.history = history
    self.historyLeftOut = historyLeftOut
    self.historyLeftOutAfter = historyLeftOutAfter
  }
}

/// A page of a review's triggers in the order in which they came.
package struct TriggerPage: Codable, Hashable, Sendable {
  package var triggers: [TriggerBody]
  /// What to give as `after` for the next page; absent on the last.
  package var next: Int64?

  package init(triggers: [TriggerBody], next: Int64?) {
    self.triggers = triggers
    self.next = next
  }
}

/// A page of a review's history.
package struct HistoryPage: Codable, Hashable, Sendable {
  package var history: [HistoryBody]
  /// What to give as `after` for the next page; absent on the last.
  package var next: Int64?

  package init(history: [HistoryBody], next: Int64?) {
    self.history = history
    self.next = next
  }
}

/// The people in one role.
package struct StakeholderBody: Codable, Hashable, Sendable {
  package var role: String
  package var people: [String]

  package init(role: String, people: [String]) {
    self.role = role
    self.people = people
  }
}

/// One moment at which a rule asked for the review, with what it saw.
package struct TriggerBody: Codable, Hashable, Sendable {
  /// What it is about: one service, or those of a customer that the rule asked for.
  package var services: [String]
  package var rule: String?
  package var at: String
  /// When it was written down; later than `at` where downtime was caught up.
  package var recorded: String
  /// One plain sentence.
  package var summary: String
  package var evidence: EvidenceBody

  package init(services: [String], rule: String?, at: String, recorded: String, summary: String, evidence: EvidenceBody)
  {
    self.services = services
    self.rule = rule
    self.at = at
    self.recorded = recorded
    self.summary = summary
    self.evidence = evidence
  }
}

/// The frozen figures of a trigger.
package struct EvidenceBody: Codable, Hashable, Sendable {
  /// How a due day came about.
  package struct Interval: Codable, Hashable, Sendable {
    package var every: String, anchor: String, anchorMeaning: String, due: String, opens: String
    /// Days before and after the factors, where the interval adapts.
    package var baseDays: Int?, days: Int?
    package var factors: [Factor]?
    package var limit: String?
    /// The day of the recurrence that was moved to a working day.
    package var occurrence: String?
  }

  /// What a factor of an adaptive interval found.
  package struct Factor: Codable, Hashable, Sendable {
    package var id: String, multiplyBy: String, verdict: String
    package var findings: [Finding]
  }

  /// The event that a trigger is about.
  package struct Event: Codable, Hashable, Sendable {
    package var source: String, id: String, type: String, time: String
    package var attributes: [String: String]
    package var service: String?
    package var keptUntil: String?
  }

  /// What a condition found, with its figures.
  package struct Finding: Codable, Hashable, Sendable {
    package var about: String
    /// Which of a customer's services it is about.
    package var service: String?
    package var statistic: String?
    package var window: String?
    package var windowStart: String?
    package var windowEnd: String?
    package var value: Double?
    package var sampleCount: Int?
    package var newestSample: String?
    package var comparison: String?
    package var threshold: Double?
    package var isTarget: Bool?
    package var asksWhetherMissed: Bool?
    package var verdict: String
    package var reason: String?
  }

  package var ruleText: String?
  package var ruleFingerprint: String?
  package var interval: Interval?
  package var event: Event?
  package var findings: [Finding]?
  package var trueSince: String?
  package var reason: String?
}

/// One line of the history: who, when, what, from, to, why.
package struct HistoryBody: Codable, Hashable, Sendable {
  package var at: String
  package var who: String
  package var what: String
  package var from: String?
  package var to: String?
  package var why: String?

  package init(at: String, who: String, what: String, from: String?, to: String?, why: String?) {
    self.at = at
    self.who = who
    self.what = what
    self.from = from
    self.to = to
    self.why = why
  }
}

/// What is asked when a review is opened by hand.
package struct OpenRequest: Codable, Hashable, Sendable {
  package var service: String
  package var reason: String
  package var due: String?

  package init(service: String, reason: String, due: String?) {
    self.service = service
    self.reason = reason
    self.due = due
  }
}

/// What is asked of a review: each command reads the parts that it knows.
package struct TransitionRequest: Codable, Hashable, Sendable {
  package var at: String?
  package var reason: String?
  package var outcome: String?
  package var providerSatisfaction: Double?
  package var customerSatisfaction: Double?

  package init(
    at: String? = nil, reason: String? = nil, outcome: String? = nil, providerSatisfaction: Double? = nil,
    customerSatisfaction: Double? = nil
  ) {
    self.at = at
    self.reason = reason
    self.outcome = outcome
    self.providerSatisfaction = providerSatisfaction
    self.customerSatisfaction = customerSatisfaction
  }
}

/// What a command did to a review.
package struct TransitionAnswer: Codable, Hashable, Sendable {
  /// False where the command had taken effect before.
  package var changed: Bool
  package var review: ReviewBody

  package init(changed: Bool, review: ReviewBody) {
    self.changed = changed
    self.review = review
  }
}

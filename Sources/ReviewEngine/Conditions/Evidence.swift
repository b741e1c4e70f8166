/// The figures that a trigger saw, frozen: with them a review explains itself years later, whatever the rules say by
/// then.
package struct Evidence: Hashable, Sendable, Codable {
  /// The rule as it was written at that moment.
  package var ruleText: String?
  package var ruleFingerprint: String?
  package var interval: IntervalEvidence?
  package var event: EventEvidence?
  package var findings: [Finding]?
  /// Since when the condition held, at the instants at which it was asked.
  package var trueSince: String?
  /// Why somebody opened the review by hand.
  package var reason: String?

  package init() {}

  enum CodingKeys: String, CodingKey {
    case ruleText = "rule_text"
    case ruleFingerprint = "rule_fingerprint"
    case interval, event, findings, reason
    case trueSince = "true_since"
  }
}

/// How a due day came about.
package struct IntervalEvidence: Hashable, Sendable, Codable {
  /// `3 months`, or the recurrence as it is written.
  package var every: String
  package var anchor: String
  /// What the anchor is: the last review's conduct or due day, or the day in service since.
  package var anchorMeaning: String
  package var due: String
  package var opens: String
  /// The interval in days before the factors, where there are any.
  package var baseDays: Int?
  /// What the factors made of it.
  package var days: Int?
  package var factors: [FactorEvidence]?
  /// The bound that the factors ran into: `at least 1 month`.
  package var limit: String?
  /// The day of the recurrence that was moved to a working day.
  package var occurrence: String?

  enum CodingKeys: String, CodingKey {
    case every, anchor, due, opens, days, factors, limit, occurrence
    case anchorMeaning = "anchor_meaning"
    case baseDays = "base_days"
  }
}

extension IntervalEvidence {
  /// What the anchor of a recurrence is.
  package static let recurrenceMeaning = "the day from which it recurs"
}

/// What one factor of an adaptive interval found.
package struct FactorEvidence: Hashable, Sendable, Codable {
  package let id: String
  package let multiplyBy: String
  package let verdict: Truth
  package let findings: [Finding]

  enum CodingKeys: String, CodingKey {
    case id, verdict, findings
    case multiplyBy = "multiply_by"
  }
}

/// The event that a trigger is about.
package struct EventEvidence: Hashable, Sendable, Codable {
  package let source: String
  package let id: String
  package let type: String
  package let time: String
  package let attributes: [String: String]
  /// Which of a customer's services it happened to.
  package var service: String?
  /// Until when a cooldown kept it back.
  package var keptUntil: String?

  package init(_ event: Event, keptUntil: Instant? = nil) {
    source = event.identity.source
    id = event.identity.id
    type = event.type
    time = event.time.description
    attributes = event.attributes.mapValues(\.description)
    self.keptUntil = keptUntil?.description
  }

  enum CodingKeys: String, CodingKey {
    case source, id, type, time, attributes, service
    case keptUntil = "kept_until"
  }
}

/// What one part of a condition found.
package struct Finding: Hashable, Sendable, Codable {
  /// The indicator, event type, review transition or `service` that was asked about.
  package var about: String
  /// Which of a customer's services it is about.
  package var service: String?
  package var statistic: String?
  /// The window in words, as of that moment: `since 15 Jan`.
  package var window: String?
  package var windowStart: String?
  package var windowEnd: String?
  package var value: Double?
  package var sampleCount: Int?
  package var newestSample: String?
  package var comparison: String?
  package var threshold: Double?
  /// Whether the threshold is the service's target.
  package var isTarget: Bool?
  /// Whether it was asked if the target was missed, so that true says that the comparison does not hold.
  package var asksWhetherMissed: Bool?
  package var verdict: Truth
  /// Why it is unknown, or what was asked that no figure tells.
  package var reason: String?

  enum CodingKeys: String, CodingKey {
    case about, service, statistic, window, value, comparison, threshold, verdict, reason
    case windowStart = "window_start"
    case windowEnd = "window_end"
    case sampleCount = "sample_count"
    case newestSample = "newest_sample"
    case isTarget = "is_target"
    case asksWhetherMissed = "asks_whether_missed"
  }

  package init(about: String, verdict: Truth) {
    self.about = about
    self.verdict = verdict
  }
}

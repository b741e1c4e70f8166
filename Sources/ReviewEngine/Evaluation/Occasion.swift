/// One instant and what came with it: all that a decision may depend on besides the rules, the state and the series.
package struct Occasion: Sendable {
  /// As of when everything is evaluated.
  package let instant: Instant
  /// When the decisions are made; later than `instant` where downtime is caught up.
  package let recordedAt: Instant
  package var closings: [Closing] = []
  package var arrivals: [Arrival] = []
  /// Whether the condition rules whose grid has this instant are evaluated.
  package var evaluatesConditions: Bool
  /// Condition rules that are through this instant already.
  package var excludedRules: Set<String> = []
  /// Whether interval reviews may open; not while missed instants are caught up, because what is late opens now.
  package var opensIntervals: Bool

  package init(instant: Instant, recordedAt: Instant? = nil, evaluatesConditions: Bool = false, opensIntervals: Bool = true) {
    self.instant = instant
    self.recordedAt = recordedAt ?? instant
    self.evaluatesConditions = evaluatesConditions
    self.opensIntervals = opensIntervals
  }
}

/// An event to evaluate, with what it said before if it is a revision.
package struct Arrival: Sendable {
  package let event: Event
  package let earlier: [Event]

  package init(_ event: Event, earlier: [Event] = []) {
    self.event = event
    self.earlier = earlier
  }
}

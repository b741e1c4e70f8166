/// A thing measured over time for a service, declared once in a rule file.
package struct Indicator: Hashable, Sendable {
  /// ITIL 4's three ways to look at quality.
  package enum Perspective: String, CaseIterable, Sendable { case achieved, user, customer }
  /// Which direction is good.
  package enum Better: String, CaseIterable, Sendable { case higher, lower }

  package let id: String
  package let title: String
  package let unit: String
  package let better: Better
  package let perspective: Perspective?
  /// A sample outside is refused.
  package let range: ClosedRange<DecimalValue>?
  package let expectedEvery: Elapsed?
  /// `latest` is unknown when the newest sample is older than this; nil: it never goes stale.
  package let staleAfter: Elapsed?

  package init(
    id: String, title: String, unit: String, better: Better, perspective: Perspective? = nil,
    range: ClosedRange<DecimalValue>? = nil, expectedEvery: Elapsed? = nil, staleAfter: Elapsed? = nil
  ) {
    self.id = id
    self.title = title
    self.unit = unit
    self.better = better
    self.perspective = perspective
    self.range = range
    self.expectedEvery = expectedEvery
    self.staleAfter = staleAfter
  }
}

/// One value of one indicator of one service at one instant.
package struct Sample: Hashable, Sendable {
  package let time: Instant
  package let value: DecimalValue

  package init(time: Instant, value: DecimalValue) {
    self.time = time
    self.value = value
  }
}

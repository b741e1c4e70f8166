/// A value that lies elsewhere.
private final class Box<Value: Hashable & Sendable>: Hashable, Sendable {
  let value: Value

  init(_ value: Value) { self.value = value }

  static func == (left: Box, right: Box) -> Bool { left === right || left.value == right.value }

  func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

/// What the centre remembers of one rule for one subject.
package struct RuleProgress: Hashable, Sendable {
  /// The day on which rule and subject first met: nothing fires for the days before it.
  package var metOn: Day
  package var isArmed = true
  /// The first grid instant of the present stretch of true ones.
  package var trueSince: Instant?
  /// Whether a cooldown began whose end was not seen yet.
  package var isCoolingDown = false
  /// Events that arrived within the cooldown.
  package var keptEvents = KeptEvents()
  /// How far the factors of an adaptive interval have brought its due day; nil for every other rule.
  package var adapted: AdaptedInterval? {
    get { boxedAdapted?.value }
    set { boxedAdapted = newValue.map { Box($0) } }
  }
  /// The occurrence that the last review of a recurrence was opened for.
  package var lastOccurrence: Day?
  package private(set) var lastClosing: Closing? {
    get { boxedClosing?.value }
    set { boxedClosing = newValue.map { Box($0) } }
  }
  package private(set) var lastCompletion: Closing? {
    get { boxedCompletion?.value }
    set { boxedCompletion = newValue.map { Box($0) } }
  }
  // There is one of these for each rule and subject, and most have none of the large parts.
  private var boxedAdapted: Box<AdaptedInterval>?
  private var boxedClosing: Box<Closing>?
  private var boxedCompletion: Box<Closing>?

  package init(metOn: Day) { self.metOn = metOn }

  mutating func note(_ closing: Closing) {
    if lastClosing.map({ $0.at <= closing.at }) ?? true { lastClosing = closing }
    if closing.isCompleted, lastCompletion.map({ $0.conducted <= closing.conducted }) ?? true {
      lastCompletion = closing
    }
  }

  /// Until when nothing triggers; nil outside a cooldown.
  package func cooldownEnd(_ cooldown: Elapsed?) -> Instant? {
    guard isCoolingDown, let lastClosing, let cooldown else { return nil }
    return lastClosing.at + cooldown
  }

  /// Ends a cooldown that is over at `instant`, which arms the rule.
  mutating func endCooldown(of rule: Rule, at instant: Instant) {
    guard isCoolingDown else { return }
    if let end = cooldownEnd(rule.cooldown), instant < end { return }
    isCoolingDown = false
    isArmed = true
  }

  /// What factors made of the interval that a closing began; nil until they were asked.
  package func adapted(after closing: Closing) -> AdaptedInterval? {
    adapted.flatMap { $0.closing == closing.review ? $0 : nil }
  }

  /// Begins anew what depends on what a rule means: facts (closings, a cooldown) stay.
  mutating func forgetMeaning() {
    isArmed = true
    trueSince = nil
    adapted = nil
  }
}

/// The due day of an adaptive interval as the factors have left it so far: until a review closes it only moves earlier.
package struct AdaptedInterval: Hashable, Sendable, Codable {
  /// The review whose closing the interval counts from.
  package let closing: String
  package let evidence: IntervalEvidence
  package let due: Day

  package init(closing: String, evidence: IntervalEvidence) {
    self.closing = closing
    self.evidence = evidence
    due = Day(evidence.due) ?? Day(number: 0)
  }

  private enum CodingKeys: String, CodingKey { case closing, evidence }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      closing: try container.decode(String.self, forKey: .closing),
      evidence: try container.decode(IntervalEvidence.self, forKey: .evidence)
    )
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(closing, forKey: .closing)
    try container.encode(evidence, forKey: .evidence)
  }
}

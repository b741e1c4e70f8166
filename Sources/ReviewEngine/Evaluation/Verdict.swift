/// What was decided of one occasion.
package struct Verdict: Sendable {
  /// In the order in which they happened.
  package var facts: [Fact] = []
  /// What a cooldown keeps of what came.
  package var kept: [KeptArrival] = []
  /// What reviews that were completed record of satisfaction.
  package var satisfactions: [RecordedSatisfaction] = []
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

/// An event that a cooldown keeps.
package struct KeptArrival: Hashable, Sendable {
  package let rule: String
  package let event: Event
  package let until: Instant
}

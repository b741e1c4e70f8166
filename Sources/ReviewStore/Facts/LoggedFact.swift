import ReviewEngine

/// A fact as it stands in the log.
package struct LoggedFact: Sendable {
  /// Grows from fact to fact; receivers drop repeats by it.
  package let number: Int64
  package let fact: Fact
  /// The review that it is about, in the state and with the due day in which the fact left it.
  package let review: Review?
}

/// A fact that the database holds and that cannot be read.
package struct UnreadableFact: Error, Sendable {
  package let number: Int64
  package let kind: String
  package let review: String?
}

/// A fact of a review's history, with the state in which it found the review: a line of it, wherever it is begun to
/// read.
package struct HistoricFact: Sendable {
  /// Of triggers that joined at one moment so many have lines of their own, and the others one together.
  package static let toldAlone = 5

  package let logged: LoggedFact
  /// Nil for the opening.
  package let stateBefore: ReviewState?
  /// How many triggers the line stands for, of which this is the first.
  package let togetherCount: Int
}

/// A trigger as it is stored with its review.
package struct StoredTrigger: Sendable {
  package let trigger: Trigger
  package let recorded: Instant
  /// That of its fact.
  package let number: Int64
}

/// Runs the evaluation through a stretch of time with reviews assumed to be held: replay over the past, forecast into
/// the future.
package struct Simulation {
  /// When a review that nobody holds counts as completed.
  package enum AssumedCompletion: String, CaseIterable, Sendable {
    /// At the later of its opening and the start of its due day.
    case due
    case atOnce = "at-once"
    case never
  }

  package let evaluation: Evaluation
  package let from: Instant
  package let to: Instant
  package let assumedCompletion: AssumedCompletion
  /// Reviews that are open at `from` and whose end is known, by id.
  package let scriptedClosings: [String: ScriptedClosing]
  /// Whether samples and events come after `from`; where none do, factors that only look back to a review need no grid.
  package let hasNewFacts: Bool
  /// Whether triggers and changes of due days are kept with their evidence; a replay only counts them.
  package let keepsEvidence: Bool
  /// Whether all facts are kept, and not the moves of intervals alone.
  package let keepsFacts: Bool

  /// The known end of a review.
  package struct ScriptedClosing: Hashable, Sendable {
    package let at: Instant
    package let conducted: Instant
    package let isCompleted: Bool

    package init(at: Instant, conducted: Instant, isCompleted: Bool) {
      self.at = at
      self.conducted = conducted
      self.isCompleted = isCompleted
    }
  }

  package init(
    evaluation: Evaluation, from: Instant, to: Instant, assumedCompletion: AssumedCompletion = .due,
    scriptedClosings: [String: ScriptedClosing] = [:], hasNewFacts: Bool = true,
    keepsEvidence: Bool = true, keepsFacts: Bool = false
  ) {
    self.evaluation = evaluation
    self.from = from
    self.to = to
    self.assumedCompletion = assumedCompletion
    self.scriptedClosings = scriptedClosings
    self.hasNewFacts = hasNewFacts
    self.keepsEvidence = keepsEvidence
    self.keepsFacts = keepsFacts
  }

  /// The reviews of one subject over the instants in `(from, to]`. Subjects do not see one another, so
  /// a history is simulated one at a time and only one service's series need be at hand.
  ///
  /// - Parameters:
  ///   - events: the subject's events in the order of their time.
  ///   - checkpoint: called now and then with how many reviews were opened; what it throws ends the run.
  package func run(
    _ subject: Subject, events: [Event], series: inout some SeriesSource,
    checkpoint: (_ reviewCount: Int) throws -> Void = { _ in }
  ) throws -> SimulationOutcome {
    var run = SimulationRun(simulation: self, subject: subject, events: events)
    var steps = 0
    while let instant = run.nextInstant(), instant <= to {
      try run.step(to: instant, &series)
      steps += 1
      if steps % 256 == 0 { try checkpoint(run.reviews.count) }
    }
    return SimulationOutcome(
      reviews: run.reviews, facts: run.facts, joined: run.joined, end: to, subject: run.subject,
      unknownRules: run.unknownRules,
      closedAfterEvaluation: run.closedAfterEvaluation)
  }

  /// How many instants of grids lie ahead, over all subjects: what a run costs.
  package func gridInstantCount(of subjects: [Subject]) -> Int {
    subjects.reduce(0) { count, subject in
      let steps = Set(evaluation.rules(for: subject).filter { hasNewFacts || !$0.rests }.compactMap(\.gridStep))
      return count + steps.reduce(0) { $0 + Int((to - from).milliseconds / $1.milliseconds) }
    }
  }
}

/// What a simulation made of one subject.
package struct SimulationOutcome: Sendable {
  /// In the order of opening.
  package let reviews: [SimulatedReview]
  /// All that happened, or the moves of intervals alone; empty where no evidence is kept.
  package let facts: [Fact]
  /// Triggers that joined a review that was open before the simulation, with that review's due day.
  package let joined: [JoinedTrigger]
  /// The last instant that was simulated.
  package let end: Instant
  /// With all that is remembered at the end.
  package let subject: Subject
  /// The rules whose condition was unknown when it was asked last.
  package let unknownRules: Set<String>
  /// The reviews that closed at the instant whose evaluation opened them or moved their due days: customers of that
  /// instant do not know it.
  let closedAfterEvaluation: Set<String>
}

extension SimulationOutcome {
  /// How due days of adaptive intervals came about, and when.
  package var intervalMoves: [(at: Instant, review: String?, move: IntervalMove)] {
    facts.compactMap { fact in
      if case .intervalMoved(let move) = fact.content { (fact.at, fact.review, move) } else { nil }
    }
  }
}

/// A trigger that joined a review, with the due day of that.
package struct JoinedTrigger: Hashable, Sendable {
  package let trigger: Trigger
  package let due: Day
}

/// A review as a simulation saw it.
package struct SimulatedReview: Hashable, Sendable {
  package let id: String
  package let rule: String
  package let subject: SubjectID
  package let services: [String]
  package let opened: Instant
  package var due: Day
  /// Nil where that falls after the end.
  package var completed: Instant?
  /// Empty where only their number is kept.
  package var triggers: [Trigger]
  package var triggerCount = 1
}

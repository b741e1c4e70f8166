/// One instant and what came with it: all that a decision may depend on besides the rules, the state and the series.
package struct Occasion: Sendable {
  /// As of when everything is evaluated.
  package let instant: Instant
  /// When the decisions are made; later than `instant` where downtime is caught up.
  package let recordedAt: Instant
  /// What people do, in the order in which they do it.
  package var commands: [CommandedReview] = []
  package var openingsByHand: [OpeningByHand] = []
  /// Rules that mean something else than before, or nothing any more.
  package var changedRules: [String] = []
  /// Whether due days are counted anew, by other calendars than before.
  package var recounts = false
  package var arrivals: [Arrival] = []
  /// Whether the condition rules whose grid has this instant are evaluated.
  package var evaluatesConditions: Bool
  /// Condition rules that are through this instant already.
  package var excludedRules: Set<String> = []
  package var part = Part.prompt(without: [])
  /// Whether interval reviews may open; not while missed instants are caught up, because what is late opens now.
  package var opensIntervals: Bool

  /// Which rules are asked at once, and which later.
  package enum Part: Sendable {
    /// All but those whose answers come later; their intervals wait for that.
    case prompt(without: Set<String>)
    /// Those alone, after commands were done meanwhile: it knows nothing of a review that closed after its instant.
    case waited(only: Set<String>)
  }

  /// Whether people or files change something; what that asks for is asked, and opened, in the next occasion of the
  /// same instant, which sees the satisfaction that a completion records.
  var isAboutChanges: Bool { !commands.isEmpty || !openingsByHand.isEmpty || isReload }

  /// Whether files change something; an occasion without that would decide what else is due. The rules meet their
  /// subjects in an occasion of its own, when all that they say is in force.
  package var isReload: Bool { !changedRules.isEmpty || recounts }

  /// Whether factors of reviews that have closed since are asked, and not those alone whose grid has this instant;
  /// nobody who sends an event waits for them.
  var asksFactorsAtOnce: Bool { !isAboutChanges && (arrivals.isEmpty || evaluatesConditions) }

  package init(
    instant: Instant, recordedAt: Instant? = nil, evaluatesConditions: Bool = false, opensIntervals: Bool = true
  ) {
    self.instant = instant
    self.recordedAt = recordedAt ?? instant
    self.evaluatesConditions = evaluatesConditions
    self.opensIntervals = opensIntervals
  }
}

extension Occasion.Part {
  func asks(_ rule: String) -> Bool {
    switch self {
    case .prompt(let others): !others.contains(rule)
    case .waited(let rules): rules.contains(rule)
    }
  }

  var hasWaited: Bool {
    if case .waited = self { true } else { false }
  }
}

/// A command to a review, and who gives it.
package struct CommandedReview: Sendable {
  /// As it was when the command came; where its subject has it open, as that has it.
  package let review: Review
  package let command: ReviewCommand
  package let by: String

  package init(_ review: Review, _ command: ReviewCommand, by: String) {
    self.review = review
    self.command = command
    self.by = by
  }
}

/// A review that somebody asks for.
package struct OpeningByHand: Sendable {
  package let subject: SubjectID
  package let reason: String
  /// Nil: by the standard of rules that say nothing.
  package let due: Day?
  package let by: String

  package init(subject: SubjectID, reason: String, due: Day?, by: String) {
    self.subject = subject
    self.reason = reason
    self.due = due
    self.by = by
  }
}

/// An event to evaluate. Of a revision it is known what its earlier versions asked for already.
package struct Arrival: Sendable {
  package let event: Event
  package let isRevision: Bool
  /// The keys of the causes that an earlier version matched, for the event's service.
  package let matched: Set<String>

  package init(_ event: Event) { (self.event, isRevision, matched) = (event, false, []) }

  /// - Parameter matched: see `EventCause.key(of:)`.
  package init(_ event: Event, revisionOfMatched matched: Set<String>) {
    (self.event, isRevision, self.matched) = (event, true, matched)
  }
}

extension RuleSet {
  /// What the rules ask of events of a type, each once.
  package func eventCauses(of type: String) -> [EventCause] {
    rules.reduce(into: []) { causes, rule in
      guard case .event(let cause) = rule.cause, cause.type == type, !causes.contains(cause) else { return }
      causes.append(cause)
    }
  }
}

extension EventCause {
  /// What tells two causes apart, for the service of an event: a revision triggers where none of its versions did for
  /// that service.
  package func key(of event: Event) -> String { "\(event.service) \(Digest.hexadecimal(of: meaning))" }

  /// Whether a version of an event matches, as one of the same service.
  package func matches(_ version: Event, for service: String) -> Bool {
    version.type == type && version.service == service && matches.match(version) == .matches
  }
}

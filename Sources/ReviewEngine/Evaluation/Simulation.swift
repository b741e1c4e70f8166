/// Runs the evaluation through a stretch of time with reviews assumed to be held: replay over the past, forecast into the future.
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

  package init(evaluation: Evaluation, from: Instant, to: Instant, assumedCompletion: AssumedCompletion = .due) {
    self.evaluation = evaluation
    self.from = from
    self.to = to
    self.assumedCompletion = assumedCompletion
  }

  /// The reviews of one subject over the instants in `(from, to]`, in the order of opening. Subjects do not see one another, so
  /// a history is simulated one at a time and only one service's series need be at hand.
  ///
  /// - Parameters:
  ///   - events: the subject's events in the order of their time.
  ///   - checkpoint: called now and then; what it throws ends the run.
  package func run(
    _ subject: Subject, events: [Event], series: inout some SeriesSource, checkpoint: () throws -> Void = {}
  ) throws -> [SimulatedReview] {
    var run = SimulationRun(simulation: self, subject: subject, events: events)
    var steps = 0
    while let instant = run.nextInstant(), instant <= to {
      try run.step(to: instant, &series)
      steps += 1
      if steps % 1024 == 0 { try checkpoint() }
    }
    return run.reviews
  }

  /// How many instants of grids lie ahead, over all services: what a run costs.
  package var gridInstantCount: Int {
    evaluation.ruleSet.services.reduce(0) { count, service in
      let steps = Set(evaluation.rules(for: service.id).compactMap(\.gridStep))
      return count + steps.reduce(0) { $0 + Int((to - from).milliseconds / $1.milliseconds) }
    }
  }
}

/// A review as a simulation saw it.
package struct SimulatedReview: Hashable, Sendable {
  package let id: String
  package let rule: String
  package let service: String
  package let opened: Instant
  package var due: Day
  /// Nil where that falls after the end.
  package var completed: Instant?
  package var triggers: [Trigger]
}

private struct SimulationRun {
  let simulation: Simulation
  let gridSteps: [Elapsed]
  let intervals: [(Rule, IntervalCause)]
  let coolingRules: [Rule]
  /// The one subject, as the evaluation takes them.
  private var subjects: [Subject]
  private var subject: Subject {
    subjects[0]
  }
  var events: ArraySlice<Event>
  var now: Instant
  var reviews: [SimulatedReview] = []
  private var reviewIndex: [String: Int] = [:]

  init(simulation: Simulation, subject: Subject, events: [Event]) {
    let rules = simulation.evaluation.rules(for: subject.service.id)
    self.simulation = simulation
    subjects = [subject]
    self.events = events.drop { $0.time <= simulation.from }
    now = simulation.from
    gridSteps = rules.compactMap(\.gridStep).reduce(into: []) { steps, step in if !steps.contains(step) { steps.append(step) } }
    intervals = rules.compactMap { rule in if case .interval(let cause) = rule.cause { (rule, cause) } else { nil } }
    coolingRules = rules.filter { $0.cooldown != nil && $0.gridStep == nil }
    meetRules(rules)
  }

  // A replay begins as if rules and service met at `from`; a forecast keeps what is known.
  private mutating func meetRules(_ rules: [Rule]) {
    let day = subject.service.zone.day(of: simulation.from)
    for rule in rules { subjects[0].progress[rule.id] = subject.progress(of: rule, meetingOn: day) }
  }

  /// The next instant at which anything can happen.
  func nextInstant() -> Instant? {
    var candidates = gridSteps.map { now.nextGridInstant(every: $0) }
    if let event = events.first { candidates.append(event.time) }
    candidates += subject.openReviews.compactMap(completion(of:))
    candidates += intervals.compactMap(opening(of:))
    for rule in coolingRules {
      guard let progress = subject.progress[rule.id], !progress.keptEvents.isEmpty else { continue }
      if let end = progress.cooldownEnd(rule.cooldown) { candidates.append(end) }
    }
    return candidates.min()
  }

  private func completion(of review: OpenReview) -> Instant? {
    switch simulation.assumedCompletion {
    case .never: nil
    case .atOnce: max(review.opened, now)
    case .due: max(review.opened, subject.service.zone.start(of: review.due), now)
    }
  }

  /// An opening that has passed comes with the next instant, at the latest with the next day.
  private func opening(of interval: (rule: Rule, cause: IntervalCause)) -> Instant? {
    guard subject.openReview(ofRule: interval.rule.id) == nil else { return nil }
    let progress = subject.progress(of: interval.rule, meetingOn: subject.service.zone.day(of: now))
    let opens = IntervalSchedule(interval.cause, progress: progress, subject: subject).opens
    return opens > now ? opens : subject.service.zone.end(of: subject.service.zone.day(of: now))
  }

  mutating func step(to instant: Instant, _ series: inout some SeriesSource) throws {
    // At the same instant again there is only the completion of what has just opened: its conditions and events are done.
    let isNew = instant > now
    now = instant
    var occasion = Occasion(instant: instant, evaluatesConditions: isNew)
    occasion.closings = subject.openReviews.filter { completion(of: $0) == instant }.map { $0.completed(at: instant) }
    occasion.arrivals = events.prefix { $0.time == instant }.map { Arrival($0) }
    events = events.dropFirst(occasion.arrivals.count)
    for closing in occasion.closings {
      if let index = reviewIndex[closing.review] { reviews[index].completed = instant }
    }
    let verdict = try simulation.evaluation.decide(occasion, subjects: &subjects, series: &series)
    for decision in verdict.decisions { note(decision) }
  }

  private mutating func note(_ decision: Decision) {
    switch decision {
    case .opened(let review, let service, _, let trigger):
      reviewIndex[review.id] = reviews.count
      reviews.append(
        SimulatedReview(
          id: review.id, rule: review.rule ?? "", service: service, opened: review.opened, due: review.due, triggers: [trigger]))
    case .joined(let review, let trigger, _):
      guard let index = reviewIndex[review.id] else { return }
      reviews[index].due = review.due
      reviews[index].triggers.append(trigger)
    case .kept: break
    }
  }
}

extension Rule {
  /// How often the rule's condition is evaluated; nil for a rule without one.
  package var gridStep: Elapsed? {
    guard case .condition(let cause) = cause else { return nil }
    return cause.evaluateEvery
  }
}

extension OpenReview {
  package func completed(at instant: Instant) -> Closing {
    Closing(review: id, rule: rule, isCompleted: true, at: instant, conducted: conducted ?? instant, due: due)
  }
}

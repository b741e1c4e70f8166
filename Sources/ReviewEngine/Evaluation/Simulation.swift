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
    _ subject: Subject, events: [Event], series: inout some SeriesSource, checkpoint: (_ reviewCount: Int) throws -> Void = { _ in }
  ) throws -> SimulationOutcome {
    var run = SimulationRun(simulation: self, subject: subject, events: events)
    var steps = 0
    while let instant = run.nextInstant(), instant <= to {
      try run.step(to: instant, &series)
      steps += 1
      if steps % 256 == 0 { try checkpoint(run.reviews.count) }
    }
    return SimulationOutcome(
      reviews: run.reviews, facts: run.facts, joined: run.joined, end: to, subject: run.subject, unknownRules: run.unknownRules)
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
}

extension SimulationOutcome {
  /// How due days of adaptive intervals came about, and when.
  package var intervalMoves: [(at: Instant, review: String?, move: IntervalMove)] {
    facts.compactMap { fact in if case .intervalMoved(let move) = fact.content { (fact.at, fact.review, move) } else { nil } }
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

private struct SimulationRun {
  let simulation: Simulation
  let gridSteps: [Elapsed]
  let intervals: [Rule]
  let coolingRules: [Rule]
  /// The one subject, as the evaluation takes them.
  private var subjects: [Subject]
  var subject: Subject { subjects[0] }
  var events: ArraySlice<Event>
  var now: Instant
  var reviews: [SimulatedReview] = []
  var facts: [Fact] = []
  var joined: [JoinedTrigger] = []
  var unknownRules = Set<String>()
  private let gridRules: [Rule]
  /// When the subject goes out of service.
  private let end: Instant?
  private var reviewIndex: [String: Int] = [:]
  /// For each interval, until something happens.
  private var openings: [Opening]?

  init(simulation: Simulation, subject: Subject, events: [Event]) {
    let rules = simulation.evaluation.rules(for: subject)
    self.simulation = simulation
    subjects = [subject]
    self.events = events.drop { $0.time <= simulation.from }
    now = simulation.from
    gridSteps = rules.filter { simulation.hasNewFacts || !$0.rests }.compactMap(\.gridStep).reduce(into: []) { steps, step in
      if !steps.contains(step) { steps.append(step) }
    }
    intervals = rules.filter(\.isInterval)
    gridRules = rules.filter { $0.gridStep != nil && !$0.isInterval }
    end = subject.outOfService
    coolingRules = rules.filter { $0.cooldown != nil && $0.gridStep == nil }
    meetRules(rules)
  }

  // A replay begins as if rules and service met at `from`; a forecast keeps what is known.
  private mutating func meetRules(_ rules: [Rule]) {
    let day = subject.zone.day(of: simulation.from)
    for rule in rules { subjects[0].progress[rule.id] = subject.progress(of: rule, meetingOn: day) }
  }

  /// The next instant at which anything can happen.
  mutating func nextInstant() -> Instant? {
    let completion = subject.openReviews.compactMap(completion(of:)).min()
    // Out of service nothing is evaluated any more, and what waits for an evaluation waits for ever.
    let other = nextEvaluation().flatMap { instant in end.map { instant < $0 } ?? true ? instant : nil }
    return [completion, other].compactMap { $0 }.min()
  }

  private mutating func nextEvaluation() -> Instant? {
    var candidates = gridSteps.map { now.nextGridInstant(every: $0) }
    if let event = events.first { candidates.append(event.time) }
    if let opening = nextOpening() { candidates.append(opening) }
    for rule in coolingRules {
      guard let progress = subject.progress[rule.id], !progress.keptEvents.isEmpty, let end = progress.cooldownEnd(rule.cooldown),
        let first = simulation.evaluation.firstInService(rule, subject, notBefore: max(end, now))
      else { continue }
      candidates.append(first)
    }
    return candidates.min()
  }

  private func completion(of review: Review) -> Instant? {
    if let scripted = simulation.scriptedClosings[review.id] { return max(scripted.at, now) }
    return switch simulation.assumedCompletion {
    case .never: nil
    case .atOnce: max(review.opened, now)
    case .due: max(review.opened, subject.zone.start(of: review.due), now)
    }
  }

  /// When an interval opens by what is known: it changes only with a fact.
  private enum Opening {
    case never
    /// Factors wait to be asked.
    case afterFactors(Instant)
    case at(Instant)
  }

  private func opening(of rule: Rule) -> Opening {
    let progress = subject.progress(of: rule, meetingOn: subject.zone.day(of: now))
    if let since = simulation.evaluation.factorsAwaitedSince(rule, progress) { return .afterFactors(since) }
    guard subject.openReview(ofRule: rule.id) == nil else { return .never }
    return simulation.evaluation.schedule(of: rule, progress, subject).map { .at($0.opens) } ?? .never
  }

  /// An opening that has passed comes with the next instant, at the latest with the next day; factors that wait are asked at once.
  private mutating func nextOpening() -> Instant? {
    let known = openings ?? intervals.map { opening(of: $0) }
    openings = known
    var next: Instant?
    for index in known.indices {
      let opens: Instant
      switch known[index] {
      case .never: continue
      case .afterFactors(let since): opens = max(since, now)
      case .at(let instant): opens = instant > now ? instant : subject.zone.end(of: subject.zone.day(of: now))
      }
      guard let first = simulation.evaluation.firstInService(intervals[index], subject, notBefore: opens) else { continue }
      next = min(next ?? first, first)
    }
    return next
  }

  mutating func step(to instant: Instant, _ series: inout some SeriesSource) throws {
    // At the same instant again there is only the completion of what has just opened, and factors: its conditions and events are done.
    let isNew = instant > now
    now = instant
    try end(subject.openReviews.filter { completion(of: $0) == instant }, &series)
    var occasion = Occasion(instant: instant, evaluatesConditions: isNew)
    occasion.arrivals = events.prefix { $0.time == instant }.map { Arrival($0) }
    events = events.dropFirst(occasion.arrivals.count)
    let verdict = try decide(occasion, &series)
    if isNew { noteUnknown(verdict, at: instant) }
  }

  /// Ends reviews, in an occasion of their own.
  private mutating func end(_ ending: [Review], _ series: inout some SeriesSource) throws {
    guard !ending.isEmpty else { return }
    for review in ending {
      if let index = reviewIndex[review.id] { reviews[index].completed = now }
    }
    var occasion = Occasion(instant: now)
    occasion.commands = ending.flatMap(commands(toEnd:))
    _ = try decide(occasion, &series)
  }

  private mutating func decide(_ occasion: Occasion, _ series: inout some SeriesSource) throws -> Verdict {
    let verdict = try simulation.evaluation.decide(occasion, subjects: &subjects, series: &series)
    if !verdict.facts.isEmpty { openings = nil }
    for fact in verdict.facts { note(fact) }
    return verdict
  }

  private mutating func noteUnknown(_ verdict: Verdict, at instant: Instant) {
    for rule in gridRules {
      guard let step = rule.gridStep, instant.isOnGrid(every: step) else { continue }
      if verdict.unknownCounts[rule.id] != nil { unknownRules.insert(rule.id) } else { unknownRules.remove(rule.id) }
    }
  }

  /// What is done to a review so that it ends; when it was held, where that is known.
  private func commands(toEnd review: Review) -> [CommandedReview] {
    guard let scripted = simulation.scriptedClosings[review.id] else { return [CommandedReview(review, .complete(Completion()), by: "")] }
    let end = scripted.isCompleted ? ReviewCommand.complete(Completion()) : .cancel(reason: "")
    return [ReviewCommand.conduct(at: scripted.conducted), end].map { CommandedReview(review, $0, by: "") }
  }

  private mutating func note(_ fact: Fact) {
    if simulation.keepsFacts || simulation.keepsEvidence && fact.isMoveOfAnInterval { facts.append(fact) }
    switch fact.content {
    case .opened(let review, let trigger):
      reviewIndex[review.id] = reviews.count
      reviews.append(
        SimulatedReview(
          id: review.id, rule: review.rule ?? "", subject: review.subject, services: subject.services.map(\.id), opened: review.opened,
          due: review.due, triggers: simulation.keepsEvidence ? [trigger] : []))
    case .joined(let trigger):
      guard let index = fact.review.flatMap({ reviewIndex[$0] }) else { return noteJoined(trigger, fact) }
      reviews[index].triggerCount += 1
      if simulation.keepsEvidence { reviews[index].triggers.append(trigger) }
    case .dueMoved(let move):
      if let index = fact.review.flatMap({ reviewIndex[$0] }) { reviews[index].due = move.to }
    case .intervalMoved, .scheduled, .conducted, .completed, .cancelled, .rulesRefused, .clockSet, .told: break
    }
  }

  private mutating func noteJoined(_ trigger: Trigger, _ fact: Fact) {
    // Its due day may move with it.
    guard let review = fact.review.flatMap({ subject.openReview($0) }) else { return }
    joined.append(JoinedTrigger(trigger: trigger, due: review.due))
  }
}

extension Rule {
  /// Whether what it asks changes only with new facts and with a review: nothing leaves its windows as time goes by.
  fileprivate var rests: Bool {
    isInterval
      && allLeaves.allSatisfy { leaf in
        switch leaf {
        case .indicator(let condition): condition.measurement.rests
        case .event(let condition): condition.window.beginsWithAReview
        case .service: true
        case .review, .target, .allOf, .anyOf, .noneOf: false
        }
      }
  }
}

extension Measurement {
  fileprivate var rests: Bool {
    if case .timeAverage = statistic { return false }
    return coverage == nil && window?.beginsWithAReview ?? false
  }
}

extension Window {
  fileprivate var beginsWithAReview: Bool { self == .sinceLastReview }
}

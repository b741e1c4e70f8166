/// A simulation of one subject under way.
struct SimulationRun {
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

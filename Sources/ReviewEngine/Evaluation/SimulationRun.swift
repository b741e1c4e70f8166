/// A simulation of one subject under way.
struct SimulationRun {
  let simulation: Simulation
  /// The one subject, as the evaluation takes them.
  private var subjects: [Subject]
  var subject: Subject { subjects[0] }
  var events: ArraySlice<Event>
  var now: Instant
  var reviews: [SimulatedReview] = []
  var facts: [Fact] = []
  var joined: [JoinedTrigger] = []
  var unknownRules = Set<String>()
  var closedAfterEvaluation = Set<String>()
  private let gridRules: [Rule]
  /// When the subject goes out of service.
  private let end: Instant?
  private var reviewIndex: [String: Int] = [:]
  private var scheduler: Scheduler
  /// Whether something happened since it was last asked when the subject's turn comes.
  private var isChanged = true

  init(simulation: Simulation, subject: Subject, events: [Event]) {
    let rules = simulation.evaluation.rules(for: subject)
    self.simulation = simulation
    subjects = [subject]
    self.events = events.drop { $0.time <= simulation.from }
    now = simulation.from
    scheduler = Scheduler(rules.filter { simulation.hasNewFacts || !$0.rests }, gridThrough: simulation.from)
    gridRules = rules.filter { $0.gridStep != nil && !$0.isInterval }
    end = subject.outOfService
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
    if isChanged { expectNext() }
    let own = scheduler.next().map { max($0, now) }
    guard let event = events.first?.time else { return own }
    return min(event, own ?? event)
  }

  // An opening that has passed comes with the next instant, at the latest with the next day.
  private mutating func expectNext() {
    isChanged = false
    let nextDay = subject.zone.end(of: subject.zone.day(of: now))
    scheduler.expect(simulation.evaluation.nextOwnInstant(of: subject, at: now, catchingUpAt: nextDay), for: subject.id)
  }

  private func completion(of review: Review) -> Instant? {
    if let scripted = simulation.scriptedClosings[review.id] { return max(scripted.at, now) }
    return switch simulation.assumedCompletion {
    case .never: nil
    case .atOnce: max(review.opened, now)
    case .due: max(review.opened, subject.zone.start(of: review.due), now)
    }
  }

  mutating func step(to instant: Instant, _ series: inout some SeriesSource) throws {
    // At the same instant again there is only the completion of what has just opened, and factors: its conditions and
    // events are done.
    let isNew = instant > now
    now = instant
    let ending = subject.openReviews.filter { completion(of: $0) == instant }
    if !isNew, instant > simulation.from { closedAfterEvaluation.formUnion(ending.map(\.id)) }
    try end(ending, &series)
    var occasion = Occasion(instant: instant, evaluatesConditions: isNew)
    occasion.arrivals = events.prefix { $0.time == instant }.map { Arrival($0) }
    events = events.dropFirst(occasion.arrivals.count)
    scheduler.passGrids(through: instant)
    if !scheduler.take(through: instant).isEmpty || !occasion.arrivals.isEmpty { isChanged = true }
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
    if !verdict.facts.isEmpty { isChanged = true }
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
    guard let scripted = simulation.scriptedClosings[review.id] else {
      return [CommandedReview(review, .complete(Completion()), by: "")]
    }
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
          id: review.id, rule: review.rule ?? "", subject: review.subject, services: subject.services.map(\.id),
          opened: review.opened,
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

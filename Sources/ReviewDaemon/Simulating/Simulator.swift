import CLinux
import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewStore
import ReviewWords

/// Runs replays, forecasts and comparisons on threads of their own, for as long as somebody waits for them and within
/// limits.
struct Simulator: Sendable {
  let store: Store
  let limits: Limits
  private let hits: LimitHits
  private let room: ResultRoom
  /// Replays may take minutes: forecasts and comparisons have a line of their own.
  private let replays = Workshop(label: "reviewd.replay", threads: 1)
  private let forecasts = Workshop(label: "reviewd.forecast", threads: 1)

  /// Some minutes of one core.
  static let largestInstantCount = 50_000_000

  init(store: Store, limits: Limits, hits: LimitHits) {
    self.store = store
    self.limits = limits
    self.hits = hits
    room = ResultRoom(mebibytes: limits.resultsMebibytes, hits: hits)
  }

  /// What was found, and the room that it takes until it is sent.
  struct Found<Review: Sendable>: Sendable {
    let items: [Review]
    let room: ResultRoom.Held
  }

  /// What a replay is about; without a rule set of its own, of the one in force.
  struct Replay: Sendable {
    let from: Instant
    let to: Instant
    let assumed: Simulation.AssumedCompletion
  }

  /// The reviews that a rule set would have opened, in the order of opening.
  func replay(
    _ rules: @escaping @Sendable () throws -> RuleSet, _ asked: Replay, _ caller: CallerPresence
  ) async throws -> Found<PastReview> {
    try await find(replays, caller) { budget in try replay(try rules(), asked, budget) }
  }

  private func find<Review: Sendable>(
    _ line: Workshop, _ caller: CallerPresence, _ body: @escaping @Sendable (Budget) throws -> [Review]
  ) async throws -> Found<Review> {
    try await run(line, caller) { budget in
      defer { malloc_trim(0) }
      try room.refuseIfFull()
      let items = try body(budget)
      return Found(items: items, room: room.hold(reviewCount: items.count))
    }
  }

  private func run<Result: Sendable>(
    _ line: Workshop, _ caller: CallerPresence, _ body: @escaping @Sendable (Budget) throws -> Result
  ) async throws -> Result {
    do { return try await line.run(seconds: limits.simulationSeconds, caller: caller, body) } catch let error
      as TimeIsOver
    {
      hits.note(.simulationSeconds, "a replay, a forecast or a comparison was ended")
      throw error
    }
  }

  /// Services are replayed one after the other: only one's history is in memory.
  private func replay(_ ruleSet: RuleSet, _ asked: Replay, _ budget: Budget) throws -> [PastReview] {
    let simulation = Simulation(
      evaluation: Evaluation(ruleSet: ruleSet), from: asked.from, to: asked.to, assumedCompletion: asked.assumed,
      keepsEvidence: false)
    let subjects = ruleSet.subjects { $1.day(of: asked.from) }
    try refuseTooMany(simulation.gridInstantCount(of: subjects), "replay")
    var reviews: [PastReview] = []
    var known = ServiceReviews(simulation.evaluation)
    for subject in subjects where !simulation.evaluation.rules(for: subject).isEmpty {
      try budget.check()
      let history = try store.read { try $0.history(of: subject.services.map(\.id), through: asked.to) }
      var series = SubjectHistory(samples: history.samples, events: history.events)
      let before = reviews.count
      let outcome = try simulation.run(known.completing(subject), events: history.events, series: &series) {
        try check(before + $0, budget, "replay")
      }
      known.note(outcome)
      reviews += outcome.reviews.map(PastReview.init)
      try check(reviews.count, budget, "replay")
    }
    return reviews.sorted { ($0.opened, $0.subject, $0.rule) < ($1.opened, $1.subject, $1.rule) }
  }

  /// The interval reviews that are coming, with nothing new recorded and each held when it is due.
  func forecast(
    _ rules: @escaping @Sendable () throws -> (RuleSet, [Subject]), from: Instant, to: Instant, _ caller: CallerPresence
  ) async throws -> Found<UpcomingReview> {
    try await find(forecasts, caller) { budget in
      let (ruleSet, subjects) = try rules()
      return try forecast(ruleSet, subjects, from: from, to: to, budget)
    }
  }

  private func forecast(_ ruleSet: RuleSet, _ subjects: [Subject], from: Instant, to: Instant, _ budget: Budget) throws
    -> [UpcomingReview]
  {
    let intervals = ruleSet.filtered(rules: \.isInterval)
    let simulation = Simulation(evaluation: Evaluation(ruleSet: intervals), from: from, to: to, hasNewFacts: false)
    try refuseTooMany(simulation.gridInstantCount(of: subjects), "forecast")
    let needs = Needs(intervals)
    var upcoming: [UpcomingReview] = []
    var known = ServiceReviews(simulation.evaluation)
    for subject in subjects {
      known.note(subject)
      guard !simulation.evaluation.rules(for: subject).isEmpty else { continue }
      try budget.check()
      let history = try store.read {
        try $0.history(
          of: subject.services.map(\.id), through: from, indicators: needs.indicators, eventTypes: needs.eventTypes)
      }
      var series = SubjectHistory(samples: history.samples, events: history.events)
      let before = upcoming.count
      let outcome = try simulation.run(known.completing(subject), events: [], series: &series) {
        try check(before + $0, budget, "forecast")
      }
      known.note(outcome)
      upcoming += outcome.upcoming(ruleSet, through: subject.zone.day(of: to))
      try check(upcoming.count, budget, "forecast")
    }
    return upcoming.sorted {
      ($0.due, $0.service ?? "", $0.customer ?? "", $0.rule) < ($1.due, $1.service ?? "", $1.customer ?? "", $1.rule)
    }
  }

  /// What another rule set would change.
  func diff(
    _ inForce: RuleSet, _ other: @escaping @Sendable () throws -> RuleSet, _ subjects: [Subject], at now: Instant,
    _ caller: CallerPresence
  ) async throws -> RuleDiff {
    try await run(forecasts, caller) { budget in
      try diff(inForce, try other(), subjects, at: now, budget)
    }
  }

  // MARK: Limits

  func refuseTooMany(_ instants: Int, _ what: String) throws {
    guard instants > Self.largestInstantCount else { return }
    throw Problem(
      .tooLarge,
      "this \(what) has \(instants) instants, more than \(Self.largestInstantCount): ask for less time, or fewer services"
    )
  }

  func check(_ reviews: Int, _ budget: Budget, _ what: String) throws {
    try budget.check()
    guard reviews > limits.simulationReviews else { return }
    hits.note(.simulationReviews, "a \(what) was ended")
    throw Problem(
      .tooLarge,
      "this \(what) opens more than \(limits.simulationReviews) reviews (limits: simulation_reviews): ask for less time, or fewer services"
    )
  }
}

/// A review that a replay opened: there may be hundreds of thousands.
struct PastReview: Sendable {
  let rule: String
  let subject: SubjectID
  let services: [String]
  let opened: Instant
  let due: Day
  let completed: Instant?
  let triggerCount: Int

  init(_ review: SimulatedReview) {
    (rule, subject, services) = (review.rule, review.subject, review.services)
    (opened, due, completed, triggerCount) = (review.opened, review.due, review.completed, review.triggerCount)
  }

  var body: ReplayedReview {
    ReplayedReview(
      rule: rule, service: subject.service, customer: subject.customer,
      services: subject.customer == nil ? nil : services,
      opened: opened.description, due: due.description, completed: completed?.description, triggers: triggerCount)
  }
}

extension SimulationOutcome {
  /// The interval reviews that opened and are due by a day.
  fileprivate func upcoming(_ ruleSet: RuleSet, through last: Day) -> [UpcomingReview] {
    let moved = intervalMoves.reduce(into: [String: IntervalMove]()) { moved, one in
      one.review.map { moved[$0] = one.move }
    }
    return reviews.filter { $0.due <= last }.compactMap { review in
      guard let rule = ruleSet.rule(review.rule), let interval = review.triggers.first?.evidence.interval else {
        return nil
      }
      return UpcomingReview(
        review.subject, services: review.services, rule: rule, opens: review.opened, due: review.due,
        because: (moved[review.id]?.evidence ?? interval).arithmetic)
    }
  }
}

/// What the factors of some rules read: a forecast needs nothing else of the past.
private struct Needs {
  var indicators = Set<String>()
  var eventTypes = Set<String>()

  init(_ ruleSet: RuleSet) {
    for leaf in ruleSet.rules.flatMap(\.allLeaves) {
      switch leaf {
      case .indicator(let condition): indicators.insert(condition.indicator)
      case .event(let condition): eventTypes.insert(condition.type)
      case .target: indicators.formUnion(ruleSet.services.flatMap(\.targets).map(\.indicator))
      case .review, .service, .allOf, .anyOf, .noneOf: break
      }
    }
  }
}

import ReviewAPI
import ReviewEngine
import ReviewStore

/// Runs replays and forecasts, one at a time and on a thread of its own, so that they never keep the keeper waiting.
actor Simulator {
  let store: Store
  private let executor = ThreadExecutor(label: "reviewd.simulator")

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Some minutes of one core.
  static let largestInstantCount = 50_000_000

  init(store: Store) { self.store = store }

  /// Services are replayed one after the other: only one's history is in memory.
  func replay(_ ruleSet: RuleSet, from: Instant, to: Instant, _ assumed: Simulation.AssumedCompletion) throws -> [ReplayedReview] {
    let simulation = Simulation(evaluation: Evaluation(ruleSet: ruleSet), from: from, to: to, assumedCompletion: assumed)
    guard simulation.gridInstantCount <= Self.largestInstantCount else {
      throw Problem(
        .tooLarge,
        "this replay has \(simulation.gridInstantCount) instants, more than \(Self.largestInstantCount): replay less time, or fewer services"
      )
    }
    var reviews: [SimulatedReview] = []
    for subject in ruleSet.subjects(firstLoadedOn: { $1.day(of: from) }) where !simulation.evaluation.rules(for: subject).isEmpty {
      try Task.checkCancellation()
      let history = try store.read { try $0.history(of: subject.services.map(\.id), through: to) }
      var series = SubjectHistory(samples: history.samples, events: history.events)
      reviews += try simulation.run(subject, events: history.events, series: &series, checkpoint: Task.checkCancellation).reviews
    }
    return reviews.sorted { ($0.opened, $0.subject.key, $0.rule) < ($1.opened, $1.subject.key, $1.rule) }.map {
      ReplayedReview(
        rule: $0.rule, service: $0.subject.service, customer: $0.subject.customer, services: $0.subject.customer == nil ? nil : $0.services,
        opened: $0.opened.description, due: $0.due.description,
        completed: $0.completed?.description, triggers: $0.triggers.count)
    }
  }

  /// The interval reviews that are coming, with nothing new recorded and each held when it is due.
  func forecast(_ ruleSet: RuleSet, _ subjects: [Subject], from: Instant, to: Instant) throws -> [UpcomingReview] {
    let intervals = ruleSet.filtered(rules: \.isInterval)
    let simulation = Simulation(evaluation: Evaluation(ruleSet: intervals), from: from, to: to, hasNewFacts: false)
    let needs = Needs(intervals)
    var upcoming: [UpcomingReview] = []
    for subject in subjects where !simulation.evaluation.rules(for: subject).isEmpty {
      let history = try store.read {
        try $0.history(
          of: subject.services.map(\.id), through: from, indicators: needs.indicators, eventTypes: needs.eventTypes)
      }
      var series = SubjectHistory(samples: history.samples, events: history.events)
      let outcome = try simulation.run(subject, events: [], series: &series, checkpoint: Task.checkCancellation)
      upcoming += outcome.reviews.compactMap { review in
        guard let rule = ruleSet.rule(review.rule), let interval = review.triggers[0].evidence.interval else { return nil }
        let last = outcome.dueChanges.last { $0.review?.id == review.id }
        return UpcomingReview(
          review.subject, services: review.services, rule: rule, opens: review.opened, due: review.due,
          because: (last?.evidence ?? interval).arithmetic)
      }
    }
    return upcoming.sorted {
      ($0.due, $0.service ?? "", $0.customer ?? "", $0.rule) < ($1.due, $1.service ?? "", $1.customer ?? "", $1.rule)
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

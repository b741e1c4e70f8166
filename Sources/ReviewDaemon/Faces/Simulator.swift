import ReviewAPI
import ReviewEngine
import ReviewStore

/// Runs replays and forecasts, one at a time, so that they never take all threads from the keeper.
actor Simulator {
  private let store: Store

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
    for service in ruleSet.services {
      try Task.checkCancellation()
      let history = try store.read { try $0.history(of: service.id, through: to) }
      var series = SubjectHistory(samples: history.samples, events: history.events)
      let subject = Subject(service: service, firstLoadedOn: service.zone.day(of: from))
      reviews += try simulation.run(subject, events: history.events, series: &series, checkpoint: Task.checkCancellation)
    }
    return reviews.sorted { ($0.opened, $0.service, $0.rule) < ($1.opened, $1.service, $1.rule) }.map {
      ReplayedReview(
        rule: $0.rule, service: $0.service, opened: $0.opened.description, due: $0.due.description, completed: $0.completed?.description,
        triggers: $0.triggers.count)
    }
  }

  /// The interval reviews that are coming, with nothing new recorded and each held when it is due.
  func forecast(_ ruleSet: RuleSet, _ subjects: [Subject], from: Instant, to: Instant) throws -> [UpcomingReview] {
    let intervals = ruleSet.filtered { if case .interval = $0.cause { true } else { false } }
    let simulation = Simulation(evaluation: Evaluation(ruleSet: intervals), from: from, to: to)
    var series = SubjectHistory(samples: [:], events: [])
    let reviews = try subjects.flatMap { try simulation.run($0, events: [], series: &series) }
    return reviews.sorted { ($0.due, $0.service, $0.rule) < ($1.due, $1.service, $1.rule) }.map { review in
      UpcomingReview(
        service: review.service, rule: review.rule, title: ruleSet.rule(review.rule)?.title ?? review.rule,
        opens: review.opened.description, due: review.due.description, because: review.triggers[0].evidence.interval?.arithmetic ?? "")
    }
  }
}

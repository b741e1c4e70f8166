import Foundation
import ReviewAPI
import ReviewDaemon
import ReviewEngine
import ReviewFiles
import ReviewStore
import TestSupport
import Testing

/// Live loop, replay, rule tests and forecast are callers of one function: the same history gives the same decisions.
struct FiveCallersTests {
  /// A history of the whole language: adaptive intervals, recurrences, customers, calendars, targets, windows by the
  /// calendar.
  private struct History {
    static let rules = """
        - id: adaptive
          title: A
          every: 2 weeks
          opens_before: 2 days
          merge: never
          adapt:
            between: [3 days, 1 month]
            factors:
              - {id: low, when: {indicator: level, statistic: average, since: last_review, below: 45}, multiply_by: 0.5}
              - {id: busy, when: {event: incident, in_last: 3 days, at_least: 4}, multiply_by: 0.4}
              - {id: calm, when: {event: incident, since: last_review, at_most: 2}, multiply_by: 1.5}
          evaluate_every: 2 hours
        - {id: resting, title: R, every: 11 days, opens_before: 1 day, merge: never, adapt: {factors: [{id: low, when: {indicator: level, statistic: average, since: last_review, below: 48}, multiply_by: 0.5}]}}
        - {id: committee, title: C, per: customer, recurs: {rule: "FREQ=WEEKLY;BYDAY=TU,SA;BYHOUR=2", starts: 2026-01-01, shift: next_working_day, except: [2026-01-13]}, opens_before: 1 day}
        - {id: incident, title: E, upon: {event: incident, where: {severity: {at_most: 2}}}, merge: 3 days, review: {due: 2 working days}, cooldown: 25 hours}
        - {id: joint, title: J, per: customer, upon: {event: incident, where: {severity: 1}}, merge: never, review: {due: 1 day}}
        - {id: often, title: O, per: customer, when: {review: completed, of: any, in_last: 4 days, at_least: 3}, evaluate_every: 6 hours, merge: never, review: {due: 2 days}}
        - {id: since, title: S, per: customer, applies_to: {services: [a]}, when: {indicator: level, statistic: minimum, since: any_review, below: 4}, evaluate_every: 4 hours, merge: never, review: {due: 1 day}}
        - {id: missed, title: T, when: {target_missed: any}, evaluate_every: 3 hours, holds_for: 6 hours, merge: never, review: {due: 1 day}}
        - {id: monthly, title: M, when: {indicator: level, statistic: time_average, in: month, below: 48, coverage: 20%}, if_unknown: open, evaluate_every: 6 hours, merge: never, review: {due: 3 days}}
      """
    static let catalogue = """
      customers: [{id: acme, name: Acme, calendar: office}]
      offerings: [{id: gold, targets: [{indicator: level, statistic: minimum, in_last: 12 hours, at_least: 3}]}]
      services:
        - {id: a, name: A, customer: acme, offering: gold, calendar: office, in_service_since: 2025-12-24}
        - {id: b, name: B, customer: acme, in_service_since: 2026-01-05, in_service_until: 2026-01-16}
        - {id: s, name: S, offering: gold, in_service_since: 2025-12-28}
      """
    static let calendars = """
      calendars:
        - {id: office, zone: America/New_York, hours: {mon-fri: ["09:00-17:00"]}, holidays: {dates: [2026-01-19]}}
      """

    var scenario: Scenario

    init(seed: UInt64) {
      var generator = SeededGenerator(seed: seed)
      scenario = Scenario(rules: Self.rules)
      scenario.catalogue = Self.catalogue
      scenario.calendars = Self.calendars
      (scenario.from, scenario.to) = ("2026-01-03", "2026-01-20")
      var time = instant("2026-01-01")
      while time < instant("2026-01-20") {
        time = Instant(milliseconds: time.milliseconds + Int64.random(in: 1...20_000, using: &generator) * 1000)
        // Nothing new comes to the forecast, which begins at the end.
        if time > instant(scenario.to) { break }
        let service = ["a", "b", "s"][Int.random(in: 0...2, using: &generator)]
        if Int.random(in: 0...4, using: &generator) == 0 {
          scenario.events.append(
            event(time.description, severity: Int.random(in: 1...3, using: &generator), of: service))
        } else {
          scenario.levels.append(level(time.description, "\(Int.random(in: 0...100, using: &generator))", of: service))
        }
      }
    }
  }

  private static func words(_ review: SimulatedReview) -> String {
    "\(review.subject) \(review.rule) \(review.opened) due \(review.due) \(review.completed == nil ? "pending" : "completed") ×\(review.triggers.count)"
  }

  /// The fourteenth has a review that closes by the evaluation of an instant at which its customer asks for reviews.
  @Test(arguments: ProcessInfo.processInfo.environment["REVIEWD_LONG"] == "1" ? Array(0..<60) : [0, 1, 2, 13])
  func theSameHistoryGivesTheSameDecisions(_ round: Int) async throws {
    let seed = testSeed() &+ UInt64(round)
    let history = History(seed: seed)
    let outcomes = try history.scenario.outcomes()
    let replayed = outcomes.flatMap(\.reviews).map(Self.words).sorted()
    #expect(replayed.count > 20)

    let (live, subjects) = try await self.live(history.scenario)
    #expect(Set(live).subtracting(replayed).sorted() == [], "decided live alone, seed \(seed)")
    #expect(Set(replayed).subtracting(live).sorted() == [], "decided by the replay alone, seed \(seed)")
    for failure in try ruleTests(history.scenario, outcomes) {
      Issue.record("rule tests and replay differ, seed \(seed): \(failure)")
    }
    try compareForecast(history.scenario, subjects, "seed \(seed)")
  }

  @Test(arguments: 0..<3) func theReviewsOfASubjectAreTheFoldOfItsFacts(_ round: Int) throws {
    let history = History(seed: testSeed() &+ UInt64(round))
    let ruleSet = try history.scenario.ruleSet()
    let subjects = ruleSet.subjects { _, zone in zone.day(of: instant(history.scenario.from)) }
    for (outcome, named) in zip(try history.scenario.outcomes(), subjects) {
      var folded = named
      for fact in outcome.facts { folded.apply(fact) }
      #expect(folded.openReviews == outcome.subject.openReviews)
      #expect(folded.records == outcome.subject.records)
      #expect(folded.lastCompletion == outcome.subject.lastCompletion)
      #expect(!outcome.facts.isEmpty)
    }
  }

  /// What no replay can be given: commands, reviews by hand, reloads of rules and calendars, and a crash now and then.
  @Test(arguments: ProcessInfo.processInfo.environment["REVIEWD_LONG"] == "1" ? Array(1...60) : [1, 2, 3, 20])
  func aDaemonDecidesWhatTheCentreAloneDoes(_ seed: Int) async throws {
    let (live, alone, subjects, ruleSet) = try await DecidedHistory.livedTwice(seed: UInt64(seed))
    for (number, (decided, expected)) in zip(live, alone.facts).enumerated() where decided != expected {
      Issue.record("fact \(number + 1) of history \(seed):\n  live:  \(decided)\n  alone: \(expected)")
      return
    }
    #expect(live.count == alone.facts.count, "history \(seed)")
    #expect(live.count > 20, "history \(seed)")
    try compareForecasts(ruleSet, subjects, alone, "history \(seed)")
  }

  /// Both see the same future.
  private func compareForecasts(
    _ ruleSet: RuleSet, _ live: [Subject], _ alone: CentreAlone, _ comment: Comment
  ) throws {
    var alone = alone
    let evaluation = Evaluation(ruleSet: ruleSet)
    let (from, to) = (instant("2026-01-24"), instant("2026-03-01"))
    for (left, right) in zip(live, alone.subjects) {
      var series = alone.series()
      let simulation = Simulation(evaluation: evaluation, from: from, to: to, hasNewFacts: false)
      let forecasts = try [left, right].map { try simulation.run($0, events: [], series: &series).reviews }
      #expect(forecasts[0] == forecasts[1], comment)
    }
  }

  // MARK: Live

  private func live(_ scenario: Scenario) async throws -> (reviews: [String], subjects: [Subject]) {
    let bench = try KeeperBench(
      rules: History.rules, catalogue: History.catalogue, calendars: History.calendars, at: scenario.from)
    let (keeper, store) = try await bench.start()
    let inputs =
      (scenario.levels.map { (time: $0.time, level: $0 as Scenario.Level?, event: nil as Event?) }
      + scenario.events.map { (time: $0.time.description, level: nil, event: $0) }).sorted { $0.time < $1.time }
    for input in inputs where instant(input.time) <= instant(scenario.to) {
      if instant(input.time) > bench.clock.now() {
        try await bench.advanceAndComplete(keeper, store, to: instant(input.time))
      }
      if let level = input.level { try await bench.take(keeper, input.time, level.value, of: level.service) }
      guard let event = input.event else { continue }
      // What happened before the replay begins is known to it and does not trigger.
      if event.time > instant(scenario.from) {
        _ = try await keeper.take([NumberedEvent(line: 1, event: event)])
      } else {
        try store.write { _ = try $0.take(event, receivedAt: event.time) }
      }
    }
    try await bench.advanceAndComplete(keeper, store, to: instant(scenario.to))
    var filter = ReviewFilter()
    filter.states = ReviewState.allCases
    let reviews = try store.read { try $0.reviews(filter, limit: 1000) }.map { review in
      "\(review.subject) \(review.rule ?? "") \(review.opened) due \(review.due) \(review.state.rawValue) ×\(review.triggerCount)"
    }
    return (reviews.sorted(), await keeper.allSubjects())
  }

  // MARK: Rule tests

  /// A rule test for each subject that gives the history and expects what the replay left open, at a few instants.
  private func ruleTests(_ scenario: Scenario, _ outcomes: [SimulationOutcome]) throws -> [String] {
    let ruleSet = try scenario.ruleSet()
    let texts = outcomes.map { test(of: $0, scenario, ruleSet) }
    let read = RuleTestReader.read(
      [SourceFile(kind: .rules, path: "t.yaml", text: "tests:\n" + texts.joined())], ruleSet)
    guard read.diagnostics.isEmpty else { return read.diagnostics.map(\.description) }
    return try read.tests.flatMap { try $0.run().failures.map(\.description) }
  }

  private func test(of outcome: SimulationOutcome, _ scenario: Scenario, _ ruleSet: RuleSet) -> String {
    let ids = Set(outcome.subject.services.map(\.id))
    let services = History.catalogue.split(separator: "\n").filter { line in
      ids.contains { line.contains("{id: \($0), name") }
    }
    .map { $0.drop { $0 != "{" } }
    let samples = Dictionary(grouping: scenario.levels.filter { ids.contains($0.service) }, by: \.service).sorted {
      $0.key < $1.key
    }
    .map { service, levels in
      "\(service): {level: {\(levels.map { "\"\($0.time)\": \($0.value)" }.joined(separator: ", "))}}"
    }
    let events = scenario.events.filter { ids.contains($0.service) }.map { event in
      "{event: incident, at: \(event.time), id: \(event.identity.id), service: \(event.service), severity: \(event.attributes["severity"]?.description ?? "1")}"
    }
    let expectations = ["2026-01-12T07:30:00Z", "2026-01-19T00:00:00Z"].map { at in
      let open = outcome.reviews.filter { $0.opened <= instant(at) && $0.completed.map { $0 > instant(at) } ?? true }
      return
        "{at: \(at), reviews: [\(open.map { "{rule: \($0.rule), opened: \($0.opened)}" }.joined(separator: ", "))]}"
    }
    let customer = outcome.subject.id == .customer("acme") ? "customer: acme, " : ""
    return "  - {title: \(outcome.subject.services[0].id), \(customer)services: [\(services.joined(separator: ", "))], "
      + "from: \(scenario.from)T00:00:00.001Z, assume_completed: due, given: {samples: {\(samples.joined(separator: ", "))}, "
      + "events: [\(events.joined(separator: ", "))]}, expect: [\(expectations.joined(separator: ", "))]}\n"
  }

  // MARK: Forecast

  /// A forecast from the live state is the rest of a replay to which nothing new comes.
  private func compareForecast(_ scenario: Scenario, _ subjects: [Subject], _ comment: Comment) throws {
    let evaluation = Evaluation(ruleSet: try scenario.ruleSet())
    let (now, end) = (instant(scenario.to), instant("2026-03-01"))
    var longer = scenario
    longer.to = end.description
    let replayed = try longer.outcomes()
    var known = ServiceReviews(evaluation)
    for (subject, whole) in zip(subjects, replayed) {
      #expect(subject.id == whole.subject.id)
      var series = scenario.history
      let forecast = try Simulation(evaluation: evaluation, from: now, to: end, hasNewFacts: false).run(
        known.completing(subject), events: [], series: &series)
      known.note(forecast)
      let expected = whole.reviews.filter { $0.opened > now }.map(Self.words)
      #expect(forecast.reviews.map(Self.words) == expected, comment)
      #expect(
        forecast.intervalMoves.map { "\($0.at) \($0.move.to)" }
          == whole.intervalMoves.filter { $0.at > now }.map { "\($0.at) \($0.move.to)" },
        comment)
    }
  }
}

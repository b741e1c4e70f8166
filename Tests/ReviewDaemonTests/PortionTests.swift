import ReviewAPI
import ReviewDaemon
import ReviewEngine
import ReviewStore
import TestSupport
import Testing

/// An instant is worked off in portions, and is still one decision.
struct PortionTests {
  private static let count = 3000
  private static let rules = """
      - {id: c, title: C, when: {indicator: level, below: 50}, merge: never, review: {due: 5 days}}
      - {id: e, title: E, upon: {event: incident}, review: {due: 9 days}}
    """

  private let bench: KeeperBench
  private let services = (0..<count).map { "s\(10_000 + $0)" }

  init() throws {
    let catalogue = services.map { "  - {id: \($0), name: S, in_service_since: 2026-01-01}" }.joined(separator: "\n")
    bench = try KeeperBench(rules: Self.rules, catalogue: "services:\n\(catalogue)\n", at: "2026-01-05T08:30:00Z")
  }

  private func begin(level: Int64 = 10) async throws -> (keeper: Keeper, store: Store) {
    let (keeper, store) = try await bench.start()
    var batch = SampleBatch()
    for service in services {
      let sample = Sample(time: instant("2026-01-05T08:40:00Z"), value: DecimalValue(mantissa: level))
      batch.add(SeriesSample(service: service, indicator: "level", labels: "", sample: sample))
    }
    _ = try await keeper.take(batch)
    bench.clock.set(instant("2026-01-05T09:00:00Z"))
    return (keeper, store)
  }

  private func finish(_ keeper: Keeper) async { while case .goOn = await keeper.advance() {} }

  private func openReviews(_ store: Store) throws -> [String] {
    try store.read { try $0.reviews(ReviewFilter(), limit: 10_000) }.map {
      "\($0.services[0]) \($0.rule ?? "") ×\($0.triggerCount)"
    }
    .sorted()
  }

  @Test func whatHappensMeanwhileComesAfterTheInstantForItsSubject() async throws {
    let (keeper, store) = try await begin()
    _ = await keeper.advance()
    let after = try openReviews(store).count
    #expect(after > 0 && after < Self.count, "the first portion had \(after) of \(Self.count)")
    // The last service's turn has not come: its condition is asked before its event is.
    let last = services[Self.count - 1]
    let answer = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:00:00Z", of: last))])
    #expect(answer.effects.map(\.action) == ["joined"])
    await finish(keeper)
    #expect(try openReviews(store) == services.map { "\($0) c ×\($0 == last ? 2 : 1)" })
  }

  @Test func whatHappensMeanwhileIsToldThoughTheRestOfTheInstantHasNothingToTell() async throws {
    let (keeper, store) = try await begin(level: 90)
    _ = await keeper.advance()
    #expect(try store.read { try $0.instantInWork() } != nil)
    _ = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:00:00Z", of: services[0]))])
    await finish(keeper)
    _ = await keeper.advance()
    #expect(bench.sink.ids == ["1"])
  }

  @Test func aCrashInTheMiddleResumesItAndDoublesNothing() async throws {
    do {
      let (keeper, store) = try await begin()
      _ = await keeper.advance()
      _ = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:00:00Z", of: services[2900]))])
      #expect(try store.read { try $0.instantInWork() }?.done == [.service(services[2900])])
    }
    let (keeper, store) = try await bench.start()
    let before = try store.read { try $0.ruleTallies()["c"]?.evaluatedThrough }
    #expect(before.map { $0 < instant("2026-01-05T09:00:00Z") } == true)
    await finish(keeper)
    #expect(try openReviews(store) == services.map { "\($0) c ×\($0 == services[2900] ? 2 : 1)" })
    #expect(try store.read { try $0.instantInWork() } == nil)
    #expect(try store.read { try $0.ruleTallies()["c"]?.evaluatedThrough } == instant("2026-01-05T09:00:00Z"))
  }

  @Test func aReloadInTheMiddleWaitsForItsEnd() async throws {
    let (keeper, store) = try await begin()
    _ = await keeper.advance()
    try bench.write(rules: "  - {id: other, title: O, upon: {event: change}}")
    #expect(try await bench.load() == [])
    #expect(try openReviews(store) == services.map { "\($0) c ×1" })
  }

  /// The slower rule keeps the grid behind: what lies between is nothing to evaluate, and nothing that ends an
  /// interruption.
  @Test func aCrashInTheMiddleBetweenInstantsOfASlowerRuleEvaluatesNobodyTwice() async throws {
    try bench.write(
      rules: """
          - {id: fast, title: F, evaluate_every: 5 minutes, when: {indicator: level, statistic: average, in_last: 1 hour, below: 50}}
          - {id: slow, title: S, evaluate_every: 1 hour, when: {indicator: level, below: 50}}
        """)
    do {
      let (keeper, store) = try await bench.start()
      bench.clock.set(instant("2026-01-05T08:50:00Z"))
      await finish(keeper)
      bench.clock.set(instant("2026-01-05T08:55:00Z"))
      _ = await keeper.advance()
      _ = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T08:55:00Z", of: services[2900]))])
      #expect(try store.read { try $0.instantInWork() }?.instant == instant("2026-01-05T08:55:00Z"))
    }
    let (keeper, store) = try await bench.start()
    await finish(keeper)
    // Nobody has samples: each evaluation of a subject is one more that is unknown.
    #expect(try store.read { try $0.ruleTallies()["fast"]?.unknownCount } == 5 * Self.count)
    #expect(try store.read { try $0.instantInWork() } == nil)
  }

  @Test func aCommandInTheMiddleKeepsTheDueDayThatTheInstantMoved() async throws {
    try bench.write(
      rules: """
          - {id: c, title: C, when: {indicator: level, below: 50}, review: {due: 5 days}}
          - {id: e, title: E, upon: {event: incident}, review: {due: 9 days}}
        """)
    let (keeper, store) = try await bench.start()
    let last = services[Self.count - 1]
    let sample = Sample(time: instant("2026-01-05T08:30:00Z"), value: DecimalValue(mantissa: 10))
    var batch = SampleBatch()
    for service in services {
      batch.add(SeriesSample(service: service, indicator: "level", labels: "", sample: sample))
    }
    let answer = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T08:30:00Z", of: last))])
    let review = try #require(answer.effects.first?.review)
    #expect(try store.read { try $0.review(review) }?.due == day("2026-01-14"))
    _ = try await keeper.take(batch)
    bench.clock.set(instant("2026-01-05T09:00:00Z"))
    _ = await keeper.advance()
    #expect(try openReviews(store).count < Self.count)
    let scheduled = try await keeper.apply(.schedule(at: instant("2026-01-07T09:00:00Z")), to: review, who: "me").review
    #expect(scheduled.due == day("2026-01-10"))
    await finish(keeper)
    let stored = try store.read { try $0.review(review) }
    #expect(stored?.due == day("2026-01-10") && stored?.state == .scheduled && stored?.triggerCount == 2)
  }
}

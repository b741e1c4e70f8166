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

  private func begin() async throws -> (keeper: Keeper, store: Store) {
    let (keeper, store) = try await bench.start()
    var batch = SampleBatch()
    for service in services {
      let sample = Sample(time: instant("2026-01-05T08:40:00Z"), value: DecimalValue(mantissa: 10))
      batch.add(SeriesSample(service: service, indicator: "level", labels: "", sample: sample))
    }
    _ = try await keeper.take(batch)
    bench.clock.set(instant("2026-01-05T09:00:00Z"))
    return (keeper, store)
  }

  private func finish(_ keeper: Keeper) async { while case .goOn = await keeper.advance() {} }

  private func openReviews(_ store: Store) throws -> [String] {
    try store.read { try $0.reviews(ReviewFilter(), limit: 10_000) }.map { "\($0.services[0]) \($0.rule ?? "") ×\($0.triggerCount)" }
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

  @Test func aCrashInTheMiddleResumesItAndDoublesNothing() async throws {
    do {
      let (keeper, store) = try await begin()
      _ = await keeper.advance()
      _ = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:00:00Z", of: services[2900]))])
      #expect(try store.read { try $0.instantInWork() }?.done == [services[2900]])
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
    #expect(try await keeper.load() == [])
    #expect(try openReviews(store) == services.map { "\($0) c ×1" })
  }
}

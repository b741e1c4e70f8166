import Foundation
import Logging
import ReviewAPI
import ReviewDaemon
import ReviewEngine
import ReviewFiles
import ReviewStore
import Synchronization
import TestSupport
import Testing

/// A clock that stands where the test puts it.
final class TestClock: WallClock {
  private let instant: Mutex<Instant>

  init(_ text: String) { instant = Mutex(TestSupport.instant(text)) }

  func now() -> Instant { instant.withLock { $0 } }

  func set(_ new: Instant) { instant.withLock { $0 = new } }
}

/// Keeps what is announced; refuses while it is told to.
final class TestSink: AnnouncementSink {
  private let state = Mutex<(isUp: Bool, messages: [String], ids: [String])>((true, [], []))

  var messages: [String] { state.withLock { $0.messages } }
  var ids: [String] { state.withLock { $0.ids } }

  func set(isUp: Bool) { state.withLock { $0.isUp = isUp } }

  func send(_ fields: [(name: String, value: String)]) -> Delivery {
    state.withLock { state in
      guard state.isUp else { return .unavailable }
      state.messages.append(fields.first { $0.name == "MESSAGE" }?.value ?? "")
      state.ids.append(fields.first { $0.name == "REVIEWD_FACT" }?.value ?? "")
      return .sent
    }
  }
}

/// All that is told of a review's life.
func history(of review: String, in store: Store) throws -> [HistoryEntry] {
  try store.read { try $0.history(ofReview: review, after: 0, limit: 100_000) }.map { HistoryEntry($0) }
}

/// A keeper on a database of its own, with time and announcements in the test's hands.
final class KeeperBench: Sendable {
  let folder: TemporaryFolder
  let clock: TestClock
  let sink = TestSink()
  private let loader = Mutex<RuleLoader?>(nil)

  init(
    rules: String, service: String = "in_service_since: 2026-01-01", catalogue: String? = nil, calendars: String? = nil,
    at time: String
  ) throws {
    folder = try TemporaryFolder()
    clock = TestClock(time)
    try write(rules: rules)
    try folder.write("services.d/s.yaml", catalogue ?? "services:\n  - {id: s, name: S, \(service)}\n")
    if let calendars { try write(calendars: calendars) }
  }

  func write(calendars: String) throws { try folder.write("calendars.d/c.yaml", calendars) }

  func write(rules: String) throws { try folder.write("rules.d/r.yaml", Scenario.declarations + "rules:\n" + rules) }

  /// Opens the database and puts the rules in force, as a start of the daemon does.
  func start(
    _ change: (inout Settings) -> Void = { _ in }, sources: [any AnswerSource] = [],
    onChange: @escaping @Sendable () -> Void = {}
  ) async throws -> (keeper: Keeper, store: Store) {
    var settings = Settings()
    change(&settings)
    settings.directories = [folder.path]
    let store = try Store(path: folder.path + "/reviewd.sqlite")
    var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    let keeper = Keeper(
      store: store, settings: settings, sink: sink, sources: sources, clock: clock, logger: logger, onChange: onChange)
    let loader = RuleLoader(directories: settings.directories, keeper: keeper, store: store, logger: logger)
    self.loader.withLock { $0 = loader }
    try await loader.start()
    return (keeper, store)
  }

  /// Reads the rules again for the keeper that was started last.
  @discardableResult
  func load() async throws -> [Diagnostic] {
    guard let loader = loader.withLock({ $0 }) else { return [] }
    return try await loader.load()
  }

  /// Lets time go by to an instant, with everything that is due on the way at its own time.
  func advance(_ keeper: Keeper, to end: Instant) async {
    while true {
      switch await keeper.advance() {
      case .goOn: continue
      case .sleep(let instant?) where instant <= end: clock.set(max(instant, clock.now()))
      case .sleep:
        clock.set(end)
        return
      }
    }
  }

  /// The same with each review completed at the later of its opening and the start of its due day, before anything else
  /// of that instant.
  func advanceAndComplete(_ keeper: Keeper, _ store: Store, to end: Instant) async throws {
    while true {
      let completions = try await completions(keeper, store)
      let next = completions.map(\.at).min() ?? .distantFuture
      let wake = await keeper.overview().nextInstant ?? .distantFuture
      guard min(next, wake) <= end else { break }
      clock.set(max(clock.now(), min(next, wake)))
      if next <= wake {
        for completion in completions where completion.at == next {
          _ = try await keeper.apply(.complete(Completion()), to: completion.id, who: "me")
        }
      } else {
        while case .goOn = await keeper.advance() {}
      }
    }
    clock.set(end)
    while case .goOn = await keeper.advance() {}
  }

  /// When each pending review is assumed to be held; where its due day moved into the past, now.
  private func completions(_ keeper: Keeper, _ store: Store) async throws -> [(id: String, at: Instant)] {
    var open = ReviewFilter()
    open.states = [.pending]
    var completions: [(id: String, at: Instant)] = []
    for review in try store.read({ try $0.reviews(open, limit: 1000) }) {
      let zone = await keeper.subject(review.subject)?.zone ?? .utc
      completions.append((review.id, max(review.opened, zone.start(of: review.due), clock.now())))
    }
    return completions
  }

  /// Jumps to an instant, as after downtime, and works off what is due.
  func jump(_ keeper: Keeper, to end: Instant) async {
    clock.set(end)
    while case .goOn = await keeper.advance() {}
  }

  func take(_ keeper: Keeper, _ time: String, _ value: String, of service: String = "s") async throws {
    var batch = SampleBatch()
    let sample = Sample(time: instant(time), value: DecimalValue(value) ?? DecimalValue(mantissa: 0))
    batch.add(SeriesSample(service: service, indicator: "level", labels: "", sample: sample))
    _ = try await keeper.take(batch)
  }

  /// Each review as `rule opened due state ×triggers`.
  func reviews(_ store: Store) throws -> [String] {
    try store.read { try $0.reviews(ReviewFilter(), limit: 1000) }.sorted { ($0.opened, $0.id) < ($1.opened, $1.id) }
      .map {
        "\($0.rule ?? "-") \($0.opened) due \($0.due) \($0.state) ×\($0.triggerCount)"
      }
  }
}

struct KeeperTests {
  @Test func anEventHasItsReviewInItsAnswer() async throws {
    let bench = try KeeperBench(
      rules: "  - {id: r, title: R, upon: {event: incident}, merge: never}", at: "2026-01-05T10:00:00Z")
    let (keeper, store) = try await bench.start()
    let incident = event("2026-01-05T09:00:00Z")
    let answer = try await keeper.take([NumberedEvent(line: 1, event: incident)])
    let review = try #require(answer.effects.first?.review)
    #expect(try store.read { try $0.review(review) }?.due == day("2026-01-15"))
    #expect(try await keeper.take([NumberedEvent(line: 1, event: incident)]).known == 1)
    #expect(try bench.reviews(store) == ["r 2026-01-05T10:00:00Z due 2026-01-15 pending ×1"])
    #expect(bench.sink.messages.count == 1)
  }

  @Test func anEventOlderThanCatchUpIsStoredAndCountedAndDoesNotTrigger() async throws {
    let bench = try KeeperBench(rules: "  - {id: r, title: R, upon: {event: incident}}", at: "2026-01-20")
    let (keeper, store) = try await bench.start()
    let answer = try await keeper.take([
      NumberedEvent(line: 1, event: event("2026-01-12T23:59:59Z")), NumberedEvent(line: 2, event: event("2026-01-13")),
    ])
    #expect(answer.taken == 2)
    #expect(answer.tooOld == 1)
    #expect(answer.effects.map(\.id) == ["e2026-01-13"])
    #expect(try store.read { try $0.counters()["events_too_old"] } == 1)
  }

  @Test func missedInstantsAreEvaluatedAsOfTheirOwnTimeAndTheReviewSaysSo() async throws {
    let rules =
      "  - {id: r, title: R, when: {indicator: level, below: 50}, evaluate_every: 1 hour, review: {due: 5 days}}"
    let bench = try KeeperBench(rules: rules, at: "2026-01-05T10:00:00Z")
    do {
      let (keeper, store) = try await bench.start()
      try await bench.take(keeper, "2026-01-05T10:30:00Z", "10")
      try await bench.take(keeper, "2026-01-05T13:30:00Z", "90")
      try store.close()
    }
    bench.clock.set(instant("2026-01-05T16:20:00Z"))
    let (keeper, store) = try await bench.start()
    await bench.jump(keeper, to: instant("2026-01-05T16:20:00Z"))
    // Low at 11, 12 and 13 o'clock, when nobody was there; opened now, because a person works it from now on.
    #expect(try bench.reviews(store) == ["r 2026-01-05T16:20:00Z due 2026-01-10 pending ×1"])
    let id = try #require(try store.read { try $0.reviews(ReviewFilter(), limit: 1) }.first?.id)
    #expect(
      try store.read { try $0.triggers(ofReview: id, limit: 10) }.map(\.trigger.at) == [instant("2026-01-05T11:00:00Z")]
    )
    #expect(
      bench.sink.messages.last?.hasSuffix("It was due to open at 2026-01-05T11:00:00Z, when reviewd did not run.")
        == true)
    #expect(try store.read { try $0.counters() } == ["caught_up_instants": 6])
  }

  @Test func instantsOlderThanCatchUpAreCountedAndSkipped() async throws {
    let rules =
      "  - {id: r, title: R, when: {indicator: level, statistic: count, in_last: 1 day, at_least: 1}, evaluate_every: 1 hour}"
    let bench = try KeeperBench(rules: rules, at: "2026-01-05T10:00:00Z")
    let (keeper, store) = try await bench.start()
    try await bench.take(keeper, "2026-01-05T10:30:00Z", "10")
    await bench.jump(keeper, to: instant("2026-01-15T10:00:00Z"))
    // Ten days of hours: three days are skipped, seven are caught up, and the sample had left the window by then.
    #expect(try store.read { try $0.counters() } == ["caught_up_instants": 168, "skipped_instants": 71])
    #expect(try bench.reviews(store) == [])
  }

  @Test func anIntervalReviewThatDowntimeDelayedOpensNow() async throws {
    let bench = try KeeperBench(rules: "  - {id: r, title: R, every: 1 month, opens_before: 1 week}", at: "2026-01-05")
    let (keeper, store) = try await bench.start()
    #expect(try bench.reviews(store) == [])
    await bench.jump(keeper, to: instant("2026-01-27T08:00:00Z"))
    #expect(try bench.reviews(store) == ["r 2026-01-27T08:00:00Z due 2026-02-01 pending ×1"])
    #expect(bench.sink.messages.last?.hasSuffix("It was due to open at 2026-01-25T00:00:00Z.") == true)
  }

  @Test func keptEventsOpenTheirReviewAtTheEndOfTheCooldownAlsoAcrossARestart() async throws {
    let rules = "  - {id: r, title: R, upon: {event: incident}, cooldown: 2 days, merge: never, review: {due: 3 days}}"
    let bench = try KeeperBench(rules: rules, at: "2026-01-05T10:00:00Z")
    do {
      let (keeper, store) = try await bench.start()
      let first = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:00:00Z"))])
      _ = try await keeper.apply(.complete(Completion()), to: try #require(first.effects.first?.review), who: "me")
      let second = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:30:00Z"))])
      #expect(second.effects.map(\.action) == ["kept"])
      #expect(second.effects.first?.keptUntil == "2026-01-07T10:00:00Z")
      try store.close()
    }
    let (keeper, store) = try await bench.start()
    await bench.advance(keeper, to: instant("2026-01-08"))
    #expect(
      try bench.reviews(store) == [
        "r 2026-01-05T10:00:00Z due 2026-01-08 completed ×1", "r 2026-01-07T10:00:00Z due 2026-01-10 pending ×1",
      ])
  }

  @Test func announcementsWaitWhileNobodyTakesThemAndAreSentOnceAfterwards() async throws {
    let bench = try KeeperBench(
      rules: "  - {id: r, title: R, upon: {event: incident}, merge: never}", at: "2026-01-05T10:00:00Z")
    let (keeper, store) = try await bench.start()
    bench.sink.set(isUp: false)
    _ = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:00:00Z"))])
    #expect(try store.read { try $0.untoldCount(of: keeper) } == 1)
    #expect(bench.sink.messages == [])
    bench.sink.set(isUp: true)
    await bench.jump(keeper, to: instant("2026-01-05T10:00:20Z"))
    #expect(bench.sink.messages.count == 1)
    #expect(try store.read { try $0.untoldCount(of: keeper) } == 0)
  }

  @Test func aTriggerThatJoinsIsToldHoweverOftenTheJournalWasAskedInVain() async throws {
    let bench = try KeeperBench(
      rules: "  - {id: r, title: R, upon: {event: incident}, merge: never}", at: "2026-01-05T10:00:00Z")
    let (keeper, _) = try await bench.start()
    func take(_ id: String) async throws {
      _ = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:00:00Z", id))])
    }
    try await take("a")
    bench.sink.set(isUp: false)
    // Each of them is one more attempt to tell of the first.
    for number in 1...8 { try await take("\(number)") }
    bench.sink.set(isUp: true)
    await bench.jump(keeper, to: instant("2026-01-05T10:00:20Z"))
    // Of eight at one moment three are told together.
    #expect(bench.sink.ids == (1...7).map { "\($0)" })
    #expect(bench.sink.messages.last?.hasSuffix("has more reasons. It has 3 more triggers of the same moment.") == true)
  }

  /// More than is kept in memory until it is told, of which a part is read from the log again.
  @Test func allOfALongInstantIsToldInItsOrder() async throws {
    let services = (1...9000).map { "  - {id: s\($0), name: S, in_service_since: 2026-01-01}\n" }.joined()
    let bench = try KeeperBench(
      rules: "  - {id: r, title: R, every: 1 month, opens_before: 2 weeks}", catalogue: "services:\n" + services,
      at: "2026-01-25")
    let (keeper, store) = try await bench.start()
    // As many times as a loop comes by that is woken at once where there is more to tell.
    for _ in 0..<1000 where bench.sink.ids.count < 9000 { _ = await keeper.advance() }
    #expect(bench.sink.ids == (1...9000).map { "\($0)" })
    #expect(try store.read { try $0.untoldCount(of: keeper) } == 0)
  }

  /// What is due on one day and opened at one instant was read again by its id.
  @Test func afterARestartATriggerJoinsTheSameOfTheReviewsThatWereOpenedTogether() async throws {
    let opening = (1...6).map {
      "  - {id: r\($0), title: R, upon: {event: incident}, merge: never, review: {due: 5 days}}\n"
    }
    let bench = try KeeperBench(
      rules: opening.joined() + "  - {id: j, title: J, upon: {event: change}, merge: 2 weeks}",
      at: "2026-01-05T10:00:00Z")
    let (keeper, store) = try await bench.start()
    _ = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T10:00:00Z"))])
    try store.close()
    let (again, reopened) = try await bench.start()
    let change = event("2026-01-05T10:00:00Z", "c", type: "change", severity: nil)
    _ = try await again.take([NumberedEvent(line: 1, event: change)])
    #expect(
      try reopened.read { try $0.reviews(ReviewFilter(), limit: 10) }.filter { $0.triggerCount == 2 }.map(\.rule) == [
        "r1"
      ])
  }

  @Test func whatAReloadOpensIsToldAtOnce() async throws {
    let bench = try KeeperBench(
      rules: "  - {id: r, title: R, upon: {event: incident}}", service: "in_service_since: 2024-01-01",
      at: "2026-03-20T10:00:00Z")
    _ = try await bench.start()
    try bench.write(rules: "  - {id: i, title: I, every: 1 month}")
    #expect(try await bench.load() == [])
    #expect(bench.sink.messages.count == 1)
  }

  @Test func aBrokenReloadLeavesTheRulesInForceAsTheyWere() async throws {
    let bench = try KeeperBench(
      rules: "  - {id: r, title: R, upon: {event: incident}, merge: never}", at: "2026-01-05T10:00:00Z")
    let (keeper, _) = try await bench.start()
    let fingerprint = await keeper.overview().rulesInForce.fingerprint
    try bench.write(rules: "  - {id: r, title: R, upno: {event: incident}}")
    #expect(try await bench.load().count == 1)
    let overview = await keeper.overview()
    #expect(overview.rulesInForce.fingerprint == fingerprint)
    #expect(
      overview.rulesInForce.problems.first?.contains("unknown key 'upno' in a rule: did you mean 'upon'?") == true)
    #expect(bench.sink.messages.last?.hasPrefix("The rules were not loaded: 1 error, the first one in ") == true)
    #expect(try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:00:00Z"))]).effects.count == 1)
    try bench.write(rules: "  - {id: r2, title: R2, upon: {event: incident}, merge: never}")
    #expect(try await bench.load() == [])
    #expect(await keeper.overview().rulesInForce.problems == [])
  }

  @Test func aStartWithBrokenFilesUsesTheRulesThatWereLastInForce() async throws {
    let bench = try KeeperBench(
      rules: "  - {id: r, title: R, upon: {event: incident}, merge: never}", at: "2026-01-05T10:00:00Z")
    try await bench.start().store.close()
    try bench.write(rules: "  - {id: r}")
    let (keeper, _) = try await bench.start()
    #expect(keeper.ruleSet.rules.map(\.id) == ["r"])
    #expect(await keeper.overview().rulesInForce.problems.count == 2)
  }

  @Test func aFirstStartWithBrokenFilesRefusesToRun() async throws {
    let bench = try KeeperBench(rules: "  - {id: r}", at: "2026-01-05T10:00:00Z")
    await #expect(throws: NoRulesError.self) { try await bench.start() }
  }

  @Test func completingRecordsSatisfactionAsASampleAtTheTimeOfTheMeeting() async throws {
    let bench = try KeeperBench(rules: "  - {id: r, title: R, upon: {event: incident}}", at: "2026-01-05T10:00:00Z")
    try bench.folder.write(
      "rules.d/s.yaml",
      "indicators:\n  - {id: customer_satisfaction, title: C, unit: of 5, better: higher, range: [1, 5]}\n")
    let (keeper, store) = try await bench.start()
    let review = try await keeper.open(service: "s", reason: "asked for", due: nil, who: "me")
    _ = try await keeper.apply(.conduct(at: instant("2026-01-05T09:00:00Z")), to: review.id, who: "me")
    let completion = Completion(outcome: "all well", customerSatisfaction: DecimalValue("4.5"))
    #expect(try await keeper.apply(.complete(completion), to: review.id, who: "me").changed)
    #expect(try await !keeper.apply(.complete(Completion()), to: review.id, who: "me").changed)
    #expect(try await !keeper.apply(.complete(completion), to: review.id, who: "me").changed)
    // Something else would be lost without a word.
    await #expect(
      throws: Problem(.refused, "the review is completed already, with something else recorded: nothing was changed")
    ) {
      try await keeper.apply(.complete(Completion(outcome: "not so well")), to: review.id, who: "me")
    }
    let samples = try store.read {
      try $0.history(of: ["s"], through: .distantFuture).samples[
        SubjectHistory.SeriesKey(service: "s", indicator: "customer_satisfaction")]
    }
    #expect(samples == [Sample(time: instant("2026-01-05T09:00:00Z"), value: DecimalValue(mantissa: 45, scale: 1))])
    #expect(try history(of: review.id, in: store).map(\.what) == ["opened", "conduct", "complete"])
    await #expect(throws: Problem.self) { try await keeper.apply(.cancel(reason: "late"), to: review.id, who: "me") }
  }

  @Test func aMeetingBeforeThePeriodOfItsReviewIsRefused() async throws {
    let bench = try KeeperBench(rules: "  - {id: r, title: R, upon: {event: incident}}", at: "2026-01-05T10:00:00Z")
    let (keeper, _) = try await bench.start()
    let review = try await keeper.open(service: "s", reason: "asked for", due: nil, who: "me")
    await #expect(throws: Problem.self) {
      try await keeper.apply(.conduct(at: instant("2025-12-31")), to: review.id, who: "me")
    }
    #expect(try await keeper.apply(.conduct(at: instant("2026-01-01")), to: review.id, who: "me").changed)
  }

  @Test func keptEventsWhoseCooldownEndedDuringDowntimeSayThatTheyAreLate() async throws {
    let rules = "  - {id: r, title: R, upon: {event: incident}, cooldown: 2 days, merge: never}"
    let bench = try KeeperBench(rules: rules, at: "2026-01-05T10:00:00Z")
    do {
      let (keeper, store) = try await bench.start()
      let first = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:00:00Z"))])
      _ = try await keeper.apply(.complete(Completion()), to: try #require(first.effects.first?.review), who: "me")
      _ = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:30:00Z"))])
      try store.close()
    }
    bench.clock.set(instant("2026-01-09"))
    let (keeper, _) = try await bench.start()
    await bench.jump(keeper, to: instant("2026-01-09"))
    #expect(
      bench.sink.messages.last?.hasSuffix("It was due to open at 2026-01-07T10:00:00Z, when reviewd did not run.")
        == true)
  }

  @Test func anEventThatACooldownKeepsIsRevisedWhereItIsKept() async throws {
    let rules = "  - {id: r, title: R, upon: {event: incident, where: {severity: 1}}, cooldown: 2 days, merge: never}"
    let bench = try KeeperBench(rules: rules, at: "2026-01-05T10:00:00Z")
    let (keeper, store) = try await bench.start()
    let first = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:00:00Z"))])
    _ = try await keeper.apply(.complete(Completion()), to: try #require(first.effects.first?.review), who: "me")
    _ = try await keeper.take([
      NumberedEvent(line: 1, event: event("2026-01-05T09:30:00Z")),
      NumberedEvent(line: 2, event: event("2026-01-05T09:40:00Z")),
    ])
    // One of the two turns out to be minor: only the other opens a review when the cooldown ends.
    _ = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:30:00Z", severity: 3))])
    await bench.advance(keeper, to: instant("2026-01-08"))
    #expect(try bench.reviews(store).last == "r 2026-01-07T10:00:00Z due 2026-01-17 pending ×1")
  }

  @Test func entriesOfTheJournalAreTakenOnceWithHowFarItWasRead() async throws {
    let bench = try KeeperBench(
      rules: "  - {id: r, title: R, upon: {event: incident}, merge: never}", at: "2026-01-05T10:00:00Z")
    let (keeper, store) = try await bench.start()
    #expect(try await keeper.journalPosition() == nil)
    let found = [event("2026-01-05T09:00:00Z"), event("2026-01-05T09:30:00Z")]
    try await keeper.take(found, through: JournalPosition(cursor: "c2", sources: ["x"]))
    // As after a crash in between: what was read and not remembered is read again.
    try await keeper.take(Array(found.dropFirst()), through: JournalPosition(cursor: "c2", sources: ["x"]))
    #expect(try await keeper.journalPosition() == JournalPosition(cursor: "c2", sources: ["x"]))
    #expect(try store.read { try $0.counters()["journal_events"] } == 2)
    #expect(try bench.reviews(store) == ["r 2026-01-05T10:00:00Z due 2026-01-15 pending ×2"])
  }

  @Test func aClockThatJumpsForwardAYearCatchesUpSevenDaysAndSkipsTheRest() async throws {
    let rules = """
        - {id: low, title: L, when: {indicator: level, below: 50}, evaluate_every: 1 day, merge: never}
        - {id: monthly, title: M, every: 1 month, opens_before: 1 day, merge: never}
      """
    let bench = try KeeperBench(rules: rules, at: "2026-01-05T10:00:00Z")
    let (keeper, store) = try await bench.start()
    await bench.jump(keeper, to: instant("2027-01-05T10:00:00Z"))
    let counters = try store.read { try $0.counters() }
    // 6 January to 29 December, and 30 December to 5 January: 365 days.
    #expect(counters["skipped_instants"] == 358)
    #expect(counters["caught_up_instants"] == 7)
    #expect(try bench.reviews(store) == ["monthly 2027-01-05T10:00:00Z due 2026-02-01 pending ×1"])
    #expect(await keeper.overview().evaluatedThrough == instant("2027-01-05"))
  }

  @Test func aClockThatIsSetBackAYearRepeatsNothingAndEventsGoOn() async throws {
    let rules = """
        - {id: low, title: L, when: {indicator: level, below: 50}, evaluate_every: 1 day, if_unknown: open, merge: never}
        - {id: incident, title: I, upon: {event: incident}, merge: never}
      """
    let bench = try KeeperBench(rules: rules, service: "in_service_since: 2024-01-01", at: "2026-01-05T10:00:00Z")
    let (keeper, store) = try await bench.start()
    await bench.advance(keeper, to: instant("2026-01-06T10:00:00Z"))
    let before = ["low 2026-01-06T00:00:00Z due 2026-01-16 pending ×1"]
    #expect(try bench.reviews(store) == before)
    await bench.jump(keeper, to: instant("2025-01-06T10:00:00Z"))
    #expect(try bench.reviews(store) == before)
    #expect(await keeper.overview().evaluatedThrough == instant("2026-01-06"))
    let answer = try await keeper.take([NumberedEvent(line: 1, event: event("2025-01-06T09:00:00Z"))])
    #expect(answer.effects.map(\.action) == ["opened"])
    // Where it was before, it goes on.
    await bench.jump(keeper, to: instant("2026-01-07T10:00:00Z"))
    #expect(await keeper.overview().evaluatedThrough == instant("2026-01-07"))
    try store.close()
  }

  @Test func aClockThatWasSetBackWhileTheDaemonDidNotRunIsTold() async throws {
    let rules = "  - {id: low, title: L, when: {indicator: level, below: 50}, evaluate_every: 1 day}"
    let bench = try KeeperBench(rules: rules, at: "2026-01-05T10:00:00Z")
    do {
      let (keeper, store) = try await bench.start()
      await bench.advance(keeper, to: instant("2026-01-06T10:00:00Z"))
      try store.close()
    }
    #expect(bench.sink.messages == [])
    bench.clock.set(instant("2025-01-06T10:00:00Z"))
    _ = try await bench.start()
    #expect(
      bench.sink.messages == [
        "The clock of this machine is behind what was evaluated already. Conditions are asked again from 2026-01-06T00:00:00Z on."
      ])
  }

  @Test func whatIsOlderThanItHasToBeKeptIsForgottenAndReviewsAreNot() async throws {
    let rules = """
        - {id: r, title: R, upon: {event: incident}, merge: never}
        - {id: far, title: F, when: {indicator: level, statistic: average, in_last: 365 days, below: 50}}
      """
    let bench = try KeeperBench(rules: rules, at: "2026-03-01T10:00:00Z")
    let (keeper, store) = try await bench.start {
      $0.sampleRetention = .days(30)
      $0.eventRetention = .days(30)
    }
    #expect(
      await keeper.overview().rulesInForce.warnings == [
        "warning: the rule 'far' looks back up to 365 days, and samples are kept for 30 days only"
      ])
    _ = try await keeper.take([NumberedEvent(line: 1, event: event("2026-02-28T09:00:00Z"))])
    for number in 0..<2000 {
      try await bench.take(keeper, (instant("2026-02-28") + .minutes(Int64(number))).description, "60")
    }
    // The first day of a start looks, and then each day.
    await bench.advance(keeper, to: instant("2026-03-01T11:00:00Z"))
    #expect(try store.read { try $0.sizes() }.samples == 2000)
    await bench.advance(keeper, to: instant("2026-05-01"))
    #expect(try store.read { try $0.sizes() } == (0, 0, 0))
    #expect(try store.read { try $0.counters() }["samples_forgotten"] == 2000)
    #expect(try store.read { try $0.counters() }["events_forgotten"] == 1)
    let review = try #require(try bench.reviews(store).first)
    #expect(review.hasPrefix("r 2026-03-01"))
    let id = try #require(try store.read { try $0.reviews(ReviewFilter(), limit: 1) }.first?.id)
    #expect(try store.read { try $0.triggers(ofReview: id, limit: 10) }.count == 1)
    try store.close()
  }

  @Test func directoriesWithoutFilesChangeNothing() async throws {
    let bench = try KeeperBench(rules: "  - {id: r, title: R, upon: {event: incident}}", at: "2026-01-05T10:00:00Z")
    let (keeper, _) = try await bench.start()
    try FileManager.default.removeItem(atPath: bench.folder.path + "/rules.d")
    try FileManager.default.removeItem(atPath: bench.folder.path + "/services.d")
    #expect(
      try await bench.load().map(\.message) == [
        "there are no rule files: a directory has rules.d/*.yaml and services.d/*.yaml"
      ])
    #expect(keeper.ruleSet.rules.map(\.id) == ["r"])
  }

  /// The live loop, one instant and one event at a time on a real database, decides what a replay of the same history
  /// does.
  @Test(arguments: 0..<6)
  func theLiveLoopDecidesWhatAReplayDoes(_ round: Int) async throws {
    let seed = testSeed() &+ UInt64(round)
    var generator = SeededGenerator(seed: seed)
    let rules = """
        - {id: interval, title: I, every: 1 week, opens_before: 2 days, merge: never}
        - {id: incident, title: E, upon: {event: incident, where: {severity: {at_most: 2}}}, merge: 3 days, review: {due: 2 days}}
        - {id: low, title: L, when: {indicator: level, below: 50}, evaluate_every: 2 hours, holds_for: 4 hours, merge: never, review: {due: 1 day}}
        - id: mixed
          title: M
          when: {any_of: [{indicator: level, statistic: average, in_last: 1 day, below: 40}, {event: incident, in_last: 2 days, at_least: 3}]}
          if_unknown: open
          evaluate_every: 3 hours
          review: {due: 3 days}
      """
    var scenario = Scenario(rules: rules)
    (scenario.from, scenario.to) = ("2026-01-03", "2026-01-20")
    var time = instant("2026-01-01")
    while time < instant("2026-01-20") {
      time = Instant(milliseconds: time.milliseconds + Int64.random(in: 1...30_000, using: &generator) * 1000)
      if Int.random(in: 0...3, using: &generator) == 0 {
        scenario.events.append(event(time.description, severity: Int.random(in: 1...3, using: &generator)))
      } else {
        scenario.levels.append(level(time.description, "\(Int.random(in: 0...100, using: &generator))"))
      }
    }
    let expected = try scenario.run().map { review in
      "\(review.rule) \(review.opened) due \(review.due) \(review.completed == nil ? "pending" : "completed") ×\(review.triggers.count)"
    }.sorted()
    let found = try await live(scenario, rules)
    #expect(found == expected, "seed \(seed)")
    #expect(expected.count > 8)
  }

  private func live(_ scenario: Scenario, _ rules: String) async throws -> [String] {
    let bench = try KeeperBench(rules: rules, at: scenario.from)
    let (keeper, store) = try await bench.start()
    let inputs =
      (scenario.levels.map { (time: $0.time, level: $0.value as String?, event: nil as Event?) }
      + scenario.events.map { (time: $0.time.description, level: nil, event: $0) }).sorted { $0.time < $1.time }
    for input in inputs where instant(input.time) <= instant(scenario.to) {
      if instant(input.time) > bench.clock.now() {
        try await bench.advanceAndComplete(keeper, store, to: instant(input.time))
      }
      // What happened before the replay begins is known to it and does not trigger.
      if let level = input.level { try await bench.take(keeper, input.time, level) }
      guard let event = input.event else { continue }
      if event.time > instant(scenario.from) {
        _ = try await keeper.take([NumberedEvent(line: 1, event: event)])
      } else {
        try store.write { _ = try $0.take(event, receivedAt: event.time) }
      }
    }
    try await bench.advanceAndComplete(keeper, store, to: instant(scenario.to))
    while case .goOn = await keeper.advance() {}
    return try bench.reviews(store).sorted()
  }
}

struct AnnouncementKindTests {
  @Test func everyKindHasAMessageIdOfItsOwnThatTheCatalogExplains() throws {
    let catalog = try String(contentsOfFile: projectDirectory + "/systemd/reviewd.catalog", encoding: .utf8)
    for kind in AnnouncementKind.allCases { #expect(catalog.contains("-- \(kind.messageId)\nSubject: ")) }
    #expect(Set(AnnouncementKind.allCases.map(\.messageId)).count == AnnouncementKind.allCases.count)
  }
}

import Foundation
import ReviewAPI
import ReviewDaemon
import ReviewEngine
import ReviewFiles
import ReviewStore
import TestSupport
import Testing

/// What the keeper remembers of adaptive intervals, calendars, customers and changed rules, on a real database.
struct RuleLanguageTests {
  private static let adaptive = """
      - id: r
        title: R
        every: 3 months
        opens_before: 1 week
        adapt:
          between: [1 month, 6 months]
          factors: [{id: low, when: {indicator: level, statistic: average, since: last_review, below: 50}, multiply_by: 0.5}]
    """

  private func history(_ store: Store, _ review: String) throws -> [String] {
    try ReviewDaemonTests.history(of: review, in: store).map { entry in
      "\(entry.what) \(entry.from ?? "-") \(entry.to ?? "-"): \(entry.why ?? "")"
    }
  }

  @Test func aShortenedIntervalIsRecordedAnnouncedAndKeptAcrossARestart() async throws {
    let bench = try KeeperBench(rules: Self.adaptive, service: "in_service_since: 2025-10-15", at: "2026-01-08")
    let (keeper, store) = try await bench.start()
    let review = try #require(try store.read { try $0.reviews(ReviewFilter(), limit: 1) }.first)
    bench.clock.set(instant("2026-01-15T10:00:00Z"))
    _ = try await keeper.apply(.complete(Completion()), to: review.id, who: "me")
    try await bench.take(keeper, "2026-01-31T08:00:00Z", "30")
    await bench.advance(keeper, to: instant("2026-01-31T09:00:00Z"))
    #expect(
      bench.sink.messages.last
        == "The next service review of S (R) is now due on 2026-03-01, moved from 2026-04-15: every 3 months from 2026-01-15 (the day of the last review) = 90 days, × 0.5 low (level averaged 30 since 15 Jan, below 50 (1 sample)) = 45 days, due 1 Mar."
    )
    let changes = try store.read { try $0.intervalMoves(of: .service("s"), limit: 10) }
    #expect(
      changes.map { "\($0.at) \($0.move.from?.description ?? "-") \($0.move.to)" } == [
        "2026-01-31T08:00:00Z 2026-04-15 2026-03-01", "2026-01-15T10:00:00Z - 2026-04-15",
      ])
    let before = await keeper.subject(.service("s"))?.progress
    try store.close()
    let (again, _) = try await bench.start()
    #expect(await again.subject(.service("s"))?.progress == before)
    #expect(
      await again.catalogue().upcoming([try #require(await again.subject(.service("s")))]).map(\.due) == ["2026-03-01"])
  }

  /// A joined trigger pulled the review forward; the one after it counts from the day of the interval, as the calendar
  /// has it now.
  @Test func aChangedCalendarCountsTheIntervalOfAReviewThatAJoinedTriggerMovedAnew() async throws {
    func calendar(_ holidays: String) -> String {
      "calendars:\n  - {id: office, zone: UTC, hours: {mon-fri: [\"09:00-17:00\"]}, holidays: {dates: [\(holidays)]}}"
    }
    let rules = """
        - {id: r, title: R, every: 10 working days, anchor: due_date, opens_before: 9 days}
        - {id: e, title: E, upon: {event: incident}, merge: 20 days, review: {due: 1 day}}
      """
    let bench = try KeeperBench(
      rules: rules, service: "in_service_since: 2026-01-05, calendar: office", calendars: calendar(""),
      at: "2026-01-12T10:00:00Z")
    let (keeper, _) = try await bench.start()
    let opened = try #require(await keeper.subject(.service("s"))?.openReviews.first)
    #expect(opened.due == day("2026-01-19"))
    _ = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-12T09:00:00Z"))])
    try bench.write(calendars: calendar("2026-01-14, 2026-01-15"))
    #expect(try await bench.load() == [])
    let moved = try #require(await keeper.subject(.service("s"))?.openReviews.first)
    #expect(moved.due == day("2026-01-13") && moved.intervalDue == day("2026-01-21"))
  }

  @Test func aChangedCalendarCountsTheWorkingDaysOfOpenReviewsAnew() async throws {
    func calendar(_ holidays: String) -> String {
      "calendars:\n  - {id: office, zone: Europe/Madrid, hours: {mon-fri: [\"09:00-17:00\"]}, holidays: {dates: [\(holidays)]}}"
    }
    let bench = try KeeperBench(
      rules: "  - {id: r, title: R, upon: {event: incident}, merge: never, review: {due: 3 working days}}",
      service: "in_service_since: 2026-01-01, calendar: office", calendars: calendar(""), at: "2026-01-05T10:00:00Z")
    let (keeper, store) = try await bench.start()
    let opened = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:00:00Z"))])
    let id = try #require(opened.effects.first?.review)
    #expect(try store.read { try $0.review(id) }?.due == day("2026-01-08"))
    try bench.write(calendars: calendar("2026-01-06, 2026-01-07"))
    // Until they are counted, whoever starts after a crash finds that they have to be.
    let changed = try #require(RuleSetReader.read(try RuleDirectories([bench.folder.path]).files()).ruleSet)
    for _ in 0..<2 {
      #expect(
        try store.write { try $0.subjects(of: changed, at: instant("2026-01-05T10:00:00Z")).recalendared } == [
          .service("s")
        ])
    }
    #expect(try await bench.load() == [])
    #expect(try store.write { try $0.subjects(of: changed, at: instant("2026-01-05T10:00:00Z")).recalendared } == [])
    #expect(try store.read { try $0.review(id) }?.due == day("2026-01-12"))
    #expect(await keeper.subject(.service("s"))?.openReviews.map(\.due) == [day("2026-01-12")])
    #expect(
      try history(store, id).last
        == "due 2026-01-08 2026-01-12: 3 working days from 2026-01-05, counted by the calendar 'office' as it is now")
    #expect(bench.sink.messages.last?.contains("is now due on 2026-01-12, moved from 2026-01-08") ?? false)
    // Loading the same again moves nothing.
    let count = try history(store, id).count
    _ = try await bench.load()
    #expect(try history(store, id).count == count)
  }

  /// From the second on it would have been true at seven, eight and nine o'clock, when nobody had written it yet.
  @Test(arguments: [["other"], [], ["none", "other"], ["none", "same"]])
  func aRuleIsNotAskedAboutInstantsBeforeItWasInForce(_ reloads: [String]) async throws {
    func rule(_ step: String, _ limit: Int) -> String {
      "  - {id: r, title: R, when: {indicator: level, below: \(limit)}, evaluate_every: \(step), merge: never}"
    }
    let texts = [
      "other": rule("1 hour", 60), "same": rule("6 hours", 50), "none": "  - {id: q, title: Q, every: 1 year}",
    ]
    let bench = try KeeperBench(rules: rule("6 hours", 50), at: "2026-01-05T05:30:00Z")
    let (keeper, store) = try await bench.start()
    await bench.advance(keeper, to: instant("2026-01-05T06:10:00Z"))
    try await bench.take(keeper, "2026-01-05T06:20:00Z", reloads.last == "same" ? "40" : "55")
    for (index, reload) in reloads.enumerated() {
      await bench.advance(keeper, to: instant("2026-01-05T\(index == 0 ? "11:40" : "12:20"):00Z"))
      if index + 1 == reloads.count {
        try await bench.take(keeper, "2026-01-05T\(index == 0 ? "11:30" : "12:10"):00Z", "70")
      }
      try bench.write(rules: try #require(texts[reload]))
      #expect(try await bench.load() == [])
    }
    await bench.advance(keeper, to: instant("2026-01-05T15:00:00Z"))
    #expect(try store.read { try $0.reviews(ReviewFilter(), limit: 10) }.map { "\($0.opened)" } == [])
  }

  /// It was true at nine and at ten; what it was while the rule was gone, nobody asked.
  @Test func aRuleThatComesAgainRemembersNothingOfBefore() async throws {
    let rule =
      "  - {id: r, title: R, when: {indicator: level, below: 50}, evaluate_every: 1 hour, holds_for: 3 hours, merge: never}"
    let bench = try KeeperBench(rules: rule, at: "2026-01-05T08:20:00Z")
    let (keeper, store) = try await bench.start()
    try await bench.take(keeper, "2026-01-05T08:30:00Z", "40")
    await bench.advance(keeper, to: instant("2026-01-05T10:10:00Z"))
    for (time, rules) in [("10:10", "  - {id: q, title: Q, every: 1 year}"), ("12:20", rule)] {
      await bench.advance(keeper, to: instant("2026-01-05T\(time):00Z"))
      try bench.write(rules: rules)
      #expect(try await bench.load() == [])
    }
    await bench.advance(keeper, to: instant("2026-01-05T17:00:00Z"))
    #expect(
      try store.read { try $0.reviews(ReviewFilter(), limit: 10) }.map { "\($0.opened)" } == ["2026-01-05T16:00:00Z"])
  }

  /// A minor incident came within the cooldown, and a major one: only what the rule still asks for stays kept.
  @Test(arguments: [
    ("where: {severity: {at_most: 3}}", 2), ("where: {severity: 1}", 1), ("where: {severity: 5}", 0),
  ])
  func whatACooldownKeepsIsForgottenWhereTheRuleDoesNotAskForItAnyMore(_ matches: String, _ count: Int) async throws {
    func rule(_ matches: String) -> String {
      "  - {id: r, title: R, upon: {event: incident, \(matches)}, cooldown: 2 days, merge: never}"
    }
    let bench = try KeeperBench(rules: rule("where: {severity: {at_most: 4}}"), at: "2026-01-05T10:00:00Z")
    let (keeper, store) = try await bench.start()
    let first = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:00:00Z"))])
    _ = try await keeper.apply(.complete(Completion()), to: try #require(first.effects.first?.review), who: "me")
    for (minute, severity) in [(30, 3), (40, 1)] {
      let kept = event("2026-01-05T09:\(minute):00Z", severity: severity)
      #expect(try await keeper.take([NumberedEvent(line: 1, event: kept)]).effects.map(\.action) == ["kept"])
    }
    try bench.write(rules: rule(matches))
    #expect(try await bench.load() == [])
    #expect(await keeper.subject(.service("s"))?.progress["r"]?.keptEvents.count == count)
    await bench.advance(keeper, to: instant("2026-01-08"))
    let opened = try bench.reviews(store).dropFirst()
    #expect(Array(opened) == (count == 0 ? [] : ["r 2026-01-07T10:00:00Z due 2026-01-17 pending ×\(count)"]))
  }

  /// The factors are asked anew with the other calendar, and what did not move is not told. A Saturday moves nothing,
  /// nor any holiday an interval of months.
  @Test(arguments: [
    ("3 months", "2025-10-15", "2026-01-26", []), ("60 working days", "2025-10-22", "2026-01-24", []),
    ("60 working days", "2025-10-22", "2026-01-26", ["2026-04-09 → 2026-04-10", "2026-04-10 → 2026-04-09"]),
  ])
  func anIntervalIsToldToHaveMovedWhereAnotherCalendarMovedIt(
    _ every: String, _ start: String, _ holiday: String, _ moves: [String]
  ) async throws {
    let bench = try KeeperBench(
      rules: Self.adaptive.replacing("3 months", with: every), service: "in_service_since: \(start), calendar: office",
      calendars: Self.office(""), at: "2026-01-08")
    let (keeper, store) = try await bench.start()
    let review = try #require(try store.read { try $0.reviews(ReviewFilter(), limit: 1) }.first)
    bench.clock.set(instant("2026-01-15T10:00:00Z"))
    _ = try await keeper.apply(.complete(Completion()), to: review.id, who: "me")
    for (hour, holidays) in [(12, holiday), (14, "")] {
      await bench.advance(keeper, to: instant("2026-01-15T\(hour):30:00Z"))
      try bench.write(calendars: Self.office(holidays))
      #expect(try await bench.load() == [])
    }
    await bench.advance(keeper, to: instant("2026-01-15T17:00:00Z"))
    let told = try store.read { try $0.intervalMoves(of: .service("s"), limit: 10) }.map(\.move)
    #expect(told.reversed().dropFirst().map { "\($0.from?.description ?? "-") → \($0.to)" } == moves)
    #expect(told.last?.from == nil)
  }

  /// Its events are forgotten when it goes, and nothing opens when it comes again months later.
  @Test(arguments: [
    "  - {id: q, title: Q, every: 1 year}",
    "  - {id: r, title: R, per: customer, upon: {event: incident}, cooldown: 2 days, merge: never}",
  ])
  func whatACooldownKeepsGoesWithItsRule(_ others: String) async throws {
    let rule = "  - {id: r, title: R, upon: {event: incident}, cooldown: 2 days, merge: never}"
    let bench = try KeeperBench(rules: rule, at: "2026-01-05T10:00:00Z")
    let (keeper, store) = try await bench.start()
    let first = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:00:00Z"))])
    _ = try await keeper.apply(.complete(Completion()), to: try #require(first.effects.first?.review), who: "me")
    let kept = event("2026-01-05T09:30:00Z")
    #expect(try await keeper.take([NumberedEvent(line: 1, event: kept)]).effects.map(\.action) == ["kept"])
    for (day, rules) in [("2026-01-06", others), ("2026-03-01", rule)] {
      await bench.advance(keeper, to: instant(day))
      try bench.write(rules: rules)
      #expect(try await bench.load() == [])
    }
    await bench.advance(keeper, to: instant("2026-03-02"))
    #expect(try bench.reviews(store).count == 1)
  }

  /// An open review moves with its interval, and so it is told; one with a meeting that stood when factors moved the
  /// interval has a due day of its own.
  @Test func anotherCalendarMovesTheOpenReviewOfAnAdaptedInterval() async throws {
    let rule = Self.adaptive.replacing("3 months", with: "10 working days").replacing(
      "1 month, 6 months", with: "8 days, 6 months")
    let bench = try KeeperBench(
      rules: rule, service: "in_service_since: 2026-01-05, calendar: office", calendars: Self.office(""),
      at: "2026-01-12T10:00:00Z")
    let (keeper, store) = try await bench.start()
    let first = try #require(await keeper.subject(.service("s"))?.openReviews.first)
    _ = try await keeper.apply(.complete(Completion()), to: first.id, who: "me")
    await bench.advance(keeper, to: instant("2026-01-20T12:00:00Z"))
    let opened = try #require(await keeper.subject(.service("s"))?.openReviews.first)
    #expect(opened.due == day("2026-01-26"))
    try bench.write(calendars: Self.office("2026-01-22"))
    #expect(try await bench.load() == [])
    let moved = try #require(await keeper.subject(.service("s"))?.openReviews.first)
    #expect(moved.id == opened.id && moved.due == day("2026-01-27"))
    #expect(await keeper.subject(.service("s"))?.progress["r"]?.adapted?.due == day("2026-01-27"))
    #expect(bench.sink.messages.contains { $0.contains("is now due on 2026-01-27") })
    #expect(!bench.sink.messages.contains { $0.hasPrefix("The next service review") })
    #expect(try store.rebuild().mended == [])
  }

  private static func office(_ holidays: String) -> String {
    "calendars:\n  - {id: office, zone: UTC, hours: {mon-fri: [\"09:00-17:00\"]}, holidays: {dates: [\(holidays)]}}"
  }

  @Test func aRuleThatMeansSomethingElseBeginsAnewAndAnotherWordingDoesNot() async throws {
    func rule(_ title: String, _ limit: Int) -> String {
      "  - {id: r, title: \(title), when: {indicator: level, below: \(limit)}, evaluate_every: 1 hour, merge: never, review: {due: 1 day}}"
    }
    let bench = try KeeperBench(rules: rule("R", 50), at: "2026-01-05T10:30:00Z")
    let (keeper, store) = try await bench.start()
    try await bench.take(keeper, "2026-01-05T10:40:00Z", "10")
    await bench.advance(keeper, to: instant("2026-01-05T11:00:00Z"))
    let review = try #require(try store.read { try $0.reviews(ReviewFilter(), limit: 1) }.first)
    _ = try await keeper.apply(.complete(Completion()), to: review.id, who: "me")
    #expect(await keeper.subject(.service("s"))?.progress["r"]?.isArmed == false)
    try bench.write(rules: rule("Another title", 50))
    #expect(try await bench.load() == [])
    #expect(await keeper.subject(.service("s"))?.progress["r"]?.isArmed == false)
    try bench.write(rules: rule("Another title", 40))
    #expect(try await bench.load() == [])
    #expect(await keeper.subject(.service("s"))?.progress["r"]?.isArmed == true)
    await bench.advance(keeper, to: instant("2026-01-05T12:00:00Z"))
    #expect(try bench.reviews(store).count == 2)
  }

  @Test func aReviewOfACustomerCoversAllServicesAndIsWorkedAsOne() async throws {
    let bench = try KeeperBench(
      rules: "  - {id: r, title: Committee, per: customer, upon: {event: incident}, merge: never}",
      catalogue: """
        customers: [{id: acme, name: Acme, stakeholders: {sponsor: cio}}]
        services:
          - {id: a, name: A, customer: acme, in_service_since: 2026-01-01}
          - {id: b, name: B, customer: acme, in_service_since: 2026-01-01}
        """, at: "2026-01-05T10:00:00Z")
    let (keeper, store) = try await bench.start()
    let answer = try await keeper.take([NumberedEvent(line: 1, event: event("2026-01-05T09:00:00Z", of: "b"))])
    let id = try #require(answer.effects.first?.review)
    let review = try #require(try store.read { try $0.review(id) })
    #expect(review.services == ["a", "b"])
    #expect(review.subject == .customer("acme"))
    #expect(
      bench.sink.messages.last?.hasPrefix("The service review of all services of Acme (Committee) is due") ?? false)
    let (again, _) = (try await keeper.apply(.complete(Completion()), to: id, who: "me"), 0)
    #expect(again.changed)
    #expect(await keeper.subject(.customer("acme"))?.openReviews.isEmpty ?? false)
    #expect(await keeper.subject(.customer("acme"))?.records.count == 1)
  }

  @Test func aChangedCalendarMovesOpenIntervalReviewsThatItDecides() async throws {
    func calendar(_ holidays: String) -> String {
      "calendars:\n  - {id: office, zone: Europe/Madrid, hours: {mon-fri: [\"09:00-17:00\"]}, holidays: {dates: [\(holidays)]}}"
    }
    let bench = try KeeperBench(
      rules: """
          - {id: every, title: E, every: 10 working days, opens_before: 5 working days}
          - {id: shifted, title: S, recurs: {rule: FREQ=MONTHLY;BYMONTHDAY=15, starts: 2026-01-01, shift: next_working_day}, opens_before: 2 weeks}
        """, service: "in_service_since: 2026-01-01, calendar: office", calendars: calendar(""),
      at: "2026-01-08T10:00:00Z")
    let (_, store) = try await bench.start()
    func dues() throws -> [String] {
      try store.read { try $0.reviews(ReviewFilter(), limit: 9) }.map { "\($0.rule ?? "") \($0.due)" }.sorted()
    }
    #expect(try dues() == ["every 2026-01-15", "shifted 2026-01-15"])
    try bench.write(calendars: calendar("2026-01-14, 2026-01-15"))
    #expect(try await bench.load() == [])
    #expect(try dues() == ["every 2026-01-19", "shifted 2026-01-16"])
    let moved = try #require(try store.read { try $0.reviews(ReviewFilter(), limit: 9) }.first { $0.rule == "shifted" })
    #expect(
      try history(store, moved.id).last
        == "due 2026-01-15 2026-01-16: the days of 'shifted', counted by the calendar 'office' as it is now"
    )
  }

  @Test func anOpenReviewThatAChangedRuleMovesIsMovedInTheStoreToo() async throws {
    let bench = try KeeperBench(rules: Self.adaptive, service: "in_service_since: 2025-10-15", at: "2026-01-08")
    let (keeper, store) = try await bench.start()
    let first = try #require(try store.read { try $0.reviews(ReviewFilter(), limit: 1) }.first)
    bench.clock.set(instant("2026-01-15T10:00:00Z"))
    _ = try await keeper.apply(.complete(Completion()), to: first.id, who: "me")
    await bench.advance(keeper, to: instant("2026-04-08T10:30:00Z"))
    let open = try #require(await keeper.subject(.service("s"))?.openReviews.first)
    #expect(open.due == day("2026-04-15"))
    // The factor counts for what was said before the rule knew it: 90 × 0.5 = 45 days from 15 January.
    try await bench.take(keeper, "2026-02-01T10:00:00Z", "60")
    try bench.write(rules: Self.adaptive.replacing("below: 50", with: "below: 70"))
    #expect(try await bench.load() == [])
    #expect(await keeper.subject(.service("s"))?.openReviews.map(\.due) == [day("2026-03-01")])
    #expect(try store.read { try $0.review(open.id) }?.due == day("2026-03-01"))
    #expect(
      try history(store, open.id).last?.hasPrefix("due 2026-04-15 2026-03-01: every 3 months from 2026-01-15") ?? false)
  }

  @Test func aRetiredServiceHasNothingComing() async throws {
    let bench = try KeeperBench(
      rules: Self.adaptive, service: "in_service_since: 2025-10-15, in_service_until: 2026-01-05",
      at: "2026-01-10T10:00:00Z")
    let (keeper, store) = try await bench.start()
    #expect(await keeper.catalogue().upcoming([try #require(await keeper.subject(.service("s")))]).isEmpty)
    #expect(try bench.reviews(store) == [])
  }
}

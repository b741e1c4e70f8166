import ReviewEngine
import TestSupport
import Testing

struct IntervalTests {
  @Test func theFirstIsTheFirstMultipleThatIsNotBeforeTheDayTheyMet() throws {
    var scenario = Scenario(rules: "  - {id: r, title: R, every: 1 month, opens_before: 1 week, merge: never}")
    scenario.service = "in_service_since: 2025-08-20"
    scenario.to = "2026-03-30"
    // Completed on the due day, so the next counts from there.
    #expect(
      try scenario.reviews() == [
        "r 2026-01-13 due 2026-01-20 ×1", "r 2026-02-13 due 2026-02-20 ×1", "r 2026-03-13 due 2026-03-20 ×1",
      ])
  }

  @Test func anchoredToTheDueDayTheIntendedDayOfTheMonthIsKept() throws {
    var scenario = Scenario(rules: "  - {id: r, title: R, every: 1 month, anchor: due_date, opens_before: 1 day}")
    scenario.service = "in_service_since: 2025-12-31"
    scenario.to = "2026-05-02"
    #expect(try scenario.run().map(\.due.description) == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"])
  }

  @Test func anchoredToTheDueDayAJoinedTriggerDoesNotMoveTheReviewsAfterThisOne() throws {
    var scenario = Scenario(
      rules: """
            - {id: r, title: R, every: 1 month, anchor: due_date, opens_before: 2 weeks}
            - {id: e, title: E, upon: {event: incident}, merge: 3 weeks, review: {due: 1 day}}
        """)
    scenario.service = "in_service_since: 2025-12-31"
    scenario.events = [event("2026-01-20T10:00:00Z")]
    scenario.to = "2026-04-02"
    #expect(try scenario.run().map(\.due.description) == ["2026-01-21", "2026-02-28", "2026-03-31"])
  }

  @Test func anchoredToCompletionTheClampedDayStays() throws {
    var scenario = Scenario(rules: "  - {id: r, title: R, every: 1 month, anchor: completion, opens_before: 1 day}")
    scenario.service = "in_service_since: 2025-12-31"
    scenario.to = "2026-05-02"
    #expect(try scenario.run().map(\.due.description) == ["2026-01-31", "2026-02-28", "2026-03-28", "2026-04-28"])
  }

  @Test(arguments: [
    ("3 months", "2026-03-18"), ("3 weeks", "2026-01-12"), ("1 week", "2026-01-05"), ("20 days", "2026-01-11"),
  ])
  func withoutOpensBeforeItOpensTwoWeeksOrHalfTheIntervalBefore(_ every: String, _ opened: String) throws {
    var scenario = Scenario(rules: "  - {id: r, title: R, every: \(every)}")
    scenario.to = "2026-04-05"
    #expect(try scenario.run().first.map { Zone.utc.day(of: $0.opened).description } == opened)
  }

  @Test func anOpeningThatHasPassedComesWithTheNextInstant() throws {
    var scenario = Scenario(
      rules: """
          - {id: r, title: R, every: 1 month, opens_before: 2 weeks}
          - {id: c, title: C, when: {event: change, in_last: 1 day}, evaluate_every: 6 hours}
        """)
    scenario.service = "in_service_since: 2025-12-10"
    scenario.to = "2026-01-20"
    // Due on 10 January, to be opened on 27 December: before the replay begins.
    #expect(try scenario.reviews() == ["r 2026-01-01T06:00 due 2026-01-10 ×1"])
  }

  private func review(opened: String, due: String) -> Review {
    Review(
      id: "a", rule: "r", subject: .service("s"), services: ["s"], opened: instant(opened), due: day(due),
      periodStart: day("2026-01-01"))
  }

  /// Opens a review and does some commands to it, the last of which closes it.
  private func hold(_ review: Review, in subject: inout Subject, _ commands: [ReviewCommand], at time: String) throws {
    subject.open(review)
    for command in commands {
      let content = try #require(try subject.openReview(review.id)?.content(of: command, at: instant(time), in: .utc))
      subject.apply(Fact(at: instant(time), by: .user("me"), subject: subject.id, review: review.id, content))
    }
  }

  @Test func aCancelledReviewMovesTheAnchorToItsDueDay() throws {
    let cause = IntervalCause(every: .months(1), opensBefore: .weeks(1))
    var subject = Subject(service: Service(id: "s", name: "S"), firstLoadedOn: day("2026-01-01"))
    subject.progress["r"] = RuleProgress(metOn: day("2026-01-01"))
    try hold(review(opened: "2026-01-25", due: "2026-02-01"), in: &subject, [.cancel(reason: "x")], at: "2026-01-26")
    let schedule = IntervalSchedule(
      cause, progress: subject.progress["r"] ?? RuleProgress(metOn: day("2026-01-01")), subject: subject)
    #expect(schedule.due == day("2026-03-01"))
    #expect(schedule.opens == instant("2026-02-22"))
  }

  @Test func aCancelledReviewKeepsTheIntendedDayOfTheMonthOfADueDateAnchor() throws {
    let cause = IntervalCause(every: .months(1), anchor: .dueDate, opensBefore: .weeks(1))
    var service = Service(id: "s", name: "S")
    service.inServiceSince = day("2026-08-31")
    var subject = Subject(service: service, firstLoadedOn: day("2026-08-31"))
    subject.progress["r"] = RuleProgress(metOn: day("2026-08-31"))
    try hold(review(opened: "2026-11-23", due: "2026-11-30"), in: &subject, [.cancel(reason: "x")], at: "2026-11-24")
    let schedule = IntervalSchedule(
      cause, progress: subject.progress["r"] ?? RuleProgress(metOn: day("2026-08-31")), subject: subject)
    #expect(schedule.due == day("2026-12-31"))
  }

  @Test func earlyCompletionCountsFromTheDayOfTheMeeting() throws {
    let cause = IntervalCause(every: .months(3))
    var subject = Subject(service: Service(id: "s", name: "S"), firstLoadedOn: day("2026-01-01"))
    subject.progress["r"] = RuleProgress(metOn: day("2026-01-01"))
    try hold(
      review(opened: "2026-03-18", due: "2026-04-01"), in: &subject,
      [.conduct(at: instant("2026-03-20T15:00:00Z")), .complete(Completion())], at: "2026-03-25T09:00:00Z")
    let schedule = IntervalSchedule(
      cause, progress: subject.progress["r"] ?? RuleProgress(metOn: day("2026-01-01")), subject: subject)
    #expect(schedule.due == day("2026-06-20"))
    #expect(schedule.evidence.anchorMeaning == "the day of the last review")
  }

  @Test func nobodyHoldingAReviewStopsTheInterval() throws {
    var scenario = Scenario(rules: "  - {id: r, title: R, every: 1 week}")
    scenario.assumed = .never
    #expect(try scenario.reviews() == ["r 2026-01-05 due 2026-01-08 ×1"])
  }
}

struct LifecycleTests {
  private static let commands: [ReviewCommand] = [
    .schedule(at: instant("2026-01-02")), .conduct(at: instant("2026-01-02")), .complete(Completion()),
    .cancel(reason: "x"),
  ]

  @Test(arguments: [
    (ReviewState.pending, ["scheduled", "conducted", "completed", "cancelled"]),
    (.scheduled, ["scheduled", "conducted", "completed", "cancelled"]),
    (.conducted, ["refused", "-", "completed", "cancelled"]),
    (.completed, ["refused", "refused", "-", "refused"]), (.cancelled, ["refused", "refused", "refused", "-"]),
  ])
  func everyCommandInEveryState(_ state: ReviewState, _ expected: [String]) {
    var review = Self.review
    (review.state, review.scheduled, review.conducted) = (
      state, instant("2026-01-01"), state == .pending ? nil : instant("2026-01-02")
    )
    if state == .cancelled { review.cancellationReason = "x" }
    let found = Self.commands.map { command in
      do throws(CommandRefusal) {
        guard let content = try review.content(of: command, at: instant("2026-01-03"), in: .utc) else { return "-" }
        return review.applying(content).state.rawValue
      } catch { return "refused" }
    }
    #expect(found == expected)
  }

  @Test(arguments: [
    (ReviewCommand.conduct(at: instant("2026-01-04")), CommandRefusal.isToCome(instant("2026-01-04"))),
    (.conduct(at: instant("2025-12-31")), .beforePeriod(instant("2025-12-31"), start: day("2026-01-01"))),
    (
      .complete(Completion(customerSatisfaction: DecimalValue(mantissa: 51, scale: 1))),
      .offScale(DecimalValue(mantissa: 51, scale: 1), .customer)
    ),
    (
      .complete(Completion(providerSatisfaction: DecimalValue(mantissa: 0))),
      .offScale(DecimalValue(mantissa: 0), .provider)
    ),
  ])
  func whatNoReviewCanHaveIsRefused(_ command: ReviewCommand, _ refusal: CommandRefusal) {
    #expect(throws: refusal) { try Self.review.content(of: command, at: instant("2026-01-03"), in: .utc) }
  }

  private static let review = Review(
    id: "a", rule: "r", subject: .service("s"), services: ["s"], opened: instant("2026-01-01"), due: day("2026-01-10"),
    periodStart: day("2026-01-01"))

  @Test func schedulingTheSameTimeAgainChangesNothing() throws {
    let schedule = ReviewCommand.schedule(at: instant("2026-01-02"))
    let content = try #require(try Self.review.content(of: schedule, at: instant("2026-01-01"), in: .utc))
    let scheduled = Self.review.applying(content)
    #expect(scheduled.state == .scheduled)
    #expect(try scheduled.content(of: schedule, at: instant("2026-01-01"), in: .utc) == nil)
  }
}

extension Review {
  fileprivate func applying(_ content: Fact.Content) -> Review {
    var changed = self
    changed.apply(Fact(at: instant("2026-01-03"), by: .user("me"), subject: subject, review: id, content))
    return changed
  }
}

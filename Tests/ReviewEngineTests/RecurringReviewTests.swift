import ReviewEngine
import ReviewWords
import TestSupport
import Testing

struct RecurringReviewTests {
  private func scenario(_ recurs: String, calendars: String? = nil) -> Scenario {
    var scenario = Scenario(rules: "  - {id: r, title: R, recurs: {\(recurs)}, opens_before: 1 week}")
    scenario.calendars = calendars
    if calendars != nil { scenario.service = "in_service_since: 2026-01-01, calendar: office" }
    scenario.to = "2026-05-01"
    return scenario
  }

  @Test func onTheFirstTuesdayOfEachMonth() throws {
    let scenario = scenario("rule: FREQ=MONTHLY;BYDAY=1TU;BYHOUR=10, starts: 2026-01-01")
    #expect(
      try scenario.reviews() == [
        "r 2026-01-02 due 2026-01-06 ×1", "r 2026-01-27 due 2026-02-03 ×1", "r 2026-02-24 due 2026-03-03 ×1",
        "r 2026-03-31 due 2026-04-07 ×1", "r 2026-04-28 due 2026-05-05 ×1",
      ])
  }

  @Test func anExceptionIsLeftOutAndAHolidayMovesToAWorkingDay() throws {
    let office = """
      calendars:
        - id: office
          zone: Europe/Madrid
          hours: {mon-fri: ["09:00-17:00"]}
          holidays: {yearly: ["01-06"], dates: [2026-01-07]}
      """
    let rule = "rule: FREQ=MONTHLY;BYDAY=1TU;BYHOUR=10, starts: 2026-01-01, except: [2026-02-03]"
    // The days begin an hour before UTC's.
    #expect(
      try scenario("\(rule), shift: next_working_day", calendars: office).reviews().prefix(2) == [
        "r 2026-01-01T23:00 due 2026-01-08 ×1", "r 2026-02-23T23:00 due 2026-03-03 ×1",
      ])
    #expect(
      try scenario("\(rule), shift: previous_working_day", calendars: office).run().first?.due == day("2026-01-05"))
  }

  @Test func aReviewThatAJoinedTriggerMovedIsNotAskedForTwice() throws {
    var scenario = scenario("rule: FREQ=MONTHLY;BYMONTHDAY=20, starts: 2026-01-01")
    scenario.rules += "\n  - {id: e, title: E, upon: {event: incident}, review: {due: 1 day}}"
    scenario.events = [event("2026-01-14T10:00:00Z")]
    scenario.to = "2026-02-21"
    #expect(try scenario.run().map(\.due.description) == ["2026-01-15", "2026-02-20"])
  }

  @Test func afterTheLastOccurrenceNothingComes() throws {
    let scenario = scenario("rule: FREQ=MONTHLY;BYMONTHDAY=20;COUNT=2, starts: 2026-01-01")
    #expect(try scenario.run().map(\.due.description) == ["2026-01-20", "2026-02-20"])
  }

  @Test func withoutOpensBeforeItOpensHalfTheIntervalBefore() throws {
    var scenario = scenario("rule: FREQ=WEEKLY;BYDAY=TH, starts: 2026-01-01")
    scenario.rules = scenario.rules.replacing(", opens_before: 1 week", with: "")
    scenario.from = "2025-12-30"
    scenario.service = "in_service_since: 2025-12-01"
    scenario.to = "2026-01-06"
    #expect(try scenario.reviews() == ["r 2025-12-31 due 2026-01-01 ×1", "r 2026-01-05 due 2026-01-08 ×1"])
  }

  @Test func twoOccurrencesThatAreShiftedToOneDayAreOneAndOpenAsOne() throws {
    var scenario = Scenario(
      rules:
        "  - {id: r, title: R, recurs: {rule: \"FREQ=WEEKLY;BYDAY=SA,SU\", starts: 2026-01-01, shift: next_working_day}}"
    )
    scenario.service = "calendar: office, in_service_since: 2026-01-01"
    scenario.calendars = "calendars: [{id: office, zone: UTC, hours: {mon-fri: [\"09:00-17:00\"]}}]"
    (scenario.from, scenario.to) = ("2026-01-06", "2026-01-20")
    // Half a week before, as once a week is.
    #expect(try scenario.reviews() == ["r 2026-01-09 due 2026-01-12 ×1", "r 2026-01-16 due 2026-01-19 ×1"])
  }

  @Test func forACustomerItIsOneReviewOfAllServicesInService() throws {
    var scenario = Scenario(
      rules: "  - {id: r, title: R, per: customer, recurs: {rule: FREQ=MONTHLY;BYMONTHDAY=10, starts: 2026-01-01}}")
    scenario.catalogue = """
      customers: [{id: acme, name: Acme}, {id: none, name: Nobody}]
      services:
        - {id: a, name: A, customer: acme, in_service_since: 2026-01-01}
        - {id: b, name: B, customer: acme, in_service_since: 2026-01-01, in_service_until: 2026-01-20}
        - {id: c, name: C, in_service_since: 2026-01-01}
      """
    scenario.to = "2026-02-05"
    #expect(
      try scenario.run().map { "\($0.subject) \($0.due) \($0.triggers[0].services)" } == [
        #"customer:acme 2026-01-10 ["a", "b"]"#, #"customer:acme 2026-02-10 ["a"]"#,
      ])
  }
}

struct CustomerReviewTests {
  private let catalogue = """
    customers: [{id: acme, name: Acme}]
    services:
      - {id: a, name: A, customer: acme, in_service_since: 2026-01-01, labels: {tier: gold}}
      - {id: b, name: B, customer: acme, in_service_since: 2026-01-01}
      - {id: c, name: C, in_service_since: 2026-01-01, labels: {tier: gold}}
    """

  /// Of two services of a customer, one that is older and stays, and `b`, which the rule applies to.
  private func scenarioOfTwo(_ rule: String, b: String) -> Scenario {
    var scenario = Scenario(
      rules: "  - {id: r, title: R, per: customer, applies_to: {services: b}, merge: never, \(rule)}")
    scenario.catalogue = """
      customers: [{id: acme, name: Acme}]
      services:
        - {id: a, name: A, customer: acme, in_service_since: 2025-06-15}
        - {id: b, name: B, customer: acme, \(b)}
      """
    return scenario
  }

  @Test func aRuleBeginsWithTheServicesThatItAppliesTo() throws {
    var scenario = scenarioOfTwo("every: 1 month, opens_before: 1 week", b: "in_service_since: 2026-01-03")
    scenario.to = "2026-02-10"
    let reviews = try scenario.outcomes()[2].facts.compactMap { fact in
      if case .opened(let review, _) = fact.content { review } else { nil }
    }
    #expect(reviews.map { "\($0.due) from \($0.periodStart)" } == ["2026-02-03 from 2026-01-03"])
  }

  @Test(arguments: [
    "recurs: {rule: FREQ=WEEKLY;BYDAY=MO, starts: 2026-01-01}, opens_before: 1 day",
    "every: 1 week, opens_before: 1 day",
  ])
  func aRuleEndsWithTheServicesThatItAppliesTo(_ rule: String) throws {
    var scenario = scenarioOfTwo(rule, b: "in_service_since: 2026-01-01, in_service_until: 2026-01-14")
    scenario.to = "2026-03-01"
    let openings = try scenario.run().map(\.opened)
    #expect(!openings.isEmpty && openings.allSatisfy { $0 < instant("2026-01-15") }, "\(openings)")
  }

  /// Two services that the rule applies to, each with a review of its own, and one that it does not apply to.
  @Test func aRulePerCustomerCountsTheReviewsOfTheCustomerAndOfItsServicesThatItAppliesTo() throws {
    func opened(_ atLeast: Int) throws -> [String] {
      var scenario = Scenario(
        rules: """
            - {id: e, title: E, upon: {event: incident}, merge: never, review: {due: 9 days}}
            - {id: r, title: R, per: customer, applies_to: {services: [a, b]}, merge: never, evaluate_every: 1 day,           when: {review: opened, of: any, in_last: 5 days, at_least: \(atLeast)}}
          """)
      scenario.catalogue = """
        customers: [{id: acme, name: Acme}]
        services:
          - {id: a, name: A, customer: acme, in_service_since: 2026-01-01}
          - {id: b, name: B, customer: acme, in_service_since: 2026-01-01}
          - {id: c, name: C, customer: acme, in_service_since: 2026-01-01}
        """
      scenario.events = ["a", "b", "c"].map { event("2026-01-10T10:00:00Z", of: $0) }
      scenario.to = "2026-01-14"
      return try scenario.reviews().filter { $0.hasPrefix("r ") }
    }
    #expect(try opened(2) == ["r 2026-01-11 due 2026-01-21 ×1"])
    #expect(try opened(3) == [])
  }

  /// A window of the past and one that ends now ask for the same reviews: none of January, one of the last days.
  @Test func windowsOfTheSameReviewsOfServicesDoNotMixWhatIsKnown() throws {
    var scenario = Scenario(
      rules: """
          - {id: e, title: E, upon: {event: incident}, merge: never, review: {due: 1 day}}
          - {id: r, title: R, per: customer, merge: never, evaluate_every: 1 day, when: {all_of: [{review: completed, of: any, in: last_month, at_most: 0}, {review: completed, of: any, in_last: 3 days, at_least: 1}]}}
        """)
    scenario.catalogue = """
      customers: [{id: acme, name: Acme}]
      services: [{id: a, name: A, customer: acme, in_service_since: 2026-01-01}]
      """
    scenario.events = [event("2026-02-01T10:00:00Z", of: "a")]
    scenario.to = "2026-02-04"
    #expect(try scenario.reviews().filter { $0.hasPrefix("r ") } == ["r 2026-02-02 due 2026-02-12 ×1"])
  }

  /// The lowest level since the last review of anybody leaves out what was before that.
  @Test func sinceAnyReviewOfARulePerCustomerBeginsWithTheLastReviewOfItsServicesToo() throws {
    func opened(reviewed service: String) throws -> [String] {
      var scenario = Scenario(
        rules: """
            - {id: e, title: E, upon: {event: incident}, merge: never, review: {due: 1 day}}
            - {id: r, title: R, per: customer, applies_to: {services: [a, b]}, merge: never, evaluate_every: 1 day, \
          when: {all_of: [{indicator: level, statistic: minimum, since: any_review, below: 20}, {event: change, in_last: 1 day}]}}
          """)
      scenario.catalogue = """
        customers: [{id: acme, name: Acme}]
        services:
          - {id: a, name: A, customer: acme, in_service_since: 2026-01-01}
          - {id: b, name: B, customer: acme, in_service_since: 2026-01-01}
          - {id: c, name: C, customer: acme, in_service_since: 2026-01-01}
        """
      scenario.from = "2026-01-06"
      scenario.levels = [level("2026-01-05T10:00:00Z", "10", of: "a"), level("2026-01-09T10:00:00Z", "30", of: "a")]
      scenario.events = [
        event("2026-01-06T10:00:00Z", of: service),
        event("2026-01-09T12:00:00Z", type: "change", severity: nil, of: "a"),
      ]
      scenario.to = "2026-01-12"
      return try scenario.reviews().filter { $0.hasPrefix("r ") }
    }
    #expect(try opened(reviewed: "b") == [])
    #expect(try opened(reviewed: "c") == ["r 2026-01-10 due 2026-01-20 ×1"])
  }

  /// Between the end of one service and the beginning of the other nothing is evaluated; what waits for that must not
  /// wake up for ever.
  @Test(arguments: [
    "upon: {event: incident}, cooldown: 2 days, review: {due: 1 day}", "every: 1 week, opens_before: 1 day",
  ])
  func betweenTwoServicesOfARuleNothingOpensAndNothingSpins(_ cause: String) throws {
    var scenario = Scenario(
      rules: "  - {id: r, title: R, per: customer, applies_to: {services: [b, c]}, merge: never, \(cause)}")
    scenario.catalogue = """
      customers: [{id: acme, name: Acme}]
      services:
        - {id: a, name: A, customer: acme, in_service_since: 2025-06-15}
        - {id: b, name: B, customer: acme, in_service_since: 2026-01-01, in_service_until: 2026-01-13}
        - {id: c, name: C, customer: acme, in_service_since: 2026-01-25}
      """
    scenario.events = [event("2026-01-11T10:00:00Z", of: "b"), event("2026-01-12T10:00:00Z", of: "b")]
    let ruleSet = try scenario.ruleSet()
    let customer = try #require(ruleSet.subjects { _, zone in zone.day(of: instant(scenario.from)) }.last)
    var (series, steps) = (scenario.history, 0)
    let simulation = Simulation(
      evaluation: Evaluation(ruleSet: ruleSet), from: instant(scenario.from), to: instant(scenario.to))
    let outcome = try simulation.run(customer, events: scenario.events, series: &series) { _ in
      steps += 1
      try #require(steps < 10)
    }
    let gap = instant("2026-01-14")..<instant("2026-01-25")
    #expect(outcome.reviews.allSatisfy { !gap.contains($0.opened) })
    #expect(outcome.reviews.contains { $0.opened >= instant("2026-01-25") })
    let subject = outcome.subject
    #expect(
      Evaluation(ruleSet: ruleSet).nextOwnInstant(of: subject, at: gap.lowerBound).map { !gap.contains($0) } ?? true)
  }

  @Test func eventsThatACooldownKeepsOpenNothingOnceTheirServiceIsOutOfService() throws {
    var scenario = scenarioOfTwo(
      "upon: {event: incident}, cooldown: 2 days, review: {due: 1 day}",
      b: "in_service_since: 2026-01-01, in_service_until: 2026-01-18")
    scenario.events = [event("2026-01-17T10:00:00Z", of: "b"), event("2026-01-18T10:00:00Z", of: "b")]
    #expect(try scenario.reviews() == ["r 2026-01-17T10:00 due 2026-01-18 ×1"])
  }

  @Test func anEventOfAnyOfTheServicesOpensOneReview() throws {
    var scenario = Scenario(
      rules: "  - {id: r, title: R, per: customer, upon: {event: incident}, merge: never, review: {due: 3 days}}")
    scenario.catalogue = catalogue
    scenario.events = [
      event("2026-01-05T10:00:00Z", of: "a"), event("2026-01-06T10:00:00Z", of: "b"),
      event("2026-01-06T11:00:00Z", of: "c"),
    ]
    let reviews = try scenario.run()
    #expect(reviews.map { "\($0.subject) \($0.triggers.map(\.services))" } == [#"customer:acme [["a"], ["b"]]"#])
  }

  @Test func aConditionHoldsWhereItDoesForOneServiceWithEvidenceForEach() throws {
    var scenario = Scenario(
      rules: "  - {id: r, title: R, per: customer, when: {indicator: level, below: 50}, merge: never}")
    scenario.catalogue = catalogue
    scenario.levels = [
      level("2026-01-05", "80", of: "a"), level("2026-01-05", "20", of: "b"), level("2026-01-05", "10", of: "c"),
    ]
    let trigger = try #require(try scenario.run().first?.triggers.first)
    #expect(trigger.services == ["b"])
    #expect(trigger.evidence.findings?.map { "\($0.service ?? "") \($0.verdict)" } == ["a false", "b true"])
    #expect(trigger.evidence.summary == "b: level is 20, below 50")
  }

  @Test func appliesToChoosesAmongTheServices() throws {
    var scenario = Scenario(
      rules:
        "  - {id: r, title: R, per: customer, applies_to: {labels: {tier: gold}}, when: {indicator: level, below: 50}, merge: never}"
    )
    scenario.catalogue = catalogue
    scenario.levels = [level("2026-01-05", "20", of: "b"), level("2026-01-05", "10", of: "c")]
    #expect(try scenario.reviews() == [])
  }
}

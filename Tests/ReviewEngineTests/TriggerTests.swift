import ReviewEngine
import TestSupport
import Testing

/// One test for each sentence of the design on triggers, joining and anti-flap.
struct TriggerTests {
  // MARK: Events

  @Test func anEventThatMatchesOpensAReviewAtItsOwnTime() throws {
    var scenario = Scenario(
      rules: "  - {id: r, title: R, upon: {event: incident, where: {severity: [1, 2]}}, review: {due: 5 days}}")
    scenario.events = [event("2026-01-05T10:30:00Z"), event("2026-01-20", severity: 3)]
    #expect(try scenario.reviews() == ["r 2026-01-05T10:30 due 2026-01-10 ×1"])
  }

  @Test(arguments: [
    ("severity: 1", "1"), ("severity: [1, 2]", "12"), ("severity: {at_most: 2}", "12"), ("severity: {above: 2}", "3"),
    ("severity: {equals: 2}", "2"), ("severity: {below: 2}", "1"), ("severity: {at_least: 2}", "23"),
  ])
  func whereChoosesByValueListAndComparison(_ test: String, _ expected: String) throws {
    var scenario = Scenario(rules: "  - {id: r, title: R, upon: {event: incident, where: {\(test)}}, merge: never}")
    scenario.assumed = .atOnce
    scenario.events = [
      event("2026-01-05", severity: 1), event("2026-01-06", severity: 2), event("2026-01-07", severity: 3),
    ]
    let days = try scenario.run().map { Zone.utc.day(of: $0.opened).civil.dayOfMonth - 4 }
    #expect(days.map(String.init).joined() == expected)
  }

  @Test func anEventWithoutTheAttributeDoesNotMatchAndIsCounted() throws {
    let scenario = Scenario(rules: "  - {id: r, title: R, upon: {event: incident, where: {severity: 1}}}")
    var subjects = [Subject(service: try scenario.ruleSet().services[0], firstLoadedOn: day("2026-01-01"))]
    var occasion = Occasion(instant: instant("2026-01-05"))
    occasion.arrivals = [Arrival(event("2026-01-05", severity: nil))]
    var series = scenario.history
    let verdict = try Evaluation(ruleSet: scenario.ruleSet()).decide(occasion, subjects: &subjects, series: &series)
    #expect(verdict.facts.isEmpty && verdict.kept.isEmpty)
    #expect(verdict.lackingAttributeCounts == ["r": 1])
  }

  @Test func aTriggerThatFindsItsOwnReviewOpenJoinsItAndMovesNothing() throws {
    var scenario = Scenario(
      rules: "  - {id: r, title: R, upon: {event: incident}, merge: never, review: {due: 5 days}}")
    scenario.events = [
      event("2026-01-05"), event("2026-01-06"), event("2026-01-09T23:59:00Z"), event("2026-01-10T00:00:01Z"),
    ]
    #expect(try scenario.reviews() == ["r 2026-01-05 due 2026-01-10 ×3", "r 2026-01-10T00:00:01 due 2026-01-15 ×1"])
  }

  @Test func aTriggerJoinsAnotherReviewThatIsDueWithinMergeAndMovesItEarlier() throws {
    var scenario = Scenario(
      rules: """
          - {id: slow, title: Slow, upon: {event: change}, review: {due: 12 days}}
          - {id: fast, title: Fast, upon: {event: incident}, review: {due: 3 days}}
        """)
    scenario.events = [event("2026-01-05", type: "change"), event("2026-01-06")]
    #expect(try scenario.reviews() == ["slow 2026-01-05 due 2026-01-09 ×2"])
    scenario.rules = scenario.rules.replacing("{due: 3 days}", with: "{due: 30 days}")
    #expect(try scenario.reviews() == ["slow 2026-01-05 due 2026-01-17 ×2"])
    scenario.rules = scenario.rules.replacing("{event: incident}", with: "{event: incident}, merge: 10 days")
    #expect(try scenario.reviews() == ["slow 2026-01-05 due 2026-01-17 ×1", "fast 2026-01-06 due 2026-02-05 ×1"])
    scenario.rules = scenario.rules.replacing("merge: 10 days", with: "merge: never")
    #expect(try scenario.reviews().count == 2)
  }

  @Test func anIntervalTriggerNeverJoins() throws {
    var scenario = Scenario(
      rules: """
          - {id: weekly, title: Weekly, every: 1 week, opens_before: 2 days}
          - {id: incident, title: Incident, upon: {event: incident}, review: {due: 10 days}}
        """)
    scenario.events = [event("2026-01-04")]
    scenario.to = "2026-01-08"
    #expect(try scenario.reviews() == ["incident 2026-01-04 due 2026-01-14 ×1", "weekly 2026-01-06 due 2026-01-08 ×1"])
  }

  @Test func aScheduledMeetingKeepsTheDueDayOfAReviewThatIsJoined() throws {
    let scenario = Scenario(rules: "  - {id: r, title: R, upon: {event: incident}, review: {due: 2 days}}")
    var other = Review(
      id: "other", rule: "gone", subject: .service("s"), services: ["s"], opened: instant("2026-01-01"),
      due: day("2026-01-12"),
      periodStart: day("2026-01-01"))
    (other.state, other.scheduled) = (.scheduled, instant("2026-01-11"))
    var subjects = [
      Subject(service: try scenario.ruleSet().services[0], firstLoadedOn: day("2026-01-01"), openReviews: [other])
    ]
    var occasion = Occasion(instant: instant("2026-01-05"))
    occasion.arrivals = [Arrival(event("2026-01-05"))]
    var series = scenario.history
    _ = try Evaluation(ruleSet: scenario.ruleSet()).decide(occasion, subjects: &subjects, series: &series)
    #expect(subjects[0].openReviews.map(\.due) == [day("2026-01-12")])
  }

  // MARK: Cooldown

  @Test func eventsWithinACooldownAreKeptAndOpenOneReviewAtItsEnd() throws {
    var scenario = Scenario(
      rules: "  - {id: r, title: R, upon: {event: incident}, cooldown: 7 days, merge: never, review: {due: 2 days}}")
    // Closed at the start of 7 January: the cooldown lasts until the 14th.
    scenario.events = [event("2026-01-05"), event("2026-01-08"), event("2026-01-13T12:00:00Z"), event("2026-01-14")]
    #expect(try scenario.reviews() == ["r 2026-01-05 due 2026-01-07 ×1", "r 2026-01-14 due 2026-01-16 ×3"])
  }

  @Test func aConditionThatStillHoldsTriggersAtTheFirstGridInstantAfterTheCooldown() throws {
    var scenario = Scenario(
      rules: """
          - {id: r, title: R, when: {indicator: level, statistic: minimum, in_last: 60 days, below: 50}, cooldown: 90 minutes, \
        evaluate_every: 1 hour, merge: never, review: {due: 1 day}}
        """)
    scenario.levels = [level("2026-01-02", "10")]
    scenario.to = "2026-01-06"
    // Closed at midnight of the 3rd; the cooldown ends at 01:30, the next grid instant is 02:00.
    #expect(
      try scenario.reviews() == [
        "r 2026-01-02 due 2026-01-03 ×1", "r 2026-01-03T02:00 due 2026-01-04 ×1",
        "r 2026-01-04T02:00 due 2026-01-05 ×1",
        "r 2026-01-05T02:00 due 2026-01-06 ×1",
      ])
  }

  // MARK: Arming and holding

  @Test func withoutACooldownOnlyBeingFalseArms() throws {
    var scenario = Scenario(
      rules:
        "  - {id: r, title: R, when: {indicator: level, below: 50}, evaluate_every: 1 hour, merge: never, review: {due: 1 day}}"
    )
    scenario.levels = hourly("2026-01-02", through: "2026-01-09") { $0 < 100 || $0 > 110 ? "10" : "90" }
    #expect(try scenario.reviews() == ["r 2026-01-02 due 2026-01-03 ×1", "r 2026-01-06T15:00 due 2026-01-07 ×1"])
  }

  @Test func unknownNeitherTriggersNorArms() throws {
    var scenario = Scenario(
      rules:
        "  - {id: r, title: R, when: {indicator: level, below: 50}, evaluate_every: 1 hour, merge: never, review: {due: 1 day}}"
    )
    // Stale for two days in between: unknown, and so still disarmed when it is low again.
    scenario.levels = [level("2026-01-02", "10"), level("2026-01-05", "10")]
    #expect(try scenario.reviews() == ["r 2026-01-02 due 2026-01-03 ×1"])
  }

  @Test func ifUnknownOpensTriggersOnceAndNeverRearms() throws {
    var scenario = Scenario(
      rules:
        "  - {id: r, title: R, when: {indicator: level, below: 50}, if_unknown: open, evaluate_every: 1 hour, merge: never, review: {due: 1 day}}"
    )
    scenario.levels = [level("2026-01-02", "90")]
    // Unknown until the first sample, then false, then stale a day after it.
    #expect(try scenario.reviews() == ["r 2026-01-01T01:00 due 2026-01-02 ×1", "r 2026-01-03T01:00 due 2026-01-04 ×1"])
  }

  @Test(arguments: [
    ("1 day", ["r 2026-01-03 due 2026-01-04 ×1"]), ("25 hours", ["r 2026-01-03T01:00 due 2026-01-04 ×1"]),
    ("11 days", []),
  ])
  func holdsForIsCountedFromTheFirstTrueGridInstant(_ duration: String, _ expected: [String]) throws {
    var scenario = Scenario(
      rules:
        "  - {id: r, title: R, when: {indicator: level, below: 50}, holds_for: \(duration), evaluate_every: 1 hour, merge: never, review: {due: 1 day}}"
    )
    scenario.levels = hourly("2026-01-02", through: "2026-01-05") { _ in "10" }
    #expect(try scenario.reviews() == expected)
  }

  @Test func oneFalseInstantBreaksHoldsFor() throws {
    var scenario = Scenario(
      rules:
        "  - {id: r, title: R, when: {indicator: level, below: 50}, holds_for: 1 day, evaluate_every: 1 hour, merge: never, review: {due: 1 day}}"
    )
    scenario.levels = hourly("2026-01-02", through: "2026-01-05") { $0 == 20 ? "50" : "10" }
    #expect(try scenario.reviews() == ["r 2026-01-03T21:00 due 2026-01-04 ×1"])
  }

  // MARK: Service life

  @Test func nothingIsEvaluatedOutsideTheDaysInService() throws {
    var scenario = Scenario(
      rules: """
          - {id: e, title: E, upon: {event: incident}, merge: never}
          - {id: c, title: C, when: {indicator: level, statistic: count, in_last: 10 days, at_least: 1}, merge: never}
        """)
    scenario.service = "in_service_since: 2026-01-10, in_service_until: 2026-01-20"
    scenario.levels = [level("2026-01-08", "1")]
    scenario.events = [event("2026-01-09T23:59:59Z"), event("2026-01-20T23:59:59Z"), event("2026-01-21")]
    scenario.assumed = .atOnce
    // The window is not clipped: it reaches before the first day in service.
    #expect(try scenario.reviews() == ["c 2026-01-10 due 2026-01-20 ×1", "e 2026-01-20T23:59:59 due 2026-01-30 ×1"])
  }

  @Test func anEventThatACooldownKeepsPastTheLastDayWaitsForEver() throws {
    var scenario = Scenario(
      rules: "  - {id: e, title: E, upon: {event: incident}, merge: never, cooldown: 5 days, review: {due: 1 day}}")
    scenario.service = "in_service_since: 2026-01-01, in_service_until: 2026-01-10"
    scenario.events = [event("2026-01-06T10:00:00Z"), event("2026-01-09T10:00:00Z")]
    #expect(try scenario.reviews() == ["e 2026-01-06T10:00 due 2026-01-07 ×1"])
  }

  // MARK: Revisions

  @Test func aRevisionIsEvaluatedForTheRulesThatItDidNotMatchBefore() throws {
    let scenario = Scenario(
      rules: """
          - {id: any, title: Any, upon: {event: incident}, merge: never}
          - {id: major, title: Major, upon: {event: incident, where: {severity: 1}}, merge: never}
        """)
    let evaluation = Evaluation(ruleSet: try scenario.ruleSet())
    var subjects = [Subject(service: try scenario.ruleSet().services[0], firstLoadedOn: day("2026-01-01"))]
    var series = scenario.history
    func decide(_ now: Event, earlier: [Event]) throws -> [String] {
      var occasion = Occasion(instant: instant("2026-01-05"))
      let matched = evaluation.ruleSet.eventCauses(of: now.type).filter { cause in
        earlier.contains { cause.matches($0, for: now.service) }
      }
      occasion.arrivals = [
        earlier.isEmpty ? Arrival(now) : Arrival(now, revisionOfMatched: Set(matched.map { $0.key(of: now) }))
      ]
      return try evaluation.decide(occasion, subjects: &subjects, series: &series).facts.map { fact in
        switch fact.content {
        case .opened(let review, _): "opened \(review.rule ?? "")"
        case .joined(let trigger): "joined \(trigger.rule ?? "")"
        default: "\(fact.content)"
        }
      }
    }
    let (minor, major) = (event("2026-01-05", severity: 3), event("2026-01-05", severity: 1))
    #expect(try decide(minor, earlier: []) == ["opened any"])
    #expect(try decide(major, earlier: [minor]) == ["opened major"])
    #expect(try decide(minor, earlier: [minor, major]) == [])
    #expect(try decide(major, earlier: [minor, major, minor]) == [])
  }

  @Test func aRevisionThatMovesAnEventToAnotherServiceTriggersThere() throws {
    let scenario = Scenario(rules: "  - {id: any, title: Any, upon: {event: incident}, merge: never}")
    var subjects = [Subject(service: try scenario.ruleSet().services[0], firstLoadedOn: day("2026-01-01"))]
    var series = scenario.history
    let here = event("2026-01-05")
    let elsewhere = Event(
      identity: here.identity, type: here.type, service: "other", time: here.time, attributes: here.attributes)
    var occasion = Occasion(instant: instant("2026-01-05"))
    let ruleSet = try scenario.ruleSet()
    #expect(ruleSet.eventCauses(of: "incident").filter { $0.matches(elsewhere, for: "s") } == [])
    occasion.arrivals = [Arrival(here, revisionOfMatched: [])]
    let verdict = try Evaluation(ruleSet: ruleSet).decide(occasion, subjects: &subjects, series: &series)
    #expect(verdict.facts.count == 1)
  }

  @Test func aLongSimulationCanBeStopped() throws {
    struct Stop: Error {}
    var scenario = Scenario(
      rules: "  - {id: c, title: C, when: {indicator: level, below: 50}, evaluate_every: 1 minute}")
    scenario.to = "2126-01-01"
    let ruleSet = try scenario.ruleSet()
    let simulation = Simulation(
      evaluation: Evaluation(ruleSet: ruleSet), from: instant(scenario.from), to: instant(scenario.to))
    #expect(simulation.gridInstantCount(of: ruleSet.subjects { _, _ in day("2026-01-01") }) == 36_524 * 1440)
    var series = scenario.history
    #expect(throws: Stop.self) {
      _ = try simulation.run(
        Subject(service: ruleSet.services[0], firstLoadedOn: day("2026-01-01")), events: [], series: &series
      ) { _ in
        throw Stop()
      }
    }
  }

  // MARK: Conditions on reviews, events and services

  @Test func conditionsCanAskForReviewsEventsAndTheService() throws {
    var scenario = Scenario(
      rules: """
          - {id: e, title: E, upon: {event: incident, where: {severity: 1}}, merge: never, review: {due: 1 day}}
          - id: often
            title: Often
            when:
              all_of:
                - {review: completed, of: e, in_last: 10 days, at_least: 2}
                - {event: incident, in_last: 10 days, at_least: 3}
                - {service: {expectations: volatile}}
            merge: never
            review: {due: 1 day}
        """)
    scenario.service = "in_service_since: 2026-01-01, expectations: volatile"
    scenario.events = [event("2026-01-05"), event("2026-01-07"), event("2026-01-08T05:30:00Z", severity: 3)]
    let found = try scenario.reviews()
    #expect(found.contains("often 2026-01-08T06:00 due 2026-01-09 ×1"))
    scenario.service = "in_service_since: 2026-01-01, expectations: stable"
    #expect(try !scenario.reviews().contains { $0.hasPrefix("often") })
  }

  @Test func sinceTheLastReviewIsClosedAtItsStart() throws {
    var scenario = Scenario(
      rules: """
          - {id: r, title: R, when: {indicator: level, statistic: count, since: last_review, at_least: 1}, evaluate_every: 1 hour, \
        cooldown: 1 day, merge: never, review: {due: 1 day}}
        """)
    // The second sample is at the very instant of the completion.
    scenario.levels = [level("2026-01-02T00:00:00Z", "1"), level("2026-01-03T00:00:00Z", "1")]
    #expect(try scenario.reviews() == ["r 2026-01-02 due 2026-01-03 ×1", "r 2026-01-04 due 2026-01-05 ×1"])
  }

  @Test func aRuleWithATargetIsNotEvaluatedForAServiceWithoutOne() throws {
    var scenario = Scenario(rules: "  - {id: r, title: R, when: {indicator: level, below: target}, merge: never}")
    scenario.levels = [level("2026-01-02", "10")]
    #expect(try scenario.reviews() == [])
    scenario.service = "in_service_since: 2026-01-01, targets: [{indicator: level, at_least: 50}]"
    #expect(try scenario.reviews() == ["r 2026-01-02 due 2026-01-12 ×1"])
  }

  @Test func theEvidenceHoldsTheFiguresOfThatMoment() throws {
    var scenario = Scenario(
      rules:
        "  - {id: r, title: R, when: {indicator: level, statistic: average, in_last: 2 days, below: 50}, merge: never}")
    scenario.levels = [level("2026-01-01T12:00:00Z", "40.5"), level("2026-01-02T11:00:00Z", "50.1")]
    scenario.from = "2026-01-02T11:30:00Z"
    let evidence = try #require(try scenario.run().first?.triggers.first?.evidence)
    let finding = try #require(evidence.findings?.first)
    #expect(finding.value == 45.3)
    #expect(finding.sampleCount == 2)
    #expect(finding.threshold == 50)
    #expect(finding.windowStart == "2025-12-31T12:00:00Z")
    #expect(finding.windowEnd == "2026-01-02T12:00:00Z")
    #expect(finding.newestSample == "2026-01-02T11:00:00Z")
    #expect(
      evidence.ruleText
        == "{id: r, title: R, when: {indicator: level, statistic: average, in_last: 2 days, below: 50}, merge: never}")
  }

  @Test func aReviewThatClosesByTheEvaluationOfAnInstantIsNotKnownToItsCustomerAtThatInstant() throws {
    var scenario = Scenario(
      rules: """
          - {id: low, title: L, when: {indicator: level, below: 50}, evaluate_every: 1 hour, merge: never}
          - {id: held, title: H, per: customer, when: {review: completed, of: any, in_last: 1 day, at_least: 1}, evaluate_every: 1 hour, merge: never}
        """)
    scenario.catalogue =
      "customers: [{id: acme, name: A}]\nservices: [{id: s, name: S, customer: acme, in_service_since: 2026-01-01}]"
    scenario.levels = [level("2026-01-02T01:30:00Z", "10")]
    (scenario.assumed, scenario.to) = (.atOnce, "2026-01-03")
    #expect(
      try scenario.reviews() == ["low 2026-01-02T02:00 due 2026-01-12 ×1", "held 2026-01-02T03:00 due 2026-01-12 ×1"])
  }

  private func hourly(_ from: String, through: String, _ value: (Int) -> String) -> [Scenario.Level] {
    let (start, end) = (instant(from), instant(through))
    return (0...Int((end - start).milliseconds / 3_600_000)).map {
      level((start + .hours(Int64($0))).description, value($0))
    }
  }
}

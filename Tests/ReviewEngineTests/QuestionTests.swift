import ReviewEngine
import TestSupport
import Testing

/// Ask, answer, decide: what a decision depends on is asked before, and what nobody can say is unknown.
struct QuestionTests {
  private static let grid = instant("2026-01-05T00:00:00Z")

  private func evaluation(_ rules: String, service: String = "in_service_since: 2026-01-01") throws -> (
    Evaluation, [Subject]
  ) {
    var scenario = Scenario(rules: rules)
    scenario.service = service
    let ruleSet = try scenario.ruleSet()
    return (Evaluation(ruleSet: ruleSet), [Subject(service: ruleSet.services[0], firstLoadedOn: day("2026-01-01"))])
  }

  private func asked(_ questions: [Question]) -> [String] {
    questions.map { question in
      switch question {
      case .statistic(let statistic, let indicator, let window):
        "\(statistic.name) of \(indicator) of \(window.service)"
      case .eventCount(let type, _, let window): "count of \(type) of \(window.service)"
      }
    }
  }

  private func answers(_ questions: [Question], _ answer: (Question) -> Answer) -> Answers {
    var answers = Answers()
    for question in questions { answers[question] = answer(question) }
    return answers
  }

  private func level(_ value: Int64, at time: Instant) -> Answer {
    .series(SeriesAnswer(quantity: Quantity(DecimalValue(mantissa: value)), sampleCount: 1, newest: time))
  }

  @Test func equalQuestionsOfOneOccasionAreAskedOnce() throws {
    let (evaluation, subjects) = try evaluation(
      """
        - {id: a, title: A, when: {indicator: level, below: 50}, evaluate_every: 1 day}
        - {id: b, title: B, when: {any_of: [{indicator: level, below: 10}, {event: incident, in_last: 1 day, at_least: 2}]}, evaluate_every: 1 day}
      """)
    let questions = evaluation.questions(Occasion(instant: Self.grid, evaluatesConditions: true), subjects: subjects)
    #expect(asked(questions) == ["latest of level of s", "count of incident of s"])
    #expect(
      evaluation.questions(
        Occasion(instant: instant("2026-01-05T00:00:01Z"), evaluatesConditions: true), subjects: subjects) == [])
  }

  @Test func whatNobodyCanSayIsUnknownForItsReasonAndHoldsUpNoOtherRule() throws {
    var (evaluation, subjects) = try evaluation(
      """
        - {id: level, title: L, when: {indicator: level, below: 50}, evaluate_every: 1 day, if_unknown: open, merge: never}
        - {id: missed, title: M, when: {indicator: level, statistic: average, in_last: 1 day, below: 50}, evaluate_every: 1 day, merge: never}
        - {id: calm, title: C, when: {event: incident, in_last: 1 day, at_most: 0}, evaluate_every: 1 day, merge: never}
      """)
    let occasion = Occasion(instant: Self.grid, evaluatesConditions: true)
    let found = answers(evaluation.questions(occasion, subjects: subjects)) { question in
      if case .eventCount = question { return .events(EventCount(matching: 0, lackingAttribute: 0)) }
      return .unavailable(reason: "the engine did not answer within 10 seconds")
    }
    let verdict = try evaluation.decide(occasion, subjects: &subjects, answers: found)
    #expect(verdict.unknownCounts == ["level": 1, "missed": 1])
    let findings = verdict.facts.map { fact -> [String] in
      guard case .opened(let review, let trigger) = fact.content else { return [] }
      return [review.rule ?? ""] + (trigger.evidence.findings ?? []).map { "\($0.verdict): \($0.reason ?? "-")" }
    }
    #expect(findings == [["level", "unknown: the engine did not answer within 10 seconds"], ["calm", "true: -"]])
  }

  @Test func anEventThatNobodyCouldCountIsUnknownAndHasNoFigure() throws {
    var (evaluation, subjects) = try evaluation(
      "  - {id: calm, title: C, when: {event: incident, in_last: 1 day, at_most: 0}, evaluate_every: 1 day, if_unknown: open}"
    )
    let occasion = Occasion(instant: Self.grid, evaluatesConditions: true)
    let found = answers(evaluation.questions(occasion, subjects: subjects)) { _ in .unavailable(reason: "down") }
    let verdict = try evaluation.decide(occasion, subjects: &subjects, answers: found)
    guard case .opened(_, let trigger)? = verdict.facts.first?.content, let finding = trigger.evidence.findings?.first
    else {
      Issue.record("nothing was opened")
      return
    }
    #expect(finding.verdict == .unknown && finding.value == nil && finding.reason == "down")
  }

  @Test func aDecisionThatLacksAnAnswerSaysWhichAndChangesNothing() throws {
    var (evaluation, subjects) = try evaluation(
      "  - {id: a, title: A, when: {indicator: level, below: 50}, evaluate_every: 1 day}")
    let occasion = Occasion(instant: Self.grid, evaluatesConditions: true)
    let (questions, before) = (evaluation.questions(occasion, subjects: subjects), subjects)
    #expect(throws: Unanswered(questions: questions)) {
      try evaluation.decide(occasion, subjects: &subjects, answers: Answers())
    }
    #expect(subjects.map(\.progress) == before.map(\.progress))
  }

  private static let adaptive = """
      - id: r
        title: R
        every: 1 month
        opens_before: 6 days
        adapt:
          between: [1 week, 6 months]
          factors: [{id: low, when: {indicator: level, below: 50}, multiply_by: 0.5}]
    """

  @Test func theFactorsOfAReviewThatClosesAreAQuestionOfTheNextOccasionAndItsIntervalWaitsForThem() throws {
    var (evaluation, subjects) = try evaluation(Self.adaptive, service: "in_service_since: 2025-12-05")
    let now = instant("2026-01-02T10:00:00Z")
    _ = try evaluation.decide(Occasion(instant: now), subjects: &subjects, answers: Answers())
    let review = try #require(subjects[0].openReviews.first)
    var closing = Occasion(instant: now)
    closing.commands = [CommandedReview(review, .complete(Completion()), by: "ana")]
    #expect(evaluation.questions(closing, subjects: subjects) == [])
    let closed = try evaluation.decide(closing, subjects: &subjects, answers: Answers())
    #expect(closed.facts.map(\.content.kind) == [.completed])
    #expect(evaluation.nextOwnInstant(of: subjects[0], at: now) == now)
    // An instant that comes late knows nothing of it, and does not make it forgotten.
    let earlier = instant("2026-01-02T09:00:00Z")
    #expect(evaluation.questions(Occasion(instant: earlier, evaluatesConditions: true), subjects: subjects) == [])
    #expect(try evaluation.decide(Occasion(instant: earlier), subjects: &subjects, answers: Answers()).facts == [])
    #expect(evaluation.nextOwnInstant(of: subjects[0], at: earlier) == now)
    // An event meanwhile waits for nothing, and opens no interval whose factors are not known.
    var arrival = Occasion(instant: instant("2026-01-28"))
    arrival.arrivals = [Arrival(event("2026-01-28"))]
    #expect(try evaluation.decide(arrival, subjects: &subjects, answers: Answers()).facts == [])
    let next = Occasion(instant: now)
    let questions = evaluation.questions(next, subjects: subjects)
    #expect(asked(questions) == ["latest of level of s"])
    let decided = try evaluation.decide(
      next, subjects: &subjects, answers: answers(questions) { _ in level(30, at: now) })
    guard case .intervalMoved(let move)? = decided.facts.first?.content else {
      Issue.record("the factors moved nothing")
      return
    }
    #expect(move.to == day("2026-01-18"))
    #expect(evaluation.questions(next, subjects: subjects) == [])
  }

  @Test func anInstantThatWaitedAsksNoConditionOfARuleWhoseReviewClosedAfterIt() throws {
    var (evaluation, subjects) = try evaluation(
      "  - {id: c, title: C, when: {event: incident, since: last_review, at_most: 0}, evaluate_every: 1 hour}")
    let first = Occasion(instant: Self.grid, evaluatesConditions: true)
    let none = answers(evaluation.questions(first, subjects: subjects)) { _ in
      .events(EventCount(matching: 0, lackingAttribute: 0))
    }
    _ = try evaluation.decide(first, subjects: &subjects, answers: none)
    var closing = Occasion(instant: instant("2026-01-05T02:30:00Z"))
    closing.commands = [
      CommandedReview(try #require(subjects[0].openReviews.first), .complete(Completion()), by: "ana")
    ]
    _ = try evaluation.decide(closing, subjects: &subjects, answers: Answers())
    for (hour, count) in [("01", 0), ("02", 0), ("03", 1)] {
      var occasion = Occasion(instant: instant("2026-01-05T\(hour):00:00Z"), evaluatesConditions: true)
      occasion.part = .waited(only: ["c"])
      #expect(evaluation.questions(occasion, subjects: subjects).count == count, "at \(hour)")
    }
  }
}

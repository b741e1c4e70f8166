import ReviewEngine
import ReviewWords
import TestSupport
import Testing

/// Design, "Intervals": one test a sentence.
struct AdaptiveIntervalTests {
  private func scenario(_ factors: String, every: String = "3 months", between: String? = "[1 month, 6 months]")
    -> Scenario
  {
    let bounds = between.map { "between: \($0), " } ?? ""
    var scenario = Scenario(
      rules: "  - {id: r, title: R, every: \(every), opens_before: 1 week, adapt: {\(bounds)factors: [\(factors)]}}")
    scenario.service = "in_service_since: 2025-10-15, expectations: volatile"
    scenario.from = "2025-10-15"
    scenario.to = "2026-05-20"
    return scenario
  }

  private let changes = "{id: much_changed, when: {event: change, since: last_review, at_least: 2}, multiply_by: 0.5}"
  private let low =
    "{id: low, when: {indicator: level, statistic: average, since: last_review, below: 50}, multiply_by: 0.5}"
  private let high =
    "{id: high, when: {indicator: level, statistic: average, since: last_review, at_least: 90}, multiply_by: 1.5}"

  private func change(_ time: String, _ id: String) -> Event { event(time, id, type: "change", severity: nil) }

  @Test func theFirstDueDayKnowsNoFactors() throws {
    var scenario = scenario("{id: volatile, when: {service: {expectations: volatile}}, multiply_by: 0.5}")
    scenario.to = "2026-02-20"
    // 15 Jan is three months after the first day; from then on 90 × 0.5 = 45 days: 1 Mar.
    #expect(try scenario.reviews() == ["r 2026-01-08 due 2026-01-15 ×1"])
    scenario.to = "2026-02-23"
    #expect(try scenario.reviews() == ["r 2026-01-08 due 2026-01-15 ×1", "r 2026-02-22 due 2026-03-01 ×1"])
  }

  @Test func aShorteningTakesEffectAtTheNextInstantOfTheGrid() throws {
    var scenario = scenario(changes)
    scenario.events = [change("2026-02-20T10:15:00Z", "a"), change("2026-02-24T10:20:00Z", "b")]
    // 15 Jan + 90 days is 15 Apr; with the second change 45 days are left, 1 Mar, a week before which has come.
    #expect(
      try scenario.reviews() == [
        "r 2026-01-08 due 2026-01-15 ×1", "r 2026-02-24T11:00 due 2026-03-01 ×1",
      ])
  }

  @Test func aLengtheningWaitsUntilAReviewCompletes() throws {
    var scenario = scenario(high)
    // Satisfaction that comes after the review does not lengthen; what is recorded with the next one does.
    scenario.levels = [level("2026-01-20", "95"), level("2026-04-15", "95")]
    scenario.to = "2026-09-30"
    // 15 Jan + 90 days = 15 Apr; then 91 days × 1.5 = 136.5, rounded up to 137 days: 30 Aug.
    #expect(
      try scenario.reviews() == [
        "r 2026-01-08 due 2026-01-15 ×1", "r 2026-04-08 due 2026-04-15 ×1", "r 2026-08-23 due 2026-08-30 ×1",
      ])
  }

  @Test func theIntervalIsClampedInDaysFromTheAnchor() throws {
    var scenario = scenario("{id: volatile, when: {service: {expectations: volatile}}, multiply_by: 0.1}")
    scenario.to = "2026-02-14"
    // At least one month from 15 Jan is 31 days.
    #expect(try scenario.reviews() == ["r 2026-01-08 due 2026-01-15 ×1", "r 2026-02-08 due 2026-02-15 ×1"])
    let evidence = try #require(try scenario.run().last?.triggers.first?.evidence.interval)
    #expect(
      evidence.arithmetic
        == "every 3 months from 2026-01-15 (the day of the last review) = 90 days, × 0.1 volatile (expectations volatile), at least 1 month = 31 days, due 15 Feb"
    )
  }

  @Test func aFactorThatIsUnknownIsNotAppliedAndNamed() throws {
    var scenario = scenario(low)
    scenario.to = "2026-04-10"
    let evidence = try #require(try scenario.run().last?.triggers.first?.evidence.interval)
    #expect(evidence.due == "2026-04-15")
    #expect(evidence.factors?.map(\.verdict) == [.unknown])
    #expect(
      evidence.arithmetic
        == "every 3 months from 2026-01-15 (the day of the last review) = 90 days; unknown and not applied: low (level (average) since 15 Jan is unknown: no sample), due 15 Apr"
    )
  }

  @Test func theArithmeticIsRecordedWithEachChange() throws {
    var scenario = scenario("\(low), \(changes)", between: nil)
    scenario.levels = [level("2026-01-31", "30"), level("2026-02-10", "40")]
    scenario.events = [change("2026-02-01T10:00:00Z", "a"), change("2026-02-02T10:00:00Z", "b")]
    let changed = try #require(try scenario.outcomes().first).intervalMoves.prefix(3)
    #expect(
      changed.map { "\($0.at) \($0.move.from?.description ?? "-") \($0.move.to)" } == [
        "2026-01-15T00:00:00Z - 2026-04-15", "2026-01-31T00:00:00Z 2026-04-15 2026-03-01",
        "2026-02-02T10:00:00Z 2026-03-01 2026-02-07",
      ])
    #expect(
      changed[2].move.evidence.arithmetic
        == "every 3 months from 2026-01-15 (the day of the last review) = 90 days, × 0.5 low (level averaged 30 since 15 Jan, below 50 (1 sample)), × 0.5 much changed (change: 2 since 15 Jan, at least 2) = 23 days, due 7 Feb"
    )
  }

  @Test func anOpenReviewMovesEarlierWhileNoMeetingStands() throws {
    var scenario = scenario(changes, between: nil)
    scenario.rules = scenario.rules.replacing("opens_before: 1 week", with: "opens_before: 10 weeks")
    scenario.events = [change("2026-02-10T10:00:00Z", "a"), change("2026-02-11T10:00:00Z", "b")]
    scenario.to = "2026-03-02"
    let found = try #require(try scenario.outcomes().first)
    // Opened on 4 Feb for 15 Apr, held on 1 Mar.
    #expect(
      found.reviews.map { "\($0.due) \($0.completed?.description ?? "-")" }.prefix(2) == [
        "2026-01-15 2026-01-15T00:00:00Z", "2026-03-01 2026-03-01T00:00:00Z",
      ])
  }

  @Test func ofACustomersServicesOneShortensAndAllMustAgreeToLengthen() throws {
    var scenario = Scenario(
      rules:
        "  - {id: r, title: R, per: customer, every: 1 month, opens_before: 1 day, adapt: {factors: [\(low), \(high)]}}"
    )
    scenario.catalogue = """
      customers: [{id: acme, name: Acme}]
      services:
        - {id: a, name: A, customer: acme, in_service_since: 2026-01-01}
        - {id: b, name: B, customer: acme, in_service_since: 2026-01-01}
      """
    scenario.to = "2026-03-20"
    scenario.levels = [level("2026-02-01", "95", of: "a"), level("2026-02-01", "60", of: "b")]
    #expect(try scenario.run().map(\.due.description) == ["2026-02-01", "2026-03-01"])
    scenario.levels = [level("2026-02-01", "95", of: "a"), level("2026-02-01", "40", of: "b")]
    #expect(try scenario.run().map(\.due.description) == ["2026-02-01", "2026-02-15", "2026-03-15"])
  }

  @Test func noFactorReachesBeyondACentury() throws {
    var scenario = scenario(
      "{id: v, when: {service: {expectations: volatile}}, multiply_by: 10}, {id: w, when: {service: {expectations: volatile}}, multiply_by: 10}, {id: x, when: {service: {expectations: volatile}}, multiply_by: 10}, {id: z, when: {service: {expectations: volatile}}, multiply_by: 10}",
      between: nil)
    scenario.to = "2026-12-31"
    // 90 × 10,000 days would be a day that no date can name.
    #expect(try scenario.run().map(\.due.description) == ["2026-01-15"])
    #expect(try scenario.outcomes()[0].intervalMoves.map(\.move.to.description) == ["2126-01-16"])
  }
}

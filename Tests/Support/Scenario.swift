import Foundation
import ReviewEngine
import ReviewFiles

/// A history of one service, written as a test's example, and what rules make of it.
package struct Scenario {
  package var rules: String
  /// Keys of the service besides id and name.
  package var service = "in_service_since: 2026-01-01"
  /// A whole file of services.d in the place of the one service `s`.
  package var catalogue: String?
  /// A file of calendars.d.
  package var calendars: String?
  /// Samples of the indicator `level`.
  package var levels: [Level] = []
  package var events: [Event] = []
  package var from = "2026-01-01"
  package var to = "2026-02-01"
  package var assumed = Simulation.AssumedCompletion.due

  package struct Level: Sendable {
    package let time: String
    package let value: String
    package let service: String
  }

  /// What every scenario declares: the indicator `level` (stale after a day) and two event types.
  package static let declarations = """
    indicators:
      - {id: level, title: Level, unit: points, better: higher, range: [0, 100], stale_after: 1 day, expected_every: 1 hour}
    event_types:
      - {id: incident, title: Incident, attributes: {severity: integer, cause: text}}
      - {id: change, title: Change}

    """

  package init(rules: String) { self.rules = rules }

  package func ruleSet() throws -> RuleSet {
    try readRuleSet(
      rules: Self.declarations + "rules:\n" + rules,
      services: catalogue ?? "services:\n  - {id: s, name: S, \(service)}",
      calendars: calendars)
  }

  /// The declarations alone, without a rule.
  package func emptyRuleSet() throws -> RuleSet {
    try readRuleSet(rules: Self.declarations, services: "services:\n  - {id: s, name: S}")
  }

  /// Each review as `rule opened due ×triggers`, with the clock only where it is not midnight.
  package func reviews() throws -> [String] {
    try run().map { "\($0.rule) \(short($0.opened)) due \($0.due) ×\($0.triggers.count)" }
  }

  package func run() throws -> [SimulatedReview] { try outcomes().flatMap(\.reviews) }

  /// What the simulation makes of each subject.
  package func outcomes() throws -> [SimulationOutcome] {
    let ruleSet = try ruleSet()
    let simulation = Simulation(
      evaluation: Evaluation(ruleSet: ruleSet), from: instant(from), to: instant(to), assumedCompletion: assumed,
      keepsFacts: true)
    var known = ServiceReviews(simulation.evaluation)
    return try ruleSet.subjects { _, zone in zone.day(of: instant(from)) }.map { subject in
      var series = history
      let outcome = try simulation.run(known.completing(subject), events: events, series: &series)
      known.note(outcome)
      return outcome
    }
  }

  package var history: SubjectHistory {
    let samples = Dictionary(grouping: levels, by: \.service).map { service, levels in
      (
        SubjectHistory.SeriesKey(service: service, indicator: "level"),
        levels.map { Sample(time: instant($0.time), value: DecimalValue($0.value) ?? DecimalValue(mantissa: 0)) }
      )
    }
    return SubjectHistory(samples: Dictionary(samples) { first, _ in first }, events: events)
  }

  private func short(_ instant: Instant) -> String {
    let text = instant.description
    return text.hasSuffix("T00:00:00Z")
      ? String(text.prefix(10)) : String(text.dropLast(text.hasSuffix(":00Z") ? 4 : 1))
  }
}

/// An instant that the test wrote itself; a typing error there should stop it.
package func instant(_ text: String) -> Instant {
  guard let instant = Instant(text) else { preconditionFailure("no instant: \(text)") }
  return instant
}

package func day(_ text: String) -> Day {
  guard let day = Day(text) else { preconditionFailure("no day: \(text)") }
  return day
}

package func level(_ time: String, _ value: String, of service: String = "s") -> Scenario.Level {
  Scenario.Level(time: time, value: value, service: service)
}

package func event(
  _ time: String, _ id: String = "e", type: String = "incident", severity: Int? = 1, of service: String = "s"
) -> Event {
  let attributes: [String: AttributeValue] =
    severity.map { ["severity": .number(DecimalValue(mantissa: Int64($0)))] } ?? [:]
  return Event(
    identity: EventIdentity(source: "test", id: id + time), type: type, service: service, time: instant(time),
    attributes: attributes)
}

/// Why a test's own files are wrong.
package struct BrokenScenario: Error, CustomStringConvertible {
  package let description: String
}

package func readRuleSet(rules: String, services: String, calendars: String? = nil) throws -> RuleSet {
  let read = RuleSetReader.read(
    [
      SourceFile(kind: .rules, path: "rules.yaml", text: rules),
      SourceFile(kind: .services, path: "services.yaml", text: services),
    ] + (calendars.map { [SourceFile(kind: .calendars, path: "calendars.yaml", text: $0)] } ?? []))
  guard let ruleSet = read.ruleSet else {
    throw BrokenScenario(description: read.errors.map(\.description).joined(separator: "\n"))
  }
  return ruleSet
}

/// A generator that gives the same numbers for the same seed (splitmix64); tests print the seed.
package struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// The seed of this run: REVIEWD_SEED where it is set, to replay a failure.
package func testSeed(_ standard: UInt64 = 20_261_121) -> UInt64 {
  ProcessInfo.processInfo.environment["REVIEWD_SEED"].flatMap { UInt64($0) } ?? standard
}

/// Files of a rule set that are not the usual two.
package enum SourceFileText {
  package static let rules = SourceFile(kind: .rules, path: "rules.yaml", text: "rules: []")

  /// A calendar whose holidays are an iCalendar text.
  package static func calendar(_ ics: String) -> SourceFile {
    SourceFile(kind: .calendars, path: "calendars.d/days.ics", text: ics)
  }
}

extension [SourceFile] {
  /// With a calendar that names `days.ics`.
  package func ruleSet() throws -> RuleSet {
    let calendar = "calendars:\n  - {id: c, zone: UTC, holidays: {ics: [days.ics]}}"
    let read = RuleSetReader.read(self + [SourceFile(kind: .calendars, path: "calendars.d/c.yaml", text: calendar)])
    guard let ruleSet = read.ruleSet else {
      throw BrokenScenario(description: read.errors.map(\.description).joined(separator: "\n"))
    }
    return ruleSet
  }
}

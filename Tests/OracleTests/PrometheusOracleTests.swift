import Foundation
import ReviewEngine
import ReviewFiles
import ReviewStore
import ReviewWords
import TestSupport
import Testing

/// Conditions against Prometheus' own evaluator: each case is a random rule over random series, exported as an alert,
/// and `promtool test rules` must find it firing at exactly the instants at which this engine finds that it held long
/// enough.
struct PrometheusOracleTests {
  @Test func promtoolAgreesOnEveryRuleThatPromQLCanSay() throws {
    let (seed, count) = (testSeed(), Oracle.count(sample: 60, long: 2400))
    let folder = try TemporaryFolder()
    var (files, firing, quiet): ([String], Int, Int) = ([], 0, 0)
    for index in 0..<count {
      // Each case has a seed of its own, so that one can be looked at alone.
      var generator = SeededGenerator(seed: seed &+ UInt64(index) &* 7919)
      let one = try PrometheusCase(&generator)
      let verdicts = try one.verdicts(usesStore: index % 4 == 0)
      try folder.write("rule\(index).yaml", try one.prometheusRules())
      try folder.write("test\(index).yaml", one.promtoolTest(rules: "rule\(index).yaml", verdicts))
      try folder.write("case\(index).txt", "seed \(seed), case \(index)\n\(one.rules)\n\(one.catalogue)")
      files.append("test\(index).yaml")
      firing += verdicts.reduce(0) { $0 + $1.firing.count }
      quiet += verdicts.count { $0.firing.isEmpty }
    }
    let answer = try Oracle.run("promtool", ["test", "rules"] + files, in: folder)
    if answer.status != 0 { try report(files, in: folder) }
    #expect(answer.status == 0, "\(answer.errors.suffix(2000))")
    print(
      "conditions against promtool: seed \(seed), \(count) cases, \(firing) alerts firing, \(quiet) instants without one"
    )
    #expect(firing > count && quiet > count)
  }

  private static let shownFailures = 3

  /// The first cases that promtool refuses, each with its rules and what promtool says; it names no file where it tests
  /// many.
  private func report(_ files: [String], in folder: TemporaryFolder) throws {
    var shown = 0
    for (index, file) in files.enumerated() where shown < Self.shownFailures {
      let answer = try Oracle.run("promtool", ["test", "rules", file], in: folder)
      guard answer.status != 0 else { continue }
      shown += 1
      let text = try String(contentsOfFile: "\(folder.path)/case\(index).txt", encoding: .utf8)
      Issue.record("\(text)\n\(answer.errors)\(answer.output)")
    }
  }
}

/// A random rule over the random series of two services.
struct PrometheusCase {
  struct Verdict {
    let minute: Int
    /// The services for which the alert fires.
    let firing: [String]
  }

  let rules: String
  let catalogue: String
  /// By service and indicator: a value for each half minute, only at odd ones, so that none lies on the edge of a
  /// window.
  private let series: [(service: String, indicator: String, values: [String?])]
  private let checkedMinutes: [Int]

  private static let minutes = 70
  private static let services = ["east", "west-2"]
  private static let indicators = ["load", "mood", "up-time"]

  init(_ generator: inout SeededGenerator) throws {
    var conditions = ConditionGenerator(indicators: Self.indicators)
    let when = conditions.condition(depth: 2, &generator)
    let holds = generator.chance(0.4) ? ", holds_for: \(generator.pick([1, 2, 5, 9])) minutes" : ""
    let unknown = generator.chance(0.3) ? ", if_unknown: open" : ""
    let declared = Self.indicators.map {
      "  - {id: \($0), title: T, unit: x, better: higher, stale_after: \(generator.pick([2, 5, 11])) minutes, expected_every: \(generator.pick([1, 2])) minutes}"
    }
    rules = """
      indicators:
      \(declared.joined(separator: "\n"))
      rules:
        - {id: r, title: R, when: \(when), evaluate_every: 1 minute\(holds)\(unknown), merge: never}

      """
    let services = Self.services.map { service in
      let targets = Self.indicators.filter { _ in generator.chance(0.7) }.map { conditions.target($0, &generator) }
      return
        "  - {id: \(service), name: S, in_service_since: 1969-01-01, labels: {tier: \(generator.pick(["gold", "silver"]))}, "
        + "targets: [\(targets.joined(separator: ", "))]}"
    }
    catalogue = "services:\n\(services.joined(separator: "\n"))\n"
    series = Self.services.flatMap { service in Self.indicators.map { (service, $0, Self.values(&generator)) } }
    checkedMinutes = generator.some(Array(0..<Self.minutes), most: 14)
  }

  /// Stretches with values, with gaps, and with nothing at all.
  private static func values(_ generator: inout SeededGenerator) -> [String?] {
    var density = generator.pick([0.0, 0.2, 0.6, 1.0])
    let level = Int.random(in: 0...100, using: &generator)
    return (0..<minutes * 2).map { position in
      if generator.chance(0.03) { density = generator.pick([0.0, 0.2, 0.6, 1.0]) }
      guard position % 2 == 1, generator.chance(density) else { return nil }
      // Quarters are exact in binary: the sums of both sides are.
      let quarters = (level * 4 + Int.random(in: -80...80, using: &generator))
      return DecimalValue(mantissa: Int64(quarters) * 25, scale: 2).description
    }
  }

  private func ruleSet() throws -> RuleSet { try readRuleSet(rules: rules, services: catalogue) }

  func prometheusRules() throws -> String { PrometheusRules(try ruleSet()).text }

  /// At each minute the services for which the condition has held long enough.
  func verdicts(usesStore: Bool) throws -> [Verdict] {
    let ruleSet = try ruleSet()
    guard case .condition(let cause)? = ruleSet.rules.first?.cause else { return [] }
    let evaluation = Evaluation(ruleSet: ruleSet)
    var subjects = ruleSet.subjects { _, _ in Day(number: -1) }
    var verdicts: [Verdict] = []
    func step(_ minute: Int, _ series: inout some SeriesSource) throws {
      let instant = Instant(seconds: Int64(minute) * 60)
      let occasion = Occasion(instant: instant, evaluatesConditions: true)
      _ = try evaluation.decide(occasion, subjects: &subjects, series: &series)
      let firing = subjects.filter { subject in
        guard let since = subject.progress["r"]?.trueSince else { return false }
        return instant - since >= cause.holdsFor
      }
      if checkedMinutes.contains(minute) { verdicts.append(Verdict(minute: minute, firing: firing.map { "\($0.id)" })) }
    }
    if usesStore {
      let folder = try TemporaryFolder()
      let store = try Store(path: folder.path + "/reviewd.sqlite")
      try store.write { _ = try $0.take(batch()) }
      try store.read { snapshot in
        var series = snapshot.series
        for minute in 0..<Self.minutes { try step(minute, &series) }
      }
    } else {
      var series = SubjectHistory(samples: samples(), events: [])
      for minute in 0..<Self.minutes { try step(minute, &series) }
    }
    return verdicts
  }

  private func samples() -> [SubjectHistory.SeriesKey: [Sample]] {
    Dictionary(
      uniqueKeysWithValues: series.map { one in
        let samples = one.values.enumerated().compactMap { position, value in
          value.flatMap { DecimalValue($0) }.map { Sample(time: Instant(seconds: Int64(position) * 30), value: $0) }
        }
        return (SubjectHistory.SeriesKey(service: one.service, indicator: one.indicator), samples)
      })
  }

  /// The newest first: every one but the first of a series is late.
  private func batch() -> SampleBatch {
    var batch = SampleBatch()
    for (key, samples) in samples().sorted(by: {
      ($0.key.service, $0.key.indicator) < ($1.key.service, $1.key.indicator)
    }) {
      for sample in samples.reversed() {
        batch.add(SeriesSample(service: key.service, indicator: key.indicator, labels: "", sample: sample))
      }
    }
    return batch
  }

  func promtoolTest(rules file: String, _ verdicts: [Verdict]) -> String {
    let input = series.map { one in
      "      - series: '\(one.indicator.replacing("-", with: "_")){service=\"\(one.service)\"}'\n        values: '\(one.values.map { $0 ?? "_" }.joined(separator: " "))'"
    }
    let checks = verdicts.map { verdict in
      let alerts = verdict.firing.map {
        "{exp_labels: {service: \($0), priority: normal}, exp_annotations: {summary: R, description: \"@\"}}"
      }
      return "      - {eval_time: \(verdict.minute)m, alertname: r, exp_alerts: [\(alerts.joined(separator: ", "))]}"
    }
    // Annotations are compared too: the description is that of the export.
    let description =
      (try? ruleSet()).flatMap { set in set.rules.first.map { Sentences(ruleSet: set).sentence($0) } } ?? ""
    return """
      rule_files: [\(file)]
      evaluation_interval: 1m
      tests:
        - interval: 30s
          input_series:
      \(input.joined(separator: "\n"))
          alert_rule_test:
      \(checks.joined(separator: "\n").replacing("@", with: description.replacing("\"", with: "\\\"")))

      """
  }
}

/// Random conditions that PromQL can say.
struct ConditionGenerator {
  let indicators: [String]

  mutating func condition(depth: Int, _ generator: inout SeededGenerator) -> String {
    guard depth > 0, generator.chance(0.6) else { return leaf(&generator) }
    let parts = (0..<Int.random(in: 1...3, using: &generator)).map { _ in condition(depth: depth - 1, &generator) }
    return "{\(generator.pick(["all_of", "any_of", "none_of"])): [\(parts.joined(separator: ", "))]}"
  }

  private mutating func leaf(_ generator: inout SeededGenerator) -> String {
    switch Int.random(in: 0..<10, using: &generator) {
    case 0: return "{service: {labels: {tier: \(generator.pick(["gold", "silver"]))}}}"
    case 1: return "{target_missed: \(generator.chance(0.5) ? "any" : generator.pick(indicators))}"
    default:
      let usesTarget = generator.chance(0.15)
      return measured(generator.pick(indicators), threshold: usesTarget ? "target" : nil, &generator)
    }
  }

  mutating func target(_ indicator: String, _ generator: inout SeededGenerator) -> String {
    measured(indicator, threshold: nil, isTarget: true, &generator)
  }

  private func measured(
    _ indicator: String, threshold: String?, isTarget: Bool = false, _ generator: inout SeededGenerator
  ) -> String {
    let statistic = generator.pick(["latest", "average", "minimum", "maximum", "sum", "count", "p50", "p95", "p33.3"])
    var parts = ["indicator: \(indicator)"]
    if statistic != "latest" || generator.chance(0.5) { parts.append("statistic: \(statistic)") }
    let window = generator.pick([2, 3, 5, 10, 25])
    if statistic != "latest" { parts.append("in_last: \(window) minutes") }
    if statistic != "latest", statistic != "count" {
      if generator.chance(0.2) { parts.append("minimum_samples: \(Int.random(in: 1...window, using: &generator))") }
      if generator.chance(0.2) { parts.append("coverage: \(generator.pick(["10%", "50%", "66.6%", "100%"]))") }
    }
    let operators = ["below", "above", "at_least", "at_most"] + (statistic == "count" ? ["equals"] : [])
    parts.append("\(generator.pick(operators)): \(threshold ?? number(statistic, window, &generator))")
    return "{\(parts.joined(separator: ", "))}"
  }

  /// Averages and percentiles are rounded by Prometheus and not here: their thresholds are no quotients of quarters.
  private func number(_ statistic: String, _ window: Int, _ generator: inout SeededGenerator) -> String {
    let level = Int.random(in: -20...120, using: &generator)
    switch statistic {
    case "count": return "\(Int.random(in: 0...window, using: &generator))"
    case "sum": return "\(level * window / 2)"
    case "latest", "minimum", "maximum": return "\(level).\(generator.pick(["0", "25", "5"]))"
    default: return "\(level).0137"
    }
  }
}

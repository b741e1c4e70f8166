import ReviewEngine

/// Why PromQL cannot say what a rule says.
package struct PromQLObstacle: Error, Hashable, CustomStringConvertible {
  package let description: String
}

/// Turns a condition into a PromQL expression that holds a series for each service for which the condition is true.
///
/// PromQL knows two answers where a rule has three, so that every condition becomes two expressions: the services for
/// which it is true, and those for which it is false; the rest are unknown. Expected is one series for each indicator
/// and service, named after the indicator and with the label `service`.
package struct PromQLCompiler {
  let ruleSet: RuleSet
  /// In the order of their ids.
  let services: [Service]

  package init(ruleSet: RuleSet, services: [Service]) {
    self.ruleSet = ruleSet
    self.services = services
  }

  /// What a condition rule asks, with `if_unknown`; `holds_for` is Prometheus' `for`.
  package func expression(_ cause: ConditionCause) throws(PromQLObstacle) -> String {
    let sides = try sides(cause.condition)
    guard cause.opensIfUnknown else { return sides.whenTrue }
    let known = "(\(sides.whenTrue)) or on (service) (\(sides.whenFalse))"
    return "(\(sides.whenTrue)) or on (service) ((\(everyService(services))) unless on (service) (\(known)))"
  }

  /// The services for which a condition is true, and for which it is false.
  struct Sides {
    let whenTrue: String
    let whenFalse: String
  }

  func sides(_ condition: Condition) throws(PromQLObstacle) -> Sides {
    switch condition {
    case .allOf(let parts): return joined(try parts.map { (part) throws(PromQLObstacle) in try sides(part) }, "and")
    case .anyOf(let parts): return joined(try parts.map { (part) throws(PromQLObstacle) in try sides(part) }, "or")
    case .noneOf(let parts):
      let any = joined(try parts.map { (part) throws(PromQLObstacle) in try sides(part) }, "or")
      return Sides(whenTrue: any.whenFalse, whenFalse: any.whenTrue)
    case .indicator(let leaf): return try sides(leaf)
    case .target(let leaf): return try sides(leaf)
    case .service(let selector):
      return Sides(
        whenTrue: everyService(services.filter { selector.matches($0) }),
        whenFalse: everyService(services.filter { !selector.matches($0) })
      )
    case .event: throw PromQLObstacle(description: "events are not in Prometheus")
    case .review: throw PromQLObstacle(description: "reviews are not in Prometheus")
    }
  }

  private func joined(_ sides: [Sides], _ word: String) -> Sides {
    let other = word == "and" ? "or" : "and"
    return Sides(whenTrue: joined(sides.map(\.whenTrue), word), whenFalse: joined(sides.map(\.whenFalse), other))
  }

  private func joined(_ expressions: [String], _ word: String) -> String {
    expressions.count == 1 ? expressions[0] : expressions.map { "(\($0))" }.joined(separator: " \(word) on (service) ")
  }

  // MARK: Indicators

  private func sides(_ leaf: IndicatorCondition) throws(PromQLObstacle) -> Sides {
    switch leaf.comparison.threshold {
    case .number(let number): return try compared(leaf.measurement, leaf.comparison.comparison, number, services)
    case .target:
      // Services with the same target share an expression.
      let numbers = services.compactMap { $0.targets(for: leaf.indicator).first?.number }
      return try eachGroup(of: numbers) { (number) throws(PromQLObstacle) in
        let group = services.filter { $0.targets(for: leaf.indicator).first?.number == number }
        return try compared(leaf.measurement, leaf.comparison.comparison, number, group)
      }
    }
  }

  private func sides(_ leaf: TargetCondition) throws(PromQLObstacle) -> Sides {
    if leaf.repeated != nil {
      throw PromQLObstacle(description: "whole months by the calendar of a zone are not in PromQL")
    }
    return try eachGroup(of: services.map { leaf.targets(of: $0) }) { (targets) throws(PromQLObstacle) in
      let group = services.filter { leaf.targets(of: $0) == targets }
      let met = try targets.map { (target) throws(PromQLObstacle) in
        try compared(target.measurement, target.comparison, target.number, group)
      }
      return joined(met.map { Sides(whenTrue: $0.whenFalse, whenFalse: $0.whenTrue) }, "or")
    }
  }

  /// The expressions of groups of services side by side.
  private func eachGroup<Key: Equatable>(
    of keys: [Key], _ body: (Key) throws(PromQLObstacle) -> Sides
  ) throws(PromQLObstacle) -> Sides {
    var distinct: [Key] = []
    for key in keys where !distinct.contains(key) { distinct.append(key) }
    if distinct.isEmpty { return Sides(whenTrue: everyService([]), whenFalse: everyService([])) }
    let sides = try distinct.map(body)
    return Sides(whenTrue: joined(sides.map(\.whenTrue), "or"), whenFalse: joined(sides.map(\.whenFalse), "or"))
  }

  private func compared(
    _ measurement: Measurement, _ comparison: Comparison.Operator, _ number: DecimalValue, _ services: [Service]
  ) throws(PromQLObstacle) -> Sides {
    let value = try value(measurement, services)
    return Sides(
      whenTrue: "\(value) \(comparison.symbol) \(number)", whenFalse: "\(value) \(comparison.opposite) \(number)")
  }

  /// The value of a measurement for each service that has one.
  private func value(_ measurement: Measurement, _ services: [Service]) throws(PromQLObstacle) -> String {
    let indicator = ruleSet.indicator(measurement.indicator)
    let series = "\(metric(measurement.indicator)){\(selector(services))}"
    if measurement.statistic == .latest {
      guard let staleAfter = indicator?.staleAfter else {
        throw PromQLObstacle(
          description: "'\(measurement.indicator)' never goes stale, and Prometheus looks back only so far")
      }
      return "last_over_time(\(series)[\(staleAfter.promQL)])"
    }
    guard case .inLast(let window)? = measurement.window else {
      throw PromQLObstacle(
        description: measurement.window == .sinceLastReview || measurement.window == .sinceAnyReview
          ? "reviews are not in Prometheus" : "months by the calendar of a zone are not in PromQL")
    }
    let range = "\(series)[\(window.promQL)]"
    if measurement.statistic == .count {
      return "(count_over_time(\(range)) or on (service) (\(everyService(services))))"
    }
    let value = try function(measurement.statistic, range)
    let counts = [measurement.minimumSamples, coveredCount(measurement, indicator, window)].compactMap { $0 }
    guard let least = counts.max() else { return value }
    return "(\(value) and on (service) (count_over_time(\(range)) >= \(least)))"
  }

  private func function(_ statistic: Statistic, _ range: String) throws(PromQLObstacle) -> String {
    switch statistic {
    case .average: "avg_over_time(\(range))"
    case .minimum: "min_over_time(\(range))"
    case .maximum: "max_over_time(\(range))"
    case .sum: "sum_over_time(\(range))"
    case .percentile(let percent):
      "quantile_over_time(\(DecimalValue(mantissa: percent.mantissa, scale: percent.scale + 2)), \(range))"
    case .timeAverage: throw PromQLObstacle(description: "an average over time has no function in PromQL")
    case .difference:
      throw PromQLObstacle(description: "PromQL's delta extrapolates: it is another figure than a difference")
    case .latest, .count: ""
    }
  }

  // The least count for which count ÷ (window ÷ expected_every) ≥ coverage.
  private func coveredCount(_ measurement: Measurement, _ indicator: Indicator?, _ window: Elapsed) -> Int? {
    guard let coverage = measurement.coverage, let every = indicator?.expectedEvery else { return nil }
    let whole = Int128(100) * Int128(every.milliseconds) * powerOfTen(coverage.scale)
    return Int((Int128(coverage.mantissa) * Int128(window.milliseconds) + whole - 1) / whole)
  }

  // MARK: Names

  /// The name of an indicator's metric: its id with `_` for `-`.
  private func metric(_ indicator: String) -> String {
    let name = indicator.replacing("-", with: "_")
    return name.first?.isNumber ?? true ? "_\(name)" : name
  }

  private func selector(_ services: [Service]) -> String {
    services.count == 1
      ? #"service="\#(services[0].id)""# : #"service=~"\#(services.map(\.id).joined(separator: "|"))""#
  }

  /// 0 for each of some services.
  private func everyService(_ services: [Service]) -> String {
    if services.isEmpty { return "vector(0) unless vector(0)" }
    return services.map { #"label_replace(vector(0), "service", "\#($0.id)", "", "")"# }.joined(separator: " or ")
  }
}

extension Comparison.Operator {
  fileprivate var symbol: String {
    switch self {
    case .below: "<"
    case .above: ">"
    case .atLeast: ">="
    case .atMost: "<="
    case .equals: "=="
    }
  }

  fileprivate var opposite: String {
    switch self {
    case .below: ">="
    case .above: "<="
    case .atLeast: "<"
    case .atMost: ">"
    case .equals: "!="
    }
  }
}

extension Elapsed {
  /// `30d`, `90m`, in the largest unit that is whole.
  var promQL: String {
    for (unit, length): (String, Int64) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
    where milliseconds != 0 && milliseconds % length == 0 {
      return "\(milliseconds / length)\(unit)"
    }
    return "\(milliseconds)ms"
  }
}

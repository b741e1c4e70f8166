import ReviewEngine

extension Sentences {
  /// A condition as part of a sentence.
  package func condition(_ condition: Condition) -> String {
    switch condition {
    case .indicator(let leaf): indicator(leaf)
    case .event(let leaf):
      "\(counting(leaf.comparison, eventTitle(leaf.type) + attributes(leaf.matches))) \(leaf.window)"
    case .review(let leaf):
      "\(counting(leaf.comparison, "review\(leaf.rule.map { " of '\($0)'" } ?? "") \(leaf.transition.rawValue)")) \(leaf.window)"
    case .target(let leaf): target(leaf)
    case .service(let selector): "the service has \(attributes(selector).joined(separator: " and "))"
    case .allOf(let parts): parts.map(bracketed).joined(separator: " and ")
    case .anyOf(let parts): parts.map(bracketed).joined(separator: " or ")
    case .noneOf(let parts): "it is not so that \(parts.map(bracketed).joined(separator: " or "))"
    }
  }

  private func bracketed(_ part: Condition) -> String {
    switch part {
    case .allOf(let parts), .anyOf(let parts), .noneOf(let parts):
      parts.count > 1 ? "(\(condition(part)))" : condition(part)
    default: condition(part)
    }
  }

  private func target(_ leaf: TargetCondition) -> String {
    let what =
      leaf.indicator.map { "the target for \(ruleSet.indicator($0)?.title ?? $0)" } ?? "any of the agreed targets"
    guard let repeated = leaf.repeated else { return "\(what) is missed" }
    return
      "\(what) was missed in at least \(repeated.times) of the last \(repeated.ofLast) whole \(repeated.period.rawValue)s"
  }

  private func indicator(_ leaf: IndicatorCondition) -> String {
    let declared = ruleSet.indicator(leaf.indicator)
    let measurement = leaf.measurement
    let unit = measurement.statistic == .count ? "" : declared.map { " \($0.unit)" } ?? ""
    let threshold: String =
      switch leaf.comparison.threshold {
      case .number(let number): "\(number)\(unit)"
      case .target: "the agreed target"
      }
    return "\(self.measurement(measurement)) is \(leaf.comparison.comparison.phrase) \(threshold)\(enough(measurement))"
  }

  /// `the average of Availability in the last 30 days`
  package func measurement(_ measurement: Measurement) -> String {
    let title = ruleSet.indicator(measurement.indicator)?.title ?? measurement.indicator
    let subject = measurement.statistic == .latest ? title : "the \(measurement.statistic.words) of \(title)"
    return subject + (measurement.window.map { " \($0)" } ?? "")
  }

  private func enough(_ measurement: Measurement) -> String {
    let samples = measurement.minimumSamples.map { "from at least \($0) samples" }
    let coverage = measurement.coverage.map { "from at least \($0) % of the samples expected" }
    let parts = [samples, coverage].compactMap { $0 }
    return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
  }

  private func counting(_ comparison: Comparison, _ noun: String) -> String {
    guard case .number(let number) = comparison.threshold else { return noun }
    return comparison.comparison == .equals
      ? "exactly \(number) × \(noun)" : "\(comparison.comparison.countPhrase) \(number) × \(noun)"
  }

  func eventTitle(_ id: String) -> String { ruleSet.eventType(id)?.title.lowercased() ?? id }

  func attributes(_ matches: [AttributeMatch]) -> String {
    let parts = matches.map { match in
      switch match.test {
      case .oneOf(let values): "\(match.attribute) \(or(values.map(\.description)))"
      case .compare(let comparison, let number): "\(match.attribute) \(comparison.phrase) \(number)"
      }
    }
    return parts.isEmpty ? "" : " with \(parts.joined(separator: " and "))"
  }
}

extension Comparison.Operator {
  /// After `is`.
  package var phrase: String { self == .equals ? "exactly" : words }

  fileprivate var countPhrase: String {
    switch self {
    case .below: "fewer than"
    case .above: "more than"
    default: words
    }
  }
}

extension Statistic {
  /// After `the`.
  package var words: String {
    switch self {
    case .percentile(let percent): "percentile \(percent)"
    case .timeAverage: "average over time"
    default: name
    }
  }
}

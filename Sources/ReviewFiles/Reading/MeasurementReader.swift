import ReviewEngine

/// Reads what conditions and targets have in common: a statistic of an indicator over a window, and when it is known.
struct MeasurementReader {
  let document: YamlDocument
  let declarations: Declarations

  func measurement(_ fields: Fields) -> (measurement: Measurement, indicator: Indicator)? {
    let indicator = declarations.indicator(fields.required("indicator"), in: document)
    let statistic = statistic(fields.optional("statistic"), of: indicator)
    let window = WindowReader(document: document).window(fields, statistic: statistic)
    let minimum = minimumSamples(fields, statistic)
    let coverage = coverage(fields, statistic, indicator)
    guard let indicator else { return nil }
    return (
      Measurement(
        indicator: indicator.id, statistic: statistic, window: window, minimumSamples: minimum, coverage: coverage),
      indicator
    )
  }

  /// `latest` where nothing is written.
  private func statistic(_ node: Node?, of indicator: Indicator?) -> Statistic {
    guard let name = document.text(node, "'statistic'") else { return .latest }
    let named: [Statistic] = [
      .latest, .average, .timeAverage(holdsAtMost: indicator?.staleAfter), .minimum, .maximum, .sum, .count,
      .difference,
    ]
    if let statistic = named.first(where: { $0.name == name }) { return statistic }
    if name.hasPrefix("p"), let percent = DecimalValue(name.dropFirst()) {
      if percent.scale <= 3, percent >= DecimalValue(mantissa: 0), percent <= DecimalValue(mantissa: 100) {
        return .percentile(percent)
      }
      document.report(at: node, "a percentile is between p0 and p100 with at most three decimals, not '\(name)'")
    } else {
      let names = named.map(\.name) + ["p95"]
      document.report(
        at: node,
        "'statistic' '\(name)' is none of \(names.joined(separator: ", ")) or another percentile"
          + document.suggestions.meant(name, among: names))
    }
    return .average
  }

  private func minimumSamples(_ fields: Fields, _ statistic: Statistic) -> Int? {
    let node = fields.optional("minimum_samples")
    guard let count = document.count(node, "'minimum_samples'") else { return nil }
    refuse("minimum_samples", fields, for: statistic)
    if count == 0 { document.report(at: node, "'minimum_samples' must be at least 1") }
    return count
  }

  private func coverage(_ fields: Fields, _ statistic: Statistic, _ indicator: Indicator?) -> DecimalValue? {
    let node = fields.optional("coverage")
    guard let text = document.text(node, "'coverage'") else { return nil }
    guard text.hasSuffix("%"),
      let percent = DecimalValue(text.dropLast().trimmingPrefix { $0 == " " }.filter { $0 != " " }),
      percent > DecimalValue(mantissa: 0), percent <= DecimalValue(mantissa: 100), percent.scale <= 3
    else {
      document.report(
        at: node, "'coverage' must be a percentage above 0 % and at most 100 %, such as 80%, not '\(text)'")
      return nil
    }
    refuse("coverage", fields, for: statistic)
    if let indicator, indicator.expectedEvery == nil {
      document.report(
        at: node,
        "'coverage' needs to know how often a value is expected: the indicator '\(indicator.id)' has no 'expected_every'"
      )
    }
    return percent
  }

  // `latest` is known by its age, and a count always.
  private func refuse(_ key: String, _ fields: Fields, for statistic: Statistic) {
    guard statistic == .latest || statistic == .count else { return }
    document.report(at: fields.keyNode(key), "'\(key)' says nothing about '\(statistic.name)'")
  }
}

import ReviewEngine

/// Reads `below`, `above`, `at_least`, `at_most` and `equals`.
struct ComparisonReader {
  let document: YamlDocument

  /// The one comparison that the fields give, of an indicator or a target.
  func comparison(_ fields: Fields, _ measurement: Measurement?, _ indicator: Indicator?, allowsTarget: Bool)
    -> Comparison?
  {
    guard let (comparison, node) = one(fields) else { return nil }
    if node.scalar?.string == "target" {
      if !allowsTarget { document.report(at: node, "a target is a number") }
      return allowsTarget ? Comparison(comparison, .target) : nil
    }
    guard let number = document.decimal(node, "'\(comparison.rawValue)'") else { return nil }
    if let indicator, let measurement { check(number, comparison, of: indicator, measurement.statistic, at: node) }
    return Comparison(comparison, .number(number))
  }

  private func check(
    _ number: DecimalValue, _ comparison: Comparison.Operator, of indicator: Indicator, _ statistic: Statistic,
    at node: Node
  ) {
    if statistic == .count, comparison == .below, number <= DecimalValue(mantissa: 0) {
      document.report(.warning, at: node, "a count is never below 0")
    }
    if statistic == .count || statistic == .sum || statistic == .difference { return }
    guard let range = indicator.range else { return }
    guard range.contains(number) else {
      document.report(
        at: node, "\(number) is outside the range of '\(indicator.id)', \(range.lowerBound) to \(range.upperBound)")
      return
    }
    if comparison == .below && number == range.lowerBound || comparison == .above && number == range.upperBound {
      document.report(
        .warning, at: node, "'\(indicator.id)' is never \(comparison.words) \(number), the end of its range")
    }
  }

  private func one(_ fields: Fields) -> (Comparison.Operator, Node)? {
    let given = Comparison.Operator.allCases.compactMap { word in fields.optional(word.rawValue).map { (word, $0) } }
    if given.isEmpty, !fields.isMisspelt(Comparison.Operator.allCases.map(\.rawValue)) {
      let words = Comparison.Operator.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
      document.report(at: fields.node, "\(fields.subject) needs a comparison: \(words)")
    }
    if given.count > 1 {
      document.report(
        at: fields.keyNode(given[1].0.rawValue), "one comparison at a time: '\(given[0].0.rawValue)' is given too")
    }
    return given.first
  }

  /// The comparison of a count: at least 1 where none is given.
  func count(_ fields: Fields) -> Comparison? {
    guard Comparison.Operator.allCases.contains(where: { fields.keys.contains($0.rawValue) }) else {
      for word in Comparison.Operator.allCases { _ = fields.optional(word.rawValue) }
      return Comparison(.atLeast, .number(DecimalValue(mantissa: 1)))
    }
    guard let (comparison, node) = one(fields), let count = document.count(node, "'\(comparison.rawValue)'") else {
      return nil
    }
    if comparison == .below, count == 0 { document.report(.warning, at: node, "a count is never below 0") }
    return Comparison(comparison, .number(DecimalValue(mantissa: Int64(count))))
  }
}

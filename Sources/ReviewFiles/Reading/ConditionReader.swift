import ReviewEngine
import Yams

/// Reads conditions, each one mapping.
struct ConditionReader {
  let document: YamlDocument
  let declarations: Declarations

  func condition(_ node: Node) -> Condition? {
    guard let fields = Fields(node, document, "a condition") else { return nil }
    let kinds = ["indicator", "event", "review", "service", "all_of", "any_of", "none_of"]
    let given = fields.keys.filter { kinds.contains($0) }
    guard given.count == 1 else { return reportKinds(fields, given, kinds) }
    return switch given[0] {
    case "indicator": indicatorCondition(fields)
    case "event": eventCondition(fields)
    case "review": reviewCondition(fields)
    case "service": serviceCondition(fields)
    case "all_of": parts(fields, "all_of").map { .allOf($0) }
    case "any_of": parts(fields, "any_of").map { .anyOf($0) }
    default: parts(fields, "none_of").map { .noneOf($0) }
    }
  }

  private func reportKinds(_ fields: Fields, _ given: [String], _ kinds: [String]) -> Condition? {
    if given.count > 1 {
      document.report(
        at: fields.keyNode(given[1]), "a condition asks one thing: '\(given[0])' and '\(given[1])' need an 'all_of' around them")
    } else if fields.keys.contains("target_missed") {
      document.report(at: fields.keyNode("target_missed"), "'target_missed' is not supported yet")
    } else {
      for key in fields.keys {
        guard let meant = nearest(to: key, in: kinds) else { continue }
        document.report(at: fields.keyNode(key), "unknown key '\(key)' in a condition: did you mean '\(meant)'?")
        return nil
      }
      document.report(at: fields.node, "a condition needs one of \(kinds.joined(separator: ", "))")
    }
    return nil
  }

  private func parts(_ fields: Fields, _ key: String) -> [Condition]? {
    let node = fields.required(key)
    fields.finish()
    guard let nodes = document.list(node, "'\(key)'") else { return nil }
    if nodes.isEmpty { document.report(at: node, "'\(key)' needs at least one condition") }
    let read = nodes.map(condition)
    return read.contains { $0 == nil } || nodes.isEmpty ? nil : read.compactMap { $0 }
  }

  private func indicatorCondition(_ fields: Fields) -> Condition? {
    let indicator = declarations.indicator(fields.required("indicator"), in: document)
    let statistic = statistic(fields.optional("statistic"))
    let window = window(fields, statistic: statistic)
    let comparison = comparison(fields, indicator: indicator, statistic: statistic, allowsTarget: true)
    let minimum = minimumSamples(fields, statistic)
    fields.notSupportedYet("coverage")
    fields.finish()
    guard let indicator, let comparison else { return nil }
    return .indicator(
      IndicatorCondition(indicator: indicator.id, statistic: statistic, window: window, comparison: comparison, minimumSamples: minimum))
  }

  private func minimumSamples(_ fields: Fields, _ statistic: Statistic) -> Int? {
    let node = fields.optional("minimum_samples")
    guard let count = document.count(node, "'minimum_samples'") else { return nil }
    if statistic == .latest || statistic == .count {
      document.report(at: fields.keyNode("minimum_samples"), "'minimum_samples' says nothing about '\(statistic.name)'")
    } else if count == 0 {
      document.report(at: node, "'minimum_samples' must be at least 1")
    }
    return count
  }

  /// `latest` where nothing is written.
  func statistic(_ node: Node?) -> Statistic {
    guard let name = document.text(node, "'statistic'") else { return .latest }
    let named: [Statistic] = [.latest, .average, .minimum, .maximum, .sum, .count]
    if let statistic = named.first(where: { $0.name == name }) { return statistic }
    if name.hasPrefix("p"), let percent = DecimalValue(name.dropFirst()) {
      if percent.scale <= 3, percent >= DecimalValue(mantissa: 0), percent <= DecimalValue(mantissa: 100) { return .percentile(percent) }
      document.report(at: node, "a percentile is between p0 and p100 with at most three decimals, not '\(name)'")
    } else if name == "time_average" || name == "difference" {
      document.report(at: node, "the statistic '\(name)' is not supported yet")
    } else {
      let names = named.map(\.name) + ["p95"]
      document.report(
        at: node, "'statistic' '\(name)' is none of \(names.joined(separator: ", ")) or another percentile" + meant(name, among: names))
    }
    return .average
  }

  /// The window that the fields give; every statistic but `latest` needs one.
  func window(_ fields: Fields, statistic: Statistic?) -> Window? {
    fields.notSupportedYet("in")
    let (inLast, since) = (fields.optional("in_last"), fields.optional("since"))
    if inLast != nil, since != nil {
      document.report(at: fields.keyNode("since"), "a window is either 'in_last' or 'since', not both")
    }
    let isGiven = inLast != nil || since != nil || fields.keys.contains("in")
    if statistic == .latest {
      if let key = ["in_last", "since", "in"].lazy.compactMap({ fields.keyNode($0) }).first {
        document.report(at: key, "'latest' has no window: give another 'statistic', or leave the window out")
      }
    } else if !isGiven {
      document.report(
        at: fields.node, "\(fields.subject) over \(statistic.map { "'\($0.name)'" } ?? "a count") needs a window: 'in_last' or 'since'")
    }
    if let inLast { return document.elapsed(inLast, "'in_last'").map { .inLast($0) } }
    return since.flatMap { self.since($0) }
  }

  private func since(_ node: Node) -> Window? {
    switch document.text(node, "'since'") {
    case "last_review": return .sinceLastReview
    case "any_review": return .sinceAnyReview
    case let text?:
      document.report(at: node, document.notOne(of: ["last_review", "any_review"], "'since'", text))
      return nil
    case nil: return nil
    }
  }

  /// The one comparison that the fields give.
  func comparison(_ fields: Fields, indicator: Indicator?, statistic: Statistic, allowsTarget: Bool) -> Comparison? {
    guard let (comparison, node) = oneComparison(fields) else { return nil }
    if node.scalar?.string == "target" {
      if !allowsTarget { document.report(at: node, "a target is a number") }
      return allowsTarget ? Comparison(comparison, .target) : nil
    }
    guard let number = document.decimal(node, "'\(comparison.rawValue)'") else { return nil }
    if let indicator { check(number, comparison, of: indicator, statistic, at: node) }
    return Comparison(comparison, .number(number))
  }

  private func check(
    _ number: DecimalValue, _ comparison: Comparison.Operator, of indicator: Indicator, _ statistic: Statistic, at node: Node
  ) {
    if statistic == .count, comparison == .below, number <= DecimalValue(mantissa: 0) {
      document.report(.warning, at: node, "a count is never below 0")
    }
    if statistic == .count || statistic == .sum { return }
    guard let range = indicator.range else { return }
    guard range.contains(number) else {
      document.report(at: node, "\(number) is outside the range of '\(indicator.id)', \(range.lowerBound) to \(range.upperBound)")
      return
    }
    if comparison == .below && number == range.lowerBound || comparison == .above && number == range.upperBound {
      document.report(.warning, at: node, "'\(indicator.id)' is never \(comparison.words) \(number), the end of its range")
    }
  }

  private func oneComparison(_ fields: Fields) -> (Comparison.Operator, Node)? {
    let given = Comparison.Operator.allCases.compactMap { word in fields.optional(word.rawValue).map { (word, $0) } }
    if given.isEmpty, !fields.isMisspelt(Comparison.Operator.allCases.map(\.rawValue)) {
      let words = Comparison.Operator.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
      document.report(at: fields.node, "\(fields.subject) needs a comparison: \(words)")
    }
    if given.count > 1 {
      document.report(at: fields.keyNode(given[1].0.rawValue), "one comparison at a time: '\(given[0].0.rawValue)' is given too")
    }
    return given.first
  }

  private func countComparison(_ fields: Fields) -> Comparison? {
    guard Comparison.Operator.allCases.contains(where: { fields.keys.contains($0.rawValue) }) else {
      for word in Comparison.Operator.allCases { _ = fields.optional(word.rawValue) }
      return Comparison(.atLeast, .number(DecimalValue(mantissa: 1)))
    }
    guard let (comparison, node) = oneComparison(fields), let count = document.count(node, "'\(comparison.rawValue)'") else { return nil }
    if comparison == .below, count == 0 { document.report(.warning, at: node, "a count is never below 0") }
    return Comparison(comparison, .number(DecimalValue(mantissa: Int64(count))))
  }

  private func eventCondition(_ fields: Fields) -> Condition? {
    let type = declarations.eventType(fields.required("event"), in: document)
    let matches = AttributeReader(document: document).matches(fields.optional("where"), type)
    let window = window(fields, statistic: nil)
    let comparison = countComparison(fields)
    fields.finish()
    guard let type, let window, let comparison else { return nil }
    return .event(EventCondition(type: type.id, matches: matches, window: window, comparison: comparison))
  }

  private func reviewCondition(_ fields: Fields) -> Condition? {
    let transition = document.choice(fields.required("review"), "'review'", ReviewCondition.Transition.self)
    let ofNode = fields.optional("of")
    let rule =
      ofNode?.scalar?.string == "any"
      ? nil : ofNode.flatMap { declarations.reference($0, "rule", among: declarations.ruleIds, in: document) }
    if ofNode == nil { document.report(at: fields.node, "a condition on reviews needs 'of': a rule, or any") }
    let window = window(fields, statistic: nil)
    let comparison = countComparison(fields)
    fields.finish()
    guard let transition, let window, let comparison else { return nil }
    return .review(ReviewCondition(transition: transition, rule: rule, window: window, comparison: comparison))
  }

  private func serviceCondition(_ fields: Fields) -> Condition? {
    let node = fields.required("service")
    fields.finish()
    return node.flatMap { SelectorReader(document: document, declarations: declarations).attributes($0) }.map { .service($0) }
  }
}

import ReviewEngine

/// Says in plain words what a rule asks, as both sides agreed it.
package struct Sentences {
  let ruleSet: RuleSet

  package init(ruleSet: RuleSet) { self.ruleSet = ruleSet }

  /// What makes the rule ask for a review, of which services, and what the review is like.
  package func sentence(_ rule: Rule) -> String {
    [cause(rule) + scope(rule.appliesTo), review(rule), cooldown(rule), merge(rule)].filter { !$0.isEmpty }.joined(separator: " ")
  }

  private func cause(_ rule: Rule) -> String {
    switch rule.cause {
    case .interval(let interval): self.interval(interval)
    case .event(let event): "Upon each \(eventTitle(event.type))\(attributes(event.matches))"
    case .condition(let cause): "When \(condition(cause.condition))\(holding(cause)), asked every \(one(cause.evaluateEvery))"
    }
  }

  private func interval(_ cause: IntervalCause) -> String {
    let anchor = cause.anchor == .completion ? "the day of the last review" : "the due day of the last review"
    let opening = cause.opensBefore.map { "\($0)" } ?? "two weeks or half the interval"
    return "Every \(cause.every) from \(anchor), opened \(opening) before it is due"
  }

  private func holding(_ cause: ConditionCause) -> String {
    (cause.holdsFor == .zero ? "" : ", lasting \(cause.holdsFor)") + (cause.opensIfUnknown ? ", or when that is unknown" : "")
  }

  private func one(_ elapsed: Elapsed) -> String {
    let text = elapsed.description
    return text.hasPrefix("1 ") ? String(text.dropFirst(2)) : text
  }

  private func scope(_ selector: ServiceSelector) -> String {
    let parts = attributes(selector)
    return parts.isEmpty ? ", for every service." : ", for services with \(parts.joined(separator: " and "))."
  }

  private func attributes(_ selector: ServiceSelector) -> [String] {
    var parts: [String] = []
    if let ids = selector.services { parts.append("the id \(or(ids))") }
    if let ids = selector.customers { parts.append("the customer \(or(ids.map { ruleSet.customer($0)?.name ?? $0 }))") }
    if let values = selector.relationships { parts.append("\(or(values.map(\.rawValue))) customers") }
    if let values = selector.journeys { parts.append("the journey stage \(or(values.map(\.rawValue)))") }
    if let values = selector.expectations { parts.append("\(or(values.map(\.rawValue))) expectations") }
    for label in selector.labels { parts.append("\(label.key) \(or(label.values))") }
    return parts
  }

  private func review(_ rule: Rule) -> String {
    if case .interval = rule.cause { return "" }
    let priority = rule.review.priority == .normal ? "" : ", with \(rule.review.priority.rawValue) priority"
    return "The review is due within \(rule.review.due)\(priority)."
  }

  private func cooldown(_ rule: Rule) -> String {
    rule.cooldown.map { "Once it is closed, the rule rests for \($0)." } ?? ""
  }

  private func merge(_ rule: Rule) -> String {
    guard case .within(let amount) = rule.merge else { return "" }
    if case .interval = rule.cause { return "" }
    return "Where another review of the service is due within \(amount), it joins that one."
  }

  /// A condition as part of a sentence.
  package func condition(_ condition: Condition) -> String {
    switch condition {
    case .indicator(let leaf): indicator(leaf)
    case .event(let leaf): "\(counting(leaf.comparison, eventTitle(leaf.type) + attributes(leaf.matches))) \(leaf.window)"
    case .review(let leaf):
      "\(counting(leaf.comparison, "review\(leaf.rule.map { " of '\($0)'" } ?? "") \(leaf.transition.rawValue)")) \(leaf.window)"
    case .service(let selector): "the service has \(attributes(selector).joined(separator: " and "))"
    case .allOf(let parts): parts.map(bracketed).joined(separator: " and ")
    case .anyOf(let parts): parts.map(bracketed).joined(separator: " or ")
    case .noneOf(let parts): "it is not so that \(parts.map(bracketed).joined(separator: " or "))"
    }
  }

  private func bracketed(_ part: Condition) -> String {
    switch part {
    case .allOf(let parts), .anyOf(let parts), .noneOf(let parts): parts.count > 1 ? "(\(condition(part)))" : condition(part)
    default: condition(part)
    }
  }

  private func indicator(_ leaf: IndicatorCondition) -> String {
    let declared = ruleSet.indicator(leaf.indicator)
    let title = declared?.title ?? leaf.indicator
    let subject = leaf.statistic == .latest ? title : "the \(leaf.statistic.words) of \(title)"
    let window = leaf.window.map { " \($0)" } ?? ""
    let unit = leaf.statistic == .count ? "" : declared.map { " \($0.unit)" } ?? ""
    let threshold: String =
      switch leaf.comparison.threshold {
      case .number(let number): "\(number)\(unit)"
      case .target: "the agreed target"
      }
    let enough = leaf.minimumSamples.map { " (from at least \($0) samples)" } ?? ""
    return "\(subject)\(window) is \(leaf.comparison.comparison.phrase) \(threshold)\(enough)"
  }

  private func counting(_ comparison: Comparison, _ noun: String) -> String {
    guard case .number(let number) = comparison.threshold else { return noun }
    return comparison.comparison == .equals ? "exactly \(number) × \(noun)" : "\(comparison.comparison.countPhrase) \(number) × \(noun)"
  }

  private func eventTitle(_ id: String) -> String { ruleSet.eventType(id)?.title.lowercased() ?? id }

  private func attributes(_ matches: [AttributeMatch]) -> String {
    let parts = matches.map { match in
      switch match.test {
      case .oneOf(let values): "\(match.attribute) \(or(values.map(\.description)))"
      case .compare(let comparison, let number): "\(match.attribute) \(comparison.phrase) \(number)"
      }
    }
    return parts.isEmpty ? "" : " with \(parts.joined(separator: " and "))"
  }

  private func or(_ words: [String]) -> String {
    words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1]
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
    if case .percentile(let percent) = self { return "percentile \(percent)" }
    return name
  }
}

import ReviewEngine

/// Says in plain words what a rule asks, as both sides agreed it.
package struct Sentences {
  let ruleSet: RuleSet

  package init(ruleSet: RuleSet) { self.ruleSet = ruleSet }

  /// What makes the rule ask for a review, of which services, and what the review is like.
  package func sentence(_ rule: Rule) -> String {
    [cause(rule) + scope(rule), adaptation(rule), review(rule), cooldown(rule), merge(rule)].filter { !$0.isEmpty }
      .joined(separator: " ")
  }

  private func cause(_ rule: Rule) -> String {
    switch rule.cause {
    case .interval(let interval): self.interval(interval)
    case .recurrence(let recurrence): self.recurrence(recurrence)
    case .event(let event): "Upon each \(eventTitle(event.type))\(attributes(event.matches))"
    case .condition(let cause):
      "When \(condition(cause.condition))\(holding(cause)), asked every \(one(cause.evaluateEvery))"
    }
  }

  private func interval(_ cause: IntervalCause) -> String {
    let anchor = cause.anchor == .completion ? "the day of the last review" : "the due day of the last review"
    return "Every \(cause.every) from \(anchor), opened \(opening(cause.opensBefore)) before it is due"
  }

  private func opening(_ amount: DayAmount?) -> String { amount.map { "\($0)" } ?? "two weeks or half the interval" }

  private func recurrence(_ cause: RecurrenceCause) -> String {
    var text = "E\(cause.recurrence.sentence.dropFirst())"
    if let shift = cause.shift {
      text += ", moved to the \(shift == .nextWorkingDay ? "next" : "previous") working day where nobody works"
    }
    if !cause.exceptions.isEmpty { text += ", except on \(and(cause.exceptions.sorted().map(\.description)))" }
    return text + ", opened \(opening(cause.opensBefore)) before it is due"
  }

  private func adaptation(_ rule: Rule) -> String {
    guard case .interval(let cause) = rule.cause, let adaptation = cause.adaptation else { return "" }
    let factors = adaptation.factors.map { factor in
      "× \(factor.multiplyBy) when \(condition(factor.condition)) (\(factor.id.replacing("_", with: " ")))"
    }
    let least = adaptation.least.map { ", never shorter than \($0)" } ?? ""
    let most = adaptation.most.map { ", never longer than \($0)" } ?? ""
    return "The interval is multiplied: \(factors.joined(separator: "; "))\(least)\(most). "
      + "A shortening counts at once, a lengthening from the next review on; the factors are asked every \(one(adaptation.evaluateEvery))."
  }

  private func holding(_ cause: ConditionCause) -> String {
    (cause.holdsFor == .zero ? "" : ", lasting \(cause.holdsFor)")
      + (cause.opensIfUnknown ? ", or when that is unknown" : "")
  }

  private func one(_ elapsed: Elapsed) -> String {
    let text = elapsed.description
    return text.hasPrefix("1 ") ? String(text.dropFirst(2)) : text
  }

  private func scope(_ rule: Rule) -> String {
    let parts = attributes(rule.appliesTo)
    let services = parts.isEmpty ? "every service" : "services with \(parts.joined(separator: " and "))"
    guard rule.scope == .customer else { return ", for \(services)." }
    let which = parts.isEmpty ? "" : " with \(parts.joined(separator: " and "))"
    let anyOf = rule.isInterval ? "" : ", when it is so of one of them"
    return ", for each customer, about all of their services\(which)\(anyOf)."
  }

  func attributes(_ selector: ServiceSelector) -> [String] {
    var parts: [String] = []
    if let ids = selector.services { parts.append("the id \(or(ids))") }
    if let ids = selector.customers { parts.append("the customer \(or(ids.map { ruleSet.customer($0)?.name ?? $0 }))") }
    if let ids = selector.offerings { parts.append("the offering \(or(ids.map { ruleSet.offering($0)?.name ?? $0 }))") }
    if let values = selector.relationships { parts.append("\(or(values.map(\.rawValue))) customers") }
    if let values = selector.journeys { parts.append("the journey stage \(or(values.map(\.rawValue)))") }
    if let values = selector.expectations { parts.append("\(or(values.map(\.rawValue))) expectations") }
    for label in selector.labels { parts.append("\(label.key) \(or(label.values))") }
    return parts
  }

  private func review(_ rule: Rule) -> String {
    if rule.isInterval { return "" }
    let priority = rule.review.priority == .normal ? "" : ", with \(rule.review.priority.rawValue) priority"
    return "The review is due within \(rule.review.due)\(priority)."
  }

  private func cooldown(_ rule: Rule) -> String {
    rule.cooldown.map { "Once it is closed, the rule rests for \($0)." } ?? ""
  }

  private func merge(_ rule: Rule) -> String {
    guard case .within(let amount) = rule.merge, !rule.isInterval else { return "" }
    let subject = rule.scope == .customer ? "customer" : "service"
    return "Where another review of the \(subject) is due within \(amount), it joins that one."
  }

  func or(_ words: [String]) -> String { listed(words, "or") }

  func and(_ words: [String]) -> String { listed(words, "and") }

  private func listed(_ words: [String], _ last: String) -> String {
    words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " \(last) " + words[words.count - 1]
  }
}

/// Evaluates one rule's condition for one subject in three values, keeping what each leaf found.
struct ConditionEvaluation {
  let rule: Rule
  let ruleSet: RuleSet
  let subject: Subject
  let subjectIndex: Int
  let instant: Instant
  let answers: ConditionAnswers
  private(set) var findings: [Finding] = []

  init(rule: Rule, ruleSet: RuleSet, subject: Subject, subjectIndex: Int, instant: Instant, answers: ConditionAnswers) {
    self.rule = rule
    self.ruleSet = ruleSet
    self.subject = subject
    self.subjectIndex = subjectIndex
    self.instant = instant
    self.answers = answers
  }

  // Every leaf is evaluated, also where the rest is decided: evidence is complete, and leaves stay in step with answers.
  mutating func evaluate(_ condition: Condition) -> Truth {
    switch condition {
    case .allOf(let parts): return .all(of: parts.map { evaluate($0) })
    case .anyOf(let parts): return .any(of: parts.map { evaluate($0) })
    case .noneOf(let parts): return Truth.any(of: parts.map { evaluate($0) }).negated
    case .indicator, .event, .review, .service:
      let finding = finding(condition, row: answers.rows[findings.count])
      findings.append(finding)
      return finding.verdict
    }
  }

  private func finding(_ leaf: Condition, row: ConditionAnswers.Row) -> Finding {
    switch (leaf, row) {
    case (.indicator(let condition), .series(let answers)): indicatorFinding(condition, answers[subjectIndex])
    case (.event(let condition), .events(let counts)): eventFinding(condition, counts[subjectIndex])
    case (.review(let condition), _): reviewFinding(condition)
    case (.service(let selector), _): Finding(about: "service", verdict: Truth(selector.matches(subject.service)))
    default: preconditionFailure("a leaf and its answers are of different kinds")
    }
  }

  private func indicatorFinding(_ condition: IndicatorCondition, _ answer: SeriesAnswer) -> Finding {
    var finding = Finding(about: condition.indicator, verdict: .unknown)
    finding.statistic = condition.statistic.name
    note(condition.window, in: &finding)
    finding.sampleCount = condition.statistic == .latest ? nil : answer.sampleCount
    finding.newestSample = answer.newest?.description
    let threshold = number(condition)
    note(condition.comparison, number: threshold, in: &finding)
    if let reason = unknownReason(condition, answer) {
      finding.reason = reason
      return finding
    }
    guard let quantity = answer.quantity, let threshold else { return finding }
    finding.value = quantity.doubleValue
    finding.verdict = Truth(condition.comparison.comparison.holds(quantity, threshold))
    return finding
  }

  /// Why an answer says nothing; nil where it does. A count is never unknown.
  private func unknownReason(_ condition: IndicatorCondition, _ answer: SeriesAnswer) -> String? {
    if condition.statistic == .count { return nil }
    guard let newest = answer.newest, answer.sampleCount > 0 else { return "no sample" }
    if condition.statistic == .latest {
      guard let limit = ruleSet.indicator(condition.indicator)?.staleAfter, instant - newest > limit else { return nil }
      return "the newest sample is older than \(limit)"
    }
    if let minimum = condition.minimumSamples, answer.sampleCount < minimum {
      return "\(counted(answer.sampleCount, "sample")), fewer than \(minimum)"
    }
    return answer.quantity == nil ? "the sum exceeds 128 bits" : nil
  }

  private func eventFinding(_ condition: EventCondition, _ count: EventCount) -> Finding {
    var finding = Finding(about: condition.type, verdict: .unknown)
    note(condition.window, in: &finding)
    if count.lackingAttribute > 0 { finding.reason = "\(counted(count.lackingAttribute, "event")) without the attribute" }
    return compare(count.matching, condition.comparison, finding)
  }

  private func reviewFinding(_ condition: ReviewCondition) -> Finding {
    let window = subject.window(condition.window, of: rule, at: instant)
    let count = subject.records.count { record in
      guard condition.rule == nil || record.rule == condition.rule, let time = record.time(of: condition.transition) else { return false }
      return time > window.after && time <= window.through
    }
    var finding = Finding(about: "review \(condition.transition.rawValue)", verdict: .unknown)
    note(condition.window, in: &finding)
    return compare(count, condition.comparison, finding)
  }

  private func compare(_ count: Int, _ comparison: Comparison, _ finding: Finding) -> Finding {
    var finding = finding
    finding.statistic = "count"
    guard case .number(let number) = comparison.threshold else { return finding }
    note(comparison, number: number, in: &finding)
    finding.value = Double(count)
    finding.verdict = Truth(comparison.comparison.holds(Quantity(count: count), number))
    return finding
  }

  private func number(_ condition: IndicatorCondition) -> DecimalValue? {
    switch condition.comparison.threshold {
    case .number(let number): number
    case .target: subject.service.targets(for: condition.indicator).first?.number
    }
  }

  private func note(_ comparison: Comparison, number: DecimalValue?, in finding: inout Finding) {
    finding.comparison = comparison.comparison.rawValue
    finding.threshold = number?.doubleValue
    if comparison.threshold == .target { finding.isTarget = true }
  }

  private func note(_ window: Window?, in finding: inout Finding) {
    guard let window else { return }
    let bounds = subject.window(window, of: rule, at: instant)
    var start = bounds.after
    if case .inLast = window {} else { start = Instant(milliseconds: start.milliseconds + 1) }
    finding.windowStart = start.description
    finding.windowEnd = bounds.through.description
  }
}

extension ReviewRecord {
  func time(of transition: ReviewCondition.Transition) -> Instant? {
    switch transition {
    case .opened: opened
    case .completed: closing.flatMap { $0.isCompleted ? $0.conducted : nil }
    case .cancelled: closing.flatMap { $0.isCompleted ? nil : $0.at }
    }
  }
}

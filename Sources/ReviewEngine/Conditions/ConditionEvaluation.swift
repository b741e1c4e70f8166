/// Evaluates one rule's condition for one subject in three values, keeping what each leaf found.
struct ConditionEvaluation {
  let rule: Rule
  let ruleSet: RuleSet
  let subject: Subject
  let subjectIndex: Int
  let instant: Instant
  let answers: ConditionAnswers
  private var leafCount = 0

  init(rule: Rule, ruleSet: RuleSet, subject: Subject, subjectIndex: Int, instant: Instant, answers: ConditionAnswers) {
    self.rule = rule
    self.ruleSet = ruleSet
    self.subject = subject
    self.subjectIndex = subjectIndex
    self.instant = instant
    self.answers = answers
  }

  // Every leaf is evaluated, also where the rest is decided: leaves stay in step with answers.
  mutating func evaluate(_ condition: Condition) -> Truth {
    switch condition {
    case .allOf(let parts): return .all(of: parts.map { evaluate($0) })
    case .anyOf(let parts): return .any(of: parts.map { evaluate($0) })
    case .noneOf(let parts): return Truth.any(of: parts.map { evaluate($0) }).negated
    case .indicator, .event, .review, .service:
      leafCount += 1
      return verdict(condition, row: answers.rows[leafCount - 1])
    }
  }

  /// What each leaf found, in words and figures; only a trigger needs it.
  func findings(_ leaves: [Condition]) -> [Finding] { zip(leaves, answers.rows).map { finding($0, row: $1) } }

  private func verdict(_ leaf: Condition, row: ConditionAnswers.Row) -> Truth {
    switch (leaf, row) {
    case (.indicator(let condition), .series(let answers)): verdict(condition, answers[subjectIndex])
    case (.event(let condition), .events(let counts)): verdict(condition.comparison, count: counts[subjectIndex].matching)
    case (.review(let condition), _): verdict(condition.comparison, count: count(condition))
    case (.service(let selector), _): Truth(selector.matches(subject.service))
    default: preconditionFailure("a leaf and its answers are of different kinds")
    }
  }

  private func verdict(_ condition: IndicatorCondition, _ answer: SeriesAnswer) -> Truth {
    guard !isUnknown(condition, answer), let quantity = answer.quantity, let threshold = number(condition) else { return .unknown }
    return Truth(condition.comparison.comparison.holds(quantity, threshold))
  }

  private func verdict(_ comparison: Comparison, count: Int) -> Truth {
    guard case .number(let number) = comparison.threshold else { return .unknown }
    return Truth(comparison.comparison.holds(Quantity(count: count), number))
  }

  private func finding(_ leaf: Condition, row: ConditionAnswers.Row) -> Finding {
    switch (leaf, row) {
    case (.indicator(let condition), .series(let answers)): indicatorFinding(condition, answers[subjectIndex])
    case (.event(let condition), .events(let counts)): eventFinding(condition, counts[subjectIndex])
    case (.review(let condition), _): reviewFinding(condition)
    default: Finding(about: "service", verdict: verdict(leaf, row: row))
    }
  }

  private func indicatorFinding(_ condition: IndicatorCondition, _ answer: SeriesAnswer) -> Finding {
    var finding = Finding(about: condition.indicator, verdict: verdict(condition, answer))
    finding.statistic = condition.statistic.name
    note(condition.window, in: &finding)
    finding.sampleCount = condition.statistic == .latest ? nil : answer.sampleCount
    finding.newestSample = answer.newest?.description
    note(condition.comparison, number: number(condition), in: &finding)
    if finding.verdict == .unknown {
      finding.reason = unknownReason(condition, answer)
    } else {
      finding.value = answer.quantity?.doubleValue
    }
    return finding
  }

  /// Whether an answer says nothing. A count is never unknown.
  private func isUnknown(_ condition: IndicatorCondition, _ answer: SeriesAnswer) -> Bool {
    if condition.statistic == .count { return false }
    guard let newest = answer.newest, answer.sampleCount > 0 else { return true }
    if condition.statistic == .latest { return isStale(condition, newest) }
    return answer.sampleCount < condition.minimumSamples ?? 0 || answer.quantity == nil
  }

  private func isStale(_ condition: IndicatorCondition, _ newest: Instant) -> Bool {
    ruleSet.indicator(condition.indicator)?.staleAfter.map { instant - newest > $0 } ?? false
  }

  private func unknownReason(_ condition: IndicatorCondition, _ answer: SeriesAnswer) -> String {
    guard let newest = answer.newest, answer.sampleCount > 0 else { return "no sample" }
    if condition.statistic == .latest, isStale(condition, newest), let limit = ruleSet.indicator(condition.indicator)?.staleAfter {
      return "the newest sample is older than \(limit)"
    }
    if let minimum = condition.minimumSamples, answer.sampleCount < minimum {
      return "\(counted(answer.sampleCount, "sample")), fewer than \(minimum)"
    }
    return "the sum exceeds 128 bits"
  }

  private func eventFinding(_ condition: EventCondition, _ count: EventCount) -> Finding {
    var finding = Finding(about: condition.type, verdict: verdict(condition.comparison, count: count.matching))
    note(condition.window, in: &finding)
    if count.lackingAttribute > 0 { finding.reason = "\(counted(count.lackingAttribute, "event")) without the attribute" }
    return noted(count.matching, condition.comparison, finding)
  }

  private func count(_ condition: ReviewCondition) -> Int {
    let window = subject.window(condition.window, of: rule, at: instant)
    return subject.records.count { record in
      guard condition.rule == nil || record.rule == condition.rule, let time = record.time(of: condition.transition) else { return false }
      return time > window.after && time <= window.through
    }
  }

  private func reviewFinding(_ condition: ReviewCondition) -> Finding {
    let count = count(condition)
    var finding = Finding(about: "review \(condition.transition.rawValue)", verdict: verdict(condition.comparison, count: count))
    note(condition.window, in: &finding)
    return noted(count, condition.comparison, finding)
  }

  private func noted(_ count: Int, _ comparison: Comparison, _ finding: Finding) -> Finding {
    var finding = finding
    finding.statistic = "count"
    if case .number(let number) = comparison.threshold { note(comparison, number: number, in: &finding) }
    finding.value = Double(count)
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

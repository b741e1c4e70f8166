/// Evaluates one condition for one service in three values.
struct ConditionEvaluation {
  let ruleSet: RuleSet
  let records: JointRecords
  let participant: Participant
  let instant: Instant
  /// One for each leaf, in their order.
  let answers: ArraySlice<LeafAnswer>
  private var next: Int

  init(
    ruleSet: RuleSet, records: JointRecords, participant: Participant, instant: Instant, answers: ArraySlice<LeafAnswer>
  ) {
    self.ruleSet = ruleSet
    self.records = records
    self.participant = participant
    self.instant = instant
    self.answers = answers
    next = answers.startIndex
  }

  // Every leaf is evaluated, also where the rest is decided: leaves stay in step with answers.
  mutating func evaluate(_ condition: Condition) -> Truth {
    switch condition {
    case .allOf(let parts): return .all(of: parts.map { evaluate($0) })
    case .anyOf(let parts): return .any(of: parts.map { evaluate($0) })
    case .noneOf(let parts): return Truth.any(of: parts.map { evaluate($0) }).negated
    case .indicator, .event, .review, .target, .service:
      defer { next += 1 }
      return verdict(condition, answers[next])
    }
  }

  func verdict(_ leaf: Condition, _ answer: LeafAnswer) -> Truth {
    switch (leaf, answer) {
    case (.indicator(let condition), .figure(let answer, let window)): verdict(condition, answer, over: window)
    case (.event(let condition), .figure(let answer, _)): verdict(condition, answer)
    case (.review(let condition), _): verdict(condition.comparison, count: count(condition))
    case (.target(let condition), .targets(let answers)): verdict(condition, answers)
    case (.service(let selector), _): Truth(selector.matches(participant.service))
    default: preconditionFailure("a leaf and its answers are of different kinds")
    }
  }

  func verdict(_ condition: IndicatorCondition, _ answer: Answer, over window: ServiceWindow) -> Truth {
    guard unknownReason(condition, answer, over: window) == nil, let quantity = answer.figure?.quantity,
      let threshold = number(condition)
    else { return .unknown }
    return Truth(condition.comparison.comparison.holds(quantity, threshold))
  }

  func unknownReason(_ condition: IndicatorCondition, _ answer: Answer, over window: ServiceWindow) -> String? {
    condition.measurement.unknownReason(answer, over: window, ruleSet.indicator(condition.indicator))
  }

  func verdict(_ condition: EventCondition, _ answer: Answer) -> Truth {
    guard case .events(let count) = answer else { return .unknown }
    return verdict(condition.comparison, count: count.matching)
  }

  func verdict(_ comparison: Comparison, count: Int) -> Truth {
    guard case .number(let number) = comparison.threshold else { return .unknown }
    return Truth(comparison.comparison.holds(Quantity(count: count), number))
  }

  /// A period counts as missed if any target was missed in it; those that are unknown may have been.
  private func verdict(_ condition: TargetCondition, _ answers: [TargetAnswer]) -> Truth {
    guard let repeated = condition.repeated else { return .any(of: answers.map { missed($0) }) }
    let periods = (0..<repeated.ofLast).map { period in
      Truth.any(of: answers.filter { $0.question.period == period }.map { missed($0) })
    }
    let missedCount = periods.count { $0 == .true }
    if missedCount >= repeated.times { return .true }
    return missedCount + periods.count { $0 == .unknown } >= repeated.times ? .unknown : .false
  }

  func missed(_ answer: TargetAnswer) -> Truth {
    let (target, window) = (answer.question.target, answer.question.window)
    return target.isMet(answer.answer, over: window, ruleSet.indicator(target.indicator)).negated
  }

  func count(_ condition: ReviewCondition) -> Int {
    records.count(condition, in: participant.window(condition.window, at: instant), at: instant)
  }

  func number(_ condition: IndicatorCondition) -> DecimalValue? {
    switch condition.comparison.threshold {
    case .number(let number): number
    case .target: participant.service.targets(for: condition.indicator).first?.number
    }
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

/// Evaluates one condition for one service in three values, keeping what each leaf found.
struct ConditionEvaluation {
  let ruleSet: RuleSet
  let records: JointRecords
  let participant: Participant
  /// The participant's place in each row.
  let position: Int
  let instant: Instant
  let rows: ArraySlice<ConditionAnswers.Row>
  private var nextRow: Int

  init(
    ruleSet: RuleSet, records: JointRecords, participant: Participant, position: Int, instant: Instant,
    rows: ArraySlice<ConditionAnswers.Row>
  ) {
    self.ruleSet = ruleSet
    self.records = records
    self.participant = participant
    self.position = position
    self.instant = instant
    self.rows = rows
    nextRow = rows.startIndex
  }

  // Every leaf is evaluated, also where the rest is decided: leaves stay in step with answers.
  mutating func evaluate(_ condition: Condition) -> Truth {
    switch condition {
    case .allOf(let parts): return .all(of: parts.map { evaluate($0) })
    case .anyOf(let parts): return .any(of: parts.map { evaluate($0) })
    case .noneOf(let parts): return Truth.any(of: parts.map { evaluate($0) }).negated
    case .indicator, .event, .review, .target, .service:
      defer { nextRow += 1 }
      return verdict(condition, row: rows[nextRow])
    }
  }

  func verdict(_ leaf: Condition, row: ConditionAnswers.Row) -> Truth {
    switch (leaf, row) {
    case (.indicator(let condition), .series(let answers)): verdict(condition, answers[position])
    case (.event(let condition), .events(let counts)): verdict(condition.comparison, count: counts[position].matching)
    case (.review(let condition), _): verdict(condition.comparison, count: count(condition))
    case (.target(let condition), .targets(let answers)): verdict(condition, answers[position])
    case (.service(let selector), _): Truth(selector.matches(participant.service))
    default: preconditionFailure("a leaf and its answers are of different kinds")
    }
  }

  func verdict(_ condition: IndicatorCondition, _ answer: SeriesAnswer) -> Truth {
    guard unknownReason(condition, answer) == nil, let quantity = answer.quantity, let threshold = number(condition) else {
      return .unknown
    }
    return Truth(condition.comparison.comparison.holds(quantity, threshold))
  }

  func unknownReason(_ condition: IndicatorCondition, _ answer: SeriesAnswer) -> String? {
    let window = participant.window(condition.measurement.window, at: instant)
    return condition.measurement.unknownReason(answer, over: window, ruleSet.indicator(condition.indicator))
  }

  func verdict(_ comparison: Comparison, count: Int) -> Truth {
    guard case .number(let number) = comparison.threshold else { return .unknown }
    return Truth(comparison.comparison.holds(Quantity(count: count), number))
  }

  /// A period counts as missed if any target was missed in it; those that are unknown may have been.
  private func verdict(_ condition: TargetCondition, _ answers: [SeriesAnswer]) -> Truth {
    let judged = judgements(condition, answers)
    guard let repeated = condition.repeated else { return .any(of: judged.map(\.missed)) }
    let periods = (0..<repeated.ofLast).map { period in Truth.any(of: judged.filter { $0.question.period == period }.map(\.missed)) }
    let missed = periods.count { $0 == .true }
    if missed >= repeated.times { return .true }
    return missed + periods.count { $0 == .unknown } >= repeated.times ? .unknown : .false
  }

  /// Each target that is meant with what was found of it.
  func judgements(
    _ condition: TargetCondition, _ answers: [SeriesAnswer]
  ) -> [(question: TargetQuestion, answer: SeriesAnswer, missed: Truth)] {
    zip(TargetQuestion.all(condition, participant, at: instant), answers).map { question, answer in
      let indicator = ruleSet.indicator(question.target.indicator)
      return (question, answer, question.target.isMet(answer, over: question.window, indicator).negated)
    }
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

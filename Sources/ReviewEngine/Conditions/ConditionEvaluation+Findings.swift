/// What each leaf found, in words and figures; only a trigger or a changed due day needs it.
extension ConditionEvaluation {
  func findings(_ leaves: some Sequence<Condition>) -> [Finding] {
    zip(leaves, answers).flatMap { findings(of: $0, $1) }.map { finding in
      var finding = finding
      if case .customer = records.subject { finding.service = participant.service.id }
      return finding
    }
  }

  private func findings(of leaf: Condition, _ answer: LeafAnswer) -> [Finding] {
    switch (leaf, answer) {
    case (.indicator(let condition), .figure(let answer, let window)): [finding(condition, answer, over: window)]
    case (.event(let condition), .figure(let answer, _)): [finding(condition, answer)]
    case (.review(let condition), _): [finding(condition)]
    case (.target, .targets(let answers)): answers.isEmpty ? [noTarget] : answers.map(finding)
    case (.service(let selector), _): [finding(selector, verdict(leaf, answer))]
    default: []
    }
  }

  private var noTarget: Finding {
    var finding = Finding(about: "targets", verdict: .false)
    finding.reason = "the service has no target"
    return finding
  }

  private func finding(_ condition: IndicatorCondition, _ answer: Answer, over window: ServiceWindow) -> Finding {
    var finding = Finding(about: condition.indicator, verdict: verdict(condition, answer, over: window))
    note(condition.measurement, answer, in: &finding)
    note(condition.measurement.window, in: &finding)
    note(condition.comparison, number: number(condition), in: &finding)
    finding.reason = unknownReason(condition, answer, over: window)
    if finding.verdict == .unknown { finding.value = nil }
    return finding
  }

  private func finding(_ found: TargetAnswer) -> Finding {
    let (target, question) = (found.question.target, found.question)
    var finding = Finding(about: target.indicator, verdict: missed(found))
    note(target.measurement, found.answer, in: &finding)
    note(question.window, words: words(question), in: &finding)
    finding.comparison = target.comparison.rawValue
    finding.threshold = target.number.doubleValue
    finding.isTarget = true
    finding.asksWhetherMissed = true
    finding.reason = target.measurement.unknownReason(
      found.answer, over: question.window, ruleSet.indicator(target.indicator))
    if finding.verdict == .unknown { finding.value = nil }
    return finding
  }

  private func note(_ measurement: Measurement, _ answer: Answer, in finding: inout Finding) {
    finding.statistic = measurement.statistic.name
    guard let answer = answer.figure else { return }
    finding.sampleCount = measurement.statistic == .latest ? nil : answer.sampleCount
    finding.newestSample = answer.newest?.description
    finding.value = answer.quantity?.doubleValue
  }

  private func finding(_ condition: EventCondition, _ answer: Answer) -> Finding {
    var finding = Finding(about: condition.type, verdict: verdict(condition, answer))
    note(condition.window, in: &finding)
    switch answer {
    case .events(let count):
      if count.lackingAttribute > 0 {
        finding.reason = "\(counted(count.lackingAttribute, "event")) without the attribute"
      }
      return noted(count.matching, condition.comparison, finding)
    case .unavailable(let reason): finding.reason = reason
    case .series: break
    }
    return noted(nil, condition.comparison, finding)
  }

  private func finding(_ condition: ReviewCondition) -> Finding {
    let count = count(condition)
    var finding = Finding(
      about: "review \(condition.transition.rawValue)", verdict: verdict(condition.comparison, count: count))
    note(condition.window, in: &finding)
    return noted(count, condition.comparison, finding)
  }

  private func finding(_ selector: ServiceSelector, _ verdict: Truth) -> Finding {
    var finding = Finding(about: "service", verdict: verdict)
    finding.reason = selector.attributes(of: participant.service).joined(separator: ", ")
    return finding
  }

  private func noted(_ count: Int?, _ comparison: Comparison, _ finding: Finding) -> Finding {
    var finding = finding
    finding.statistic = "count"
    if case .number(let number) = comparison.threshold { note(comparison, number: number, in: &finding) }
    finding.value = count.map { Double($0) }
    return finding
  }

  private func note(_ comparison: Comparison, number: DecimalValue?, in finding: inout Finding) {
    finding.comparison = comparison.comparison.rawValue
    finding.threshold = number?.doubleValue
    if comparison.threshold == .target { finding.isTarget = true }
  }

  private func note(_ window: Window?, in finding: inout Finding) {
    guard let window else { return }
    let bounds = participant.window(window, at: instant)
    note(bounds, words: words(window, bounds), in: &finding)
  }

  private func note(_ bounds: ServiceWindow, words: String?, in finding: inout Finding) {
    guard bounds.after > .distantPast else { return }
    finding.window = words
    finding.windowStart = (bounds.includesStart ? bounds.first : bounds.after).description
    finding.windowEnd = bounds.through.description
  }

  private func words(_ question: TargetQuestion) -> String? {
    if question.period != nil { return "in the \(stretch(question.window))" }
    return question.target.measurement.window.map { words($0, question.window) }
  }

  // `time from 1 Jan to 31 Jan`
  private func stretch(_ window: ServiceWindow) -> String {
    let zone = participant.service.zone
    let (first, last) = (zone.day(of: window.first), zone.day(of: window.through))
    return "time from \(first.short(besides: zone.day(of: instant))) to \(last.short(besides: zone.day(of: instant)))"
  }

  private func words(_ window: Window, _ bounds: ServiceWindow) -> String {
    let zone = participant.service.zone
    switch window {
    case .inLast, .current: return window.description
    case .last: return "in the \(stretch(bounds))"
    case .sinceLastReview, .sinceAnyReview:
      return "since \(zone.day(of: bounds.first).short(besides: zone.day(of: instant)))"
    }
  }
}

extension ServiceWindow {
  /// The first instant that belongs to the window.
  fileprivate var first: Instant { Instant(milliseconds: after.milliseconds + 1) }

  // A start that belongs to the window is the millisecond after `after`, which nobody writes with milliseconds.
  fileprivate var includesStart: Bool { isClosed || first.milliseconds % 1000 == 0 }
}

extension ServiceSelector {
  /// What of a service was asked about: `expectations volatile`.
  fileprivate func attributes(of service: Service) -> [String] {
    var parts: [String] = []
    if customers != nil { parts.append("customer \(service.customer ?? "none")") }
    if offerings != nil { parts.append("offering \(service.offering ?? "none")") }
    if relationships != nil { parts.append("relationship \(service.relationship?.rawValue ?? "none")") }
    if journeys != nil { parts.append("journey \(service.journey?.rawValue ?? "none")") }
    if expectations != nil { parts.append("expectations \(service.expectations?.rawValue ?? "none")") }
    for label in labels { parts.append("\(label.key) \(service.labels[label.key] ?? "none")") }
    return parts
  }
}

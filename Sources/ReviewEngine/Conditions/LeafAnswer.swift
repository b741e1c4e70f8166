/// What was answered to one leaf of a condition for one participant.
enum LeafAnswer {
  /// A statistic or a count of events, over its window.
  case figure(Answer, over: ServiceWindow)
  /// In the order of `TargetQuestion.all`.
  case targets([TargetAnswer])
  /// Reviews and service attributes are state and arguments: nothing is asked.
  case none
}

/// One target over one stretch of time, with what was answered.
struct TargetAnswer {
  let question: TargetQuestion
  let answer: Answer
}

extension Participant {
  /// Looks up what a leaf needs.
  func answer(_ leaf: Condition, at instant: Instant, in lookup: inout AnswerLookup) -> LeafAnswer {
    switch leaf {
    case .indicator(let condition):
      let (measurement, window) = (condition.measurement, window(condition.measurement.window, at: instant))
      return .figure(
        lookup.answer(.statistic(measurement.statistic, of: condition.indicator, over: window)), over: window)
    case .event(let condition):
      let window = window(condition.window, at: instant)
      return .figure(
        lookup.answer(.eventCount(of: condition.type, matching: condition.matches, over: window)), over: window)
    case .target(let condition):
      return .targets(
        TargetQuestion.all(condition, self, at: instant).map {
          TargetAnswer(question: $0, answer: lookup.answer($0.question))
        })
    case .review, .service, .allOf, .anyOf, .noneOf: return .none
    }
  }
}

/// One target over one stretch of time.
struct TargetQuestion {
  let target: Target
  let window: ServiceWindow
  /// Which of the past periods it is about, from 0, the last one; nil for the target's own window.
  let period: Int?

  var question: Question { .statistic(target.measurement.statistic, of: target.indicator, over: window) }

  /// Every target that a condition means, for each period that it means.
  static func all(_ condition: TargetCondition, _ participant: Participant, at instant: Instant) -> [TargetQuestion] {
    let targets = condition.targets(of: participant.service)
    guard let repeated = condition.repeated else {
      return targets.map {
        TargetQuestion(target: $0, window: participant.window($0.measurement.window, at: instant), period: nil)
      }
    }
    return (0..<repeated.ofLast).flatMap { period in
      let window = participant.window(of: repeated.period, before: period, at: instant)
      return targets.map { TargetQuestion(target: $0, window: window, period: period) }
    }
  }
}

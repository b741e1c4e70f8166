/// Rules whose answers come in their own time.
extension Evaluation {
  /// The ids of the rules that ask about any of some indicators, for any of their services.
  package func rules(asking indicators: Set<String>) -> Set<String> {
    guard !indicators.isEmpty else { return [] }
    return Set(askingRules.filter { $0.asks(indicators, ruleSet) }.map(\.rule.id))
  }

  /// Whether an interval of a subject waits for its factors, by one of some rules.
  package func awaitsFactors(of rules: Set<String>, _ subject: Subject, at instant: Instant) -> Bool {
    askingRules.contains { asking in
      guard asking.isInterval, rules.contains(asking.rule.id), asking.rule.scope == subject.id.scope,
        subject.services.contains(where: { asking.services.contains($0.id) && $0.isInService(at: instant) })
      else { return false }
      let progress = subject.progress(of: asking.rule, meetingOn: subject.zone.day(of: instant))
      return factorsAwaitedSince(asking.rule, progress).map { $0 <= instant } ?? false
    }
  }
}

extension AskingRule {
  fileprivate func asks(_ indicators: Set<String>, _ ruleSet: RuleSet) -> Bool {
    leaves.contains { leaf in
      switch leaf {
      case .indicator(let condition): indicators.contains(condition.indicator)
      case .target(let condition):
        ruleSet.services.contains { service in
          services.contains(service.id) && condition.targets(of: service).contains { indicators.contains($0.indicator) }
        }
      case .event, .review, .service, .allOf, .anyOf, .noneOf: false
      }
    }
  }
}

import ReviewEngine

/// What happened to a review, in a sentence or two.
package struct ReviewMessage {
  private let kind: Fact.Kind
  private let review: Review
  private let ruleSet: RuleSet
  /// The trigger that the sentence gives as the reason; nil where it has another one.
  package let trigger: Trigger?
  /// That trigger in a few words.
  package let reason: String?
  /// What is said beyond the kind: a reason, a former due day.
  private let detail: String

  /// - Parameters:
  ///   - subject: nil for one that the catalogue has no more.
  ///   - count: how many triggers joined at once, where they are told together.
  package init(_ fact: Fact, _ review: Review, _ ruleSet: RuleSet, subject: Subject?, joining count: Int = 1) {
    (kind, self.review, self.ruleSet) = (fact.content.kind, review, ruleSet)
    switch fact.content {
    case .opened(_, let opening): (trigger, detail) = (opening, review.lateness(opening, subject))
    case .joined where count > 1:
      (trigger, detail) = (nil, " It has \(counted(count, "more trigger")) of the same moment.")
    case .dueMoved(let move):
      if case .trigger(let asking) = move.because {
        (trigger, detail) = (asking, "moved from \(move.from)")
      } else {
        (trigger, detail) = (fact.content.trigger, "moved from \(move.from): \(move.because.words(review))")
      }
    default: (trigger, detail) = (fact.content.trigger, fact.content.detail(in: subject?.zone ?? .utc))
    }
    reason = trigger?.summary
  }

  package var text: String {
    let subject = "The service review of \(names) (\(review.title))"
    let because = reason.map { ": \($0)" } ?? ""
    return switch kind {
    case .opened: "\(subject) is due on \(review.due)\(because).\(detail)"
    case .joined: trigger == nil ? "\(subject) has more reasons.\(detail)" : "\(subject) has one more reason\(because)."
    case .dueMoved, .intervalMoved: "\(subject) is now due on \(review.due), \(detail)."
    case .scheduled: "\(subject) will be held at \(detail)."
    case .conducted: "\(subject) was held."
    case .completed: "\(subject) is completed.\(detail)"
    case .cancelled: "\(subject) is cancelled: \(detail)."
    case .rulesRefused, .clockSet: detail
    }
  }

  private var names: String {
    if let customer = review.subject.customer {
      return "all services of \(ruleSet.customer(customer)?.name ?? customer)"
    }
    return listed(review.services.map { ruleSet.service($0)?.name ?? $0 })
  }
}

extension IntervalMove {
  /// That a review which is not open yet is due on another day.
  package func message(_ services: [Service], from before: Day, _ ruleSet: RuleSet) -> String {
    let title = ruleSet.rule(rule)?.title ?? rule
    return
      "The next service review of \(listed(services.map(\.name))) (\(title)) is now due on \(to), moved from \(before): \(evidence.arithmetic)."
  }
}

/// Names in a sentence: the first of them, and how many more there are.
private func listed(_ names: [String]) -> String {
  let largestCount = 20
  let more = names.count - largestCount
  return names.prefix(largestCount).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
}

extension Review {
  // What downtime delayed says so; what was past when rule and service first met was not delayed by anybody.
  fileprivate func lateness(_ trigger: Trigger, _ subject: Subject?) -> String {
    if trigger.at < opened { return " It was due to open at \(trigger.at), when reviewd did not run." }
    guard let opens = trigger.evidence.interval.flatMap({ Instant($0.opens) }), opened - opens > .hours(1),
      let rule = trigger.rule,
      let subject,
      let metOn = subject.progress[rule]?.metOn, subject.zone.start(of: metOn) < opens
    else { return "" }
    return " It was due to open at \(opens)."
  }
}

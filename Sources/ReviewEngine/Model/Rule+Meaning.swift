/// The meaning of a rule as one line of text, for its fingerprint.
///
/// Written out by hand, and a part that is absent leaves no trace: a version of reviewd that knows more parts gives the
/// same text for the rules of today, so that an upgrade changes no fingerprint. Titles, agendas, texts and places are
/// wording.
extension Rule {
  /// A digest of all that decides what the rule does, and of nothing else.
  package var fingerprint: String { Digest.hexadecimal(of: meaning) }

  private var meaning: String {
    let scope = scope == .service ? "" : " per \(scope.rawValue)"
    let merge: String =
      switch merge {
      case .never: "never"
      case .within(let amount): "\(amount)"
      }
    return
      "\(cause.meaning) to \(appliesTo.meaning)\(scope) merge \(merge)\(part("cooldown", cooldown)) \(review.meaning)"
  }
}

private func part(_ name: String, _ value: (some CustomStringConvertible)?) -> String {
  value.map { " \(name) \($0)" } ?? ""
}

extension Rule.Cause {
  fileprivate var meaning: String {
    switch self {
    case .interval(let cause):
      "every \(cause.every) \(cause.anchor.rawValue)\(part("opens", cause.opensBefore))\(cause.adaptation?.meaning ?? "")"
    case .recurrence(let cause): cause.meaning
    case .event(let cause): cause.meaning
    case .condition(let cause):
      "when \(cause.condition.meaning) each \(cause.evaluateEvery) holds \(cause.holdsFor)\(cause.opensIfUnknown ? " or unknown" : "")"
    }
  }
}

extension EventCause {
  var meaning: String { "upon \(type)\(matches.meaning)" }
}

extension Adaptation {
  fileprivate var meaning: String {
    let factors = factors.map { "\($0.id) ×\($0.multiplyBy) if \($0.condition.meaning)" }.joined(separator: "; ")
    return "\(part("least", least))\(part("most", most)) adapt (\(factors)) each \(evaluateEvery)"
  }
}

extension RecurrenceCause {
  fileprivate var meaning: String {
    let exceptions = exceptions.sorted().map(\.description).joined(separator: ",")
    return "recurs \(recurrence.meaning)\(part("shift", shift?.rawValue))\(part("opens", opensBefore))"
      + (exceptions.isEmpty ? "" : " except \(exceptions)")
  }
}

extension Recurrence {
  fileprivate var meaning: String {
    let until: String? =
      switch until {
      case nil: nil
      case .instant(let instant): "\(instant)"
      case .moment(let moment): "\(moment.day) \(moment.minute)"
      }
    let weekdays = weekdays.map { "\($0.ordinal ?? 0).\($0.weekday)" }
    let lists = [months, monthDays, hours, minutes, positions].map { $0.map(String.init) } + [weekdays]
    return "\(frequency.rawValue) \(interval)\(part("count", count))\(part("until", until)) "
      + lists.map { $0.joined(separator: ",") }.joined(separator: "/")
      + " week \(weekStart) from \(start.day) \(start.minute)"
  }
}

extension Condition {
  fileprivate var meaning: String {
    switch self {
    case .indicator(let leaf): "\(leaf.measurement.meaning) \(leaf.comparison.meaning)"
    case .event(let leaf): "event \(leaf.type)\(leaf.matches.meaning) \(leaf.window.meaning) \(leaf.comparison.meaning)"
    case .review(let leaf):
      "review \(leaf.transition.rawValue) \(leaf.rule ?? "*") \(leaf.window.meaning) \(leaf.comparison.meaning)"
    case .target(let leaf):
      "target \(leaf.indicator ?? "*")"
        + (leaf.repeated.map { " \($0.times) of \($0.ofLast) \($0.period.rawValue)" } ?? "")
    case .service(let selector): "service \(selector.meaning)"
    case .allOf(let parts): "all(\(parts.map(\.meaning).joined(separator: "; ")))"
    case .anyOf(let parts): "any(\(parts.map(\.meaning).joined(separator: "; ")))"
    case .noneOf(let parts): "none(\(parts.map(\.meaning).joined(separator: "; ")))"
    }
  }
}

extension Measurement {
  fileprivate var meaning: String {
    "\(statistic.name) of \(indicator)\(part("in", window?.meaning))\(part("samples", minimumSamples))\(part("coverage", coverage))"
  }
}

extension Window {
  fileprivate var meaning: String {
    switch self {
    case .inLast(let elapsed): "last \(elapsed.milliseconds)"
    case .current(let period): period.rawValue
    case .last(let period): "last_\(period.rawValue)"
    case .sinceLastReview: "since last_review"
    case .sinceAnyReview: "since any_review"
    }
  }
}

extension Comparison {
  fileprivate var meaning: String {
    switch threshold {
    case .number(let number): "\(comparison.rawValue) \(number)"
    case .target: "\(comparison.rawValue) target"
    }
  }
}

extension [AttributeMatch] {
  fileprivate var meaning: String {
    map { match in
      switch match.test {
      case .oneOf(let values): " \(match.attribute) in \(values.map(\.meaning).joined(separator: "|"))"
      case .compare(let comparison, let number): " \(match.attribute) \(comparison.rawValue) \(number)"
      }
    }.joined()
  }
}

extension AttributeValue {
  // A text that looks like a number is none.
  fileprivate var meaning: String { if case .text(let text) = self { "'\(text)'" } else { description } }
}

extension ServiceSelector {
  fileprivate var meaning: String {
    let lists: [(String, [String]?)] = [
      ("services", services), ("customers", customers), ("offerings", offerings),
      ("relationship", relationships?.map(\.rawValue)),
      ("journey", journeys?.map(\.rawValue)), ("expectations", expectations?.map(\.rawValue)),
    ]
    let labels = labels.sorted { $0.key < $1.key }.map {
      "label \($0.key)=\($0.values.sorted().joined(separator: "|"))"
    }
    return "{"
      + (lists.compactMap { name, list in list.map { "\(name)=\($0.sorted().joined(separator: "|"))" } } + labels)
      .joined(separator: " ")
      + "}"
  }
}

extension ReviewTemplate {
  fileprivate var meaning: String { "due \(due) \(priority.rawValue)" }
}

/// What a rule asks of the stored data; its answer is true, false or unknown.
package indirect enum Condition: Hashable, Sendable {
  case indicator(IndicatorCondition)
  case event(EventCondition)
  case review(ReviewCondition)
  case service(ServiceSelector)
  case allOf([Condition])
  case anyOf([Condition])
  case noneOf([Condition])

  /// The conditions without parts of their own, in the order in which they are written.
  package var leaves: [Condition] {
    switch self {
    case .indicator, .event, .review, .service: [self]
    case .allOf(let parts), .anyOf(let parts), .noneOf(let parts): parts.flatMap(\.leaves)
    }
  }
}

/// A statistic of an indicator over a window, compared with a number or with the service's target.
package struct IndicatorCondition: Hashable, Sendable {
  package let indicator: String
  package let statistic: Statistic
  package let window: Window?
  package let comparison: Comparison
  package let minimumSamples: Int?

  package init(indicator: String, statistic: Statistic = .latest, window: Window? = nil, comparison: Comparison, minimumSamples: Int? = nil)
  {
    self.indicator = indicator
    self.statistic = statistic
    self.window = window
    self.comparison = comparison
    self.minimumSamples = minimumSamples
  }
}

/// How many events of a type fall into a window.
package struct EventCondition: Hashable, Sendable {
  package let type: String
  package let matches: [AttributeMatch]
  package let window: Window
  package let comparison: Comparison

  package init(type: String, matches: [AttributeMatch] = [], window: Window, comparison: Comparison) {
    self.type = type
    self.matches = matches
    self.window = window
    self.comparison = comparison
  }
}

/// How many reviews were opened, completed or cancelled in a window.
package struct ReviewCondition: Hashable, Sendable {
  package enum Transition: String, CaseIterable, Sendable { case completed, opened, cancelled }

  package let transition: Transition
  /// Nil counts the reviews of any rule, and those opened by hand.
  package let rule: String?
  package let window: Window
  package let comparison: Comparison

  package init(transition: Transition, rule: String?, window: Window, comparison: Comparison) {
    self.transition = transition
    self.rule = rule
    self.window = window
    self.comparison = comparison
  }
}

/// What is asked of the samples in a window.
package enum Statistic: Hashable, Sendable {
  case latest, average, minimum, maximum, sum, count
  /// 0…100, such as 95 or 99.9.
  case percentile(DecimalValue)

  package var name: String {
    switch self {
    case .latest: "latest"
    case .average: "average"
    case .minimum: "minimum"
    case .maximum: "maximum"
    case .sum: "sum"
    case .count: "count"
    case .percentile(let percent): "p\(percent)"
    }
  }
}

/// The part of the past that a condition looks at.
package enum Window: Hashable, Sendable {
  /// `(t − elapsed, t]`
  case inLast(Elapsed)
  /// From the last completed review of the rule, closed at both ends.
  case sinceLastReview
  /// From the last completed review of any rule, closed at both ends.
  case sinceAnyReview
}

extension Window: CustomStringConvertible {
  package var description: String {
    switch self {
    case .inLast(let elapsed): "in the last \(elapsed)"
    case .sinceLastReview: "since the last review"
    case .sinceAnyReview: "since any review"
    }
  }
}

/// One of five comparisons, with a number or with the service's target.
package struct Comparison: Hashable, Sendable {
  package enum Operator: String, CaseIterable, Sendable {
    case below, above, equals
    case atLeast = "at_least"
    case atMost = "at_most"

    /// The word as a person says it.
    package var words: String { rawValue.replacing("_", with: " ") }
  }

  package enum Threshold: Hashable, Sendable {
    case number(DecimalValue)
    case target
  }

  package let comparison: Operator
  package let threshold: Threshold

  package init(_ comparison: Operator, _ threshold: Threshold) {
    self.comparison = comparison
    self.threshold = threshold
  }
}

extension Comparison.Operator {
  package func holds(_ quantity: Quantity, _ number: DecimalValue) -> Bool {
    let order = quantity.order(to: number)
    return switch self {
    case .below: order < 0
    case .above: order > 0
    case .atLeast: order >= 0
    case .atMost: order <= 0
    case .equals: order == 0
    }
  }
}

/// What an event's attribute must be; an event without the attribute does not match.
package struct AttributeMatch: Hashable, Sendable {
  package enum Test: Hashable, Sendable {
    case oneOf([AttributeValue])
    case compare(Comparison.Operator, DecimalValue)
  }

  package let attribute: String
  package let test: Test

  package init(attribute: String, test: Test) {
    self.attribute = attribute
    self.test = test
  }

  /// Nil where the event has no such attribute.
  package func matches(_ event: Event) -> Bool? {
    guard let value = event.attributes[attribute] else { return nil }
    switch test {
    case .oneOf(let allowed): return allowed.contains(value)
    case .compare(let comparison, let threshold):
      guard case .number(let number) = value else { return false }
      return comparison.holds(Quantity(number), threshold)
    }
  }
}

/// Whether an event matches all that is asked of its attributes, or lacks one of them.
package enum EventMatch: Hashable, Sendable {
  case matches, differs, attributeMissing
}

extension [AttributeMatch] {
  package func match(_ event: Event) -> EventMatch {
    var result = EventMatch.matches
    for part in self {
      switch part.matches(event) {
      case .some(true): continue
      case .some(false): return .differs
      case .none: result = .attributeMissing
      }
    }
    return result
  }
}

/// What a rule asks of the stored data; its answer is true, false or unknown.
package indirect enum Condition: Hashable, Sendable {
  case indicator(IndicatorCondition)
  case event(EventCondition)
  case review(ReviewCondition)
  case target(TargetCondition)
  case service(ServiceSelector)
  case allOf([Condition])
  case anyOf([Condition])
  case noneOf([Condition])

  /// The conditions without parts of their own, in the order in which they are written.
  package var leaves: [Condition] {
    switch self {
    case .indicator, .event, .review, .target, .service: [self]
    case .allOf(let parts), .anyOf(let parts), .noneOf(let parts): parts.flatMap(\.leaves)
    }
  }
}

/// A statistic of an indicator over a window, and how many samples it takes to know it.
package struct Measurement: Hashable, Sendable {
  package let indicator: String
  package let statistic: Statistic
  /// Nil for `latest`, which looks back without end.
  package let window: Window?
  package let minimumSamples: Int?
  /// Percent of the samples expected in the window.
  package let coverage: DecimalValue?

  package init(
    indicator: String, statistic: Statistic = .latest, window: Window? = nil, minimumSamples: Int? = nil,
    coverage: DecimalValue? = nil
  ) {
    self.indicator = indicator
    self.statistic = statistic
    self.window = window
    self.minimumSamples = minimumSamples
    self.coverage = coverage
  }
}

/// A measurement compared with a number or with the service's target.
package struct IndicatorCondition: Hashable, Sendable {
  package let measurement: Measurement
  package let comparison: Comparison

  package init(measurement: Measurement, comparison: Comparison) {
    self.measurement = measurement
    self.comparison = comparison
  }

  package var indicator: String { measurement.indicator }
}

/// Whether the service missed a target: over the target's own window, or in whole past periods.
package struct TargetCondition: Hashable, Sendable {
  /// In so many of the last whole periods at least.
  package struct Repetition: Hashable, Sendable {
    package let times: Int
    package let ofLast: Int
    package let period: Period

    package init(times: Int, ofLast: Int, period: Period) {
      self.times = times
      self.ofLast = ofLast
      self.period = period
    }
  }

  /// Nil: any of the service's targets.
  package let indicator: String?
  package let repeated: Repetition?

  package init(indicator: String?, repeated: Repetition? = nil) {
    self.indicator = indicator
    self.repeated = repeated
  }

  /// The targets of a service that are meant.
  package func targets(of service: Service) -> [Target] {
    indicator.map { service.targets(for: $0) } ?? service.targets
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
  /// What of a review is counted.
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
  /// Each value weighed by how long it held: until the next one or the end of the window, and never longer than its
  /// indicator goes stale after.
  case timeAverage(holdsAtMost: Elapsed?)
  /// The newest value less the oldest.
  case difference
  /// 0…100, such as 95 or 99.9.
  case percentile(DecimalValue)

  package var name: String {
    switch self {
    case .latest: "latest"
    case .average: "average"
    case .timeAverage: "time_average"
    case .minimum: "minimum"
    case .maximum: "maximum"
    case .sum: "sum"
    case .count: "count"
    case .difference: "difference"
    case .percentile(let percent): "p\(percent)"
    }
  }
}

/// A month, a quarter or a year by the calendar on the wall.
package enum Period: String, CaseIterable, Hashable, Sendable {
  case month, quarter, year

  package var months: Int {
    switch self {
    case .month: 1
    case .quarter: 3
    case .year: 12
    }
  }

  /// The first day of the period that a day lies in.
  package func start(of day: Day) -> Day {
    let (_, month, dayOfMonth) = day.civil
    return (day + (1 - dayOfMonth)).adding(months: -((month - 1) % months))
  }
}

/// The part of the past that a condition looks at.
package enum Window: Hashable, Sendable {
  /// `(t − elapsed, t]`
  case inLast(Elapsed)
  /// The current period so far, closed at both ends.
  case current(Period)
  /// The last whole period.
  case last(Period)
  /// From the last completed review of the rule, closed at both ends.
  case sinceLastReview
  /// From the last completed review of any rule, closed at both ends.
  case sinceAnyReview
}

extension Window: CustomStringConvertible {
  package var description: String {
    switch self {
    case .inLast(let elapsed): "in the last \(elapsed)"
    case .current(let period): "in this \(period.rawValue)"
    case .last(let period): "in the last whole \(period.rawValue)"
    case .sinceLastReview: "since the last review"
    case .sinceAnyReview: "since any review"
    }
  }
}

/// One of five comparisons, with a number or with the service's target.
package struct Comparison: Hashable, Sendable {
  /// How a figure is compared, by its word in the rule file.
  package enum Operator: String, CaseIterable, Sendable {
    case below, above, equals
    case atLeast = "at_least"
    case atMost = "at_most"

    /// The word as a person says it.
    package var words: String { rawValue.replacing("_", with: " ") }
  }

  /// What a figure is compared with.
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
  /// What is asked of an attribute.
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

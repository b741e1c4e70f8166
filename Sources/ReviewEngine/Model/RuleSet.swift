/// All that administrators declared: customers, services, indicators, event types and rules.
package struct RuleSet: Sendable {
  package let calendars: [WorkingCalendar]
  package let customers: [Customer]
  package let offerings: [Offering]
  /// By id.
  package let services: [Service]
  package let indicators: [Indicator]
  package let eventTypes: [EventType]
  /// In rule order: files by name, then position.
  package let rules: [Rule]

  private let customerIndex: [String: Int]
  private let serviceIndex: [String: Int]
  /// Where the first service of each customer is.
  private let firstServiceIndex: [String: Int]
  private let indicatorIndex: [String: Int]
  private let eventTypeIndex: [String: Int]
  private let ruleIndex: [String: Int]

  package init(
    calendars: [WorkingCalendar] = [], customers: [Customer] = [], offerings: [Offering] = [], services: [Service],
    indicators: [Indicator],
    eventTypes: [EventType], rules: [Rule]
  ) {
    self.calendars = calendars
    self.offerings = offerings
    self.customers = customers
    self.services = services.sorted { $0.id < $1.id }
    self.indicators = indicators
    self.eventTypes = eventTypes
    self.rules = rules
    customerIndex = index(customers, by: \.id)
    serviceIndex = index(self.services, by: \.id)
    firstServiceIndex = Dictionary(
      self.services.enumerated().compactMap { index, service in service.customer.map { ($0, index) } },
      uniquingKeysWith: { first, _ in first })
    indicatorIndex = index(indicators, by: \.id)
    eventTypeIndex = index(eventTypes, by: \.id)
    ruleIndex = index(rules, by: \.id)
  }

  package func service(_ id: String) -> Service? { serviceIndex[id].map { services[$0] } }
  package func indicator(_ id: String) -> Indicator? { indicatorIndex[id].map { indicators[$0] } }
  package func eventType(_ id: String) -> EventType? { eventTypeIndex[id].map { eventTypes[$0] } }
  package func rule(_ id: String) -> Rule? { ruleIndex[id].map { rules[$0] } }
  package func customer(_ id: String) -> Customer? { customerIndex[id].map { customers[$0] } }

  /// The first service of a customer, by id.
  package func firstService(ofCustomer id: String) -> Service? { firstServiceIndex[id].map { services[$0] } }

  package func offering(_ id: String) -> Offering? { offerings.first { $0.id == id } }

  /// The same without the rules that are left out.
  package func filtered(rules isIncluded: (Rule) -> Bool) -> RuleSet {
    RuleSet(
      calendars: calendars, customers: customers, offerings: offerings, services: services, indicators: indicators,
      eventTypes: eventTypes,
      rules: rules.filter(isIncluded))
  }
}

private func index<Element>(_ elements: [Element], by key: (Element) -> String) -> [String: Int] {
  Dictionary(elements.enumerated().map { (key($1), $0) }, uniquingKeysWith: { first, _ in first })
}

extension Rule {
  /// Whether the rule is evaluated for a service: it selects it, and the service has every target that the rule asks
  /// about.
  package func applies(to service: Service) -> Bool {
    guard appliesTo.matches(service) else { return false }
    return leaves.allSatisfy { leaf in
      switch leaf {
      case .indicator(let condition) where condition.comparison.threshold == .target:
        !service.targets(for: condition.indicator).isEmpty
      case .target(let condition) where condition.indicator != nil: !condition.targets(of: service).isEmpty
      default: true
      }
    }
  }

  /// The leaves of the rule's condition; those of factors only adapt an interval, which stands without them.
  private var leaves: [Condition] {
    guard case .condition(let cause) = cause else { return [] }
    return cause.leaves
  }

  /// The indicators that the rule compares with the service's target.
  package var indicatorsWithTarget: [String] {
    leaves.compactMap {
      guard case .indicator(let leaf) = $0, leaf.comparison.threshold == .target else { return nil }
      return leaf.indicator
    }
  }

  /// What the rule asks of targets; those of factors aside.
  package var targetConditions: [TargetCondition] {
    leaves.compactMap { if case .target(let condition) = $0 { condition } else { nil } }
  }

  /// Every leaf of the rule's condition or of its factors.
  package var allLeaves: [Condition] {
    if case .interval(let cause) = cause { return cause.adaptation?.leaves ?? [] }
    return leaves
  }
}

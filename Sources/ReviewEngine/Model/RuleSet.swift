/// All that administrators declared: customers, services, indicators, event types and rules.
package struct RuleSet: Sendable {
  package let customers: [Customer]
  /// By id.
  package let services: [Service]
  package let indicators: [Indicator]
  package let eventTypes: [EventType]
  /// In rule order: files by name, then position.
  package let rules: [Rule]

  private let serviceIndex: [String: Int]
  private let indicatorIndex: [String: Int]
  private let eventTypeIndex: [String: Int]
  private let ruleIndex: [String: Int]

  package init(customers: [Customer] = [], services: [Service], indicators: [Indicator], eventTypes: [EventType], rules: [Rule]) {
    self.customers = customers
    self.services = services.sorted { $0.id < $1.id }
    self.indicators = indicators
    self.eventTypes = eventTypes
    self.rules = rules
    serviceIndex = index(self.services, by: \.id)
    indicatorIndex = index(indicators, by: \.id)
    eventTypeIndex = index(eventTypes, by: \.id)
    ruleIndex = index(rules, by: \.id)
  }

  package func service(_ id: String) -> Service? { serviceIndex[id].map { services[$0] } }
  package func indicator(_ id: String) -> Indicator? { indicatorIndex[id].map { indicators[$0] } }
  package func eventType(_ id: String) -> EventType? { eventTypeIndex[id].map { eventTypes[$0] } }
  package func rule(_ id: String) -> Rule? { ruleIndex[id].map { rules[$0] } }
  package func customer(_ id: String) -> Customer? { customers.first { $0.id == id } }

  /// The same without the rules that are left out.
  package func filtered(rules isIncluded: (Rule) -> Bool) -> RuleSet {
    RuleSet(customers: customers, services: services, indicators: indicators, eventTypes: eventTypes, rules: rules.filter(isIncluded))
  }
}

private func index<Element>(_ elements: [Element], by key: (Element) -> String) -> [String: Int] {
  Dictionary(elements.enumerated().map { (key($1), $0) }, uniquingKeysWith: { first, _ in first })
}

extension Rule {
  /// Whether the rule is evaluated for a service: it selects it, and the service has every target that the rule compares with.
  package func applies(to service: Service) -> Bool {
    appliesTo.matches(service) && indicatorsWithTarget.allSatisfy { !service.targets(for: $0).isEmpty }
  }

  /// The indicators that the rule's condition compares with the service's target.
  package var indicatorsWithTarget: [String] {
    guard case .condition(let cause) = cause else { return [] }
    return cause.leaves.compactMap {
      guard case .indicator(let leaf) = $0, leaf.comparison.threshold == .target else { return nil }
      return leaf.indicator
    }
  }
}

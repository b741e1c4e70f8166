/// Who consumes services.
package struct Customer: Hashable, Sendable {
  package let id: String
  package let name: String
  package let stakeholders: Stakeholders
  /// Nil: that of the first of its services, by id.
  package let calendar: WorkingCalendar?

  package init(id: String, name: String, stakeholders: Stakeholders = Stakeholders(), calendar: WorkingCalendar? = nil)
  {
    self.id = id
    self.name = name
    self.stakeholders = stakeholders
    self.calendar = calendar
  }
}

/// Standard levels to choose from, "out of the box".
package struct Offering: Hashable, Sendable {
  package let id: String
  package let name: String
  package let targets: [Target]

  package init(id: String, name: String, targets: [Target]) {
    self.id = id
    self.name = name
    self.targets = targets
  }
}

/// People by role, roles in the order in which they are written.
package struct Stakeholders: Hashable, Sendable {
  /// People in one role, by their ids.
  package struct Role: Hashable, Sendable {
    package let role: String
    package let people: [String]

    package init(role: String, people: [String]) {
      self.role = role
      self.people = people
    }
  }

  package let roles: [Role]

  package init(roles: [Role] = []) { self.roles = roles }
}

/// What is reviewed.
package struct Service: Hashable, Sendable {
  /// Whether the customer is one of another organization.
  package enum Relationship: String, CaseIterable, Sendable { case external, `internal` }
  /// The steps of ITIL 4's customer journey.
  package enum JourneyStage: String, CaseIterable, Sendable {
    case explore, engage, offer, agree, onboard, coCreate = "co-create", realize
  }
  /// How likely the customer's requirements are to change.
  package enum Expectations: String, CaseIterable, Sendable { case stable, normal, volatile }

  package var id: String
  package var name: String
  package var customer: String?
  package var relationship: Relationship?
  /// The standard levels that it takes its targets from; nil where they are tailored.
  package var offering: String?
  package var journey: JourneyStage?
  package var expectations: Expectations?
  package var labels: [String: String] = [:]
  package var inServiceSince: Day?
  package var inServiceUntil: Day?
  package var stakeholders = Stakeholders()
  package var targets: [Target] = []
  package var calendar = WorkingCalendar.everyDay

  package init(id: String, name: String) {
    self.id = id
    self.name = name
  }

  package var zone: Zone { calendar.zone }

  /// Whether anything is evaluated for the service at an instant: its first and last day are both in service.
  package func isInService(at instant: Instant) -> Bool {
    if let since = inServiceSince, instant < zone.start(of: since) { return false }
    if let until = inServiceUntil, instant >= zone.end(of: until) { return false }
    return true
  }

  /// The first instant not before another one at which it is in service; nil after its end.
  package func firstInService(notBefore instant: Instant) -> Instant? {
    let first = max(instant, inServiceSince.map { zone.start(of: $0) } ?? instant)
    return isInService(at: first) ? first : nil
  }

  /// The service's targets for an indicator.
  package func targets(for indicator: String) -> [Target] { targets.filter { $0.indicator == indicator } }
}

/// The service level agreed for an indicator of a service.
package struct Target: Hashable, Sendable {
  package let measurement: Measurement
  package let comparison: Comparison.Operator
  package let number: DecimalValue

  package init(measurement: Measurement, comparison: Comparison.Operator, number: DecimalValue) {
    self.measurement = measurement
    self.comparison = comparison
    self.number = number
  }

  package var indicator: String { measurement.indicator }
}

/// Which services a rule or a condition means: every part that is given must match.
package struct ServiceSelector: Hashable, Sendable {
  /// A key and a value by which services are chosen.
  package struct Label: Hashable, Sendable {
    package let key: String
    package let values: [String]

    package init(key: String, values: [String]) {
      self.key = key
      self.values = values
    }
  }

  package var services: [String]?
  package var customers: [String]?
  package var offerings: [String]?
  package var relationships: [Service.Relationship]?
  package var journeys: [Service.JourneyStage]?
  package var expectations: [Service.Expectations]?
  package var labels: [Label] = []

  package init() {}

  package func matches(_ service: Service) -> Bool {
    allows(services, service.id) && allows(customers, service.customer) && allows(offerings, service.offering)
      && allows(relationships, service.relationship)
      && allows(journeys, service.journey) && allows(expectations, service.expectations)
      && labels.allSatisfy { allows($0.values, service.labels[$0.key]) }
  }

  private func allows<Value: Equatable>(_ allowed: [Value]?, _ value: Value?) -> Bool {
    guard let allowed else { return true }
    guard let value else { return false }
    return allowed.contains(value)
  }
}

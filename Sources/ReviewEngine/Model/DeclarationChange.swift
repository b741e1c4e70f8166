/// What another rule set declares otherwise, besides rules.
package struct DeclarationChange: Hashable, Sendable {
  /// What is declared.
  package enum Kind: String, Sendable {
    case calendar, customer, offering, service, indicator
    case eventType = "event_type"
  }

  /// What became of it.
  package enum Change: String, Sendable { case added, removed, changed }

  package let kind: Kind
  package let id: String
  package let change: Change
  /// The keys of a file that say otherwise; empty for what is new or gone.
  package let keys: [String]
}

extension RuleSet {
  /// What this set declares otherwise than another one: by kind, then by id.
  package func declarationChanges(from other: RuleSet) -> [DeclarationChange] {
    changes(.calendar, other.calendars, calendars, id: \.id) { $0.changedKeys(from: $1) }
      + changes(.customer, other.customers, customers, id: \.id) { $0.changedKeys(from: $1) }
      + changes(.offering, other.offerings, offerings, id: \.id) { $0.changedKeys(from: $1) }
      + changes(.service, other.services, services, id: \.id) { $0.changedKeys(from: $1) }
      + changes(.indicator, other.indicators, indicators, id: \.id) { $0.changedKeys(from: $1) }
      + changes(.eventType, other.eventTypes, eventTypes, id: \.id) { $0.changedKeys(from: $1) }
  }
}

private func changes<Declaration>(
  _ kind: DeclarationChange.Kind, _ old: [Declaration], _ new: [Declaration], id: (Declaration) -> String,
  keys: (_ new: Declaration, _ old: Declaration) -> [String]
) -> [DeclarationChange] {
  let before = Dictionary(old.map { (id($0), $0) }, uniquingKeysWith: { first, _ in first })
  let after = Dictionary(new.map { (id($0), $0) }, uniquingKeysWith: { first, _ in first })
  return Set(before.keys).union(after.keys).sorted().compactMap { name in
    guard let now = after[name] else { return DeclarationChange(kind: kind, id: name, change: .removed, keys: []) }
    guard let then = before[name] else { return DeclarationChange(kind: kind, id: name, change: .added, keys: []) }
    let changed = keys(now, then)
    return changed.isEmpty ? nil : DeclarationChange(kind: kind, id: name, change: .changed, keys: changed)
  }
}

/// The keys whose values differ, in the order of the documentation.
private func differing(_ values: [(key: String, isSame: Bool)]) -> [String] {
  values.filter { !$0.isSame }.map(\.key)
}

extension WorkingCalendar {
  fileprivate func changedKeys(from old: WorkingCalendar) -> [String] {
    differing([
      ("zone", zone.id == old.zone.id), ("hours", hours == old.hours),
      ("holidays", holidays == old.holidays && yearlyHolidays == old.yearlyHolidays),
    ])
  }
}

extension Customer {
  fileprivate func changedKeys(from old: Customer) -> [String] {
    differing([
      ("name", name == old.name), ("stakeholders", stakeholders == old.stakeholders),
      ("calendar", calendar?.id == old.calendar?.id),
    ])
  }
}

extension Offering {
  fileprivate func changedKeys(from old: Offering) -> [String] {
    differing([("name", name == old.name), ("targets", targets == old.targets)])
  }
}

extension Service {
  fileprivate func changedKeys(from old: Service) -> [String] {
    differing([
      ("name", name == old.name), ("customer", customer == old.customer),
      ("relationship", relationship == old.relationship), ("offering", offering == old.offering),
      ("journey", journey == old.journey), ("expectations", expectations == old.expectations),
      ("labels", labels == old.labels), ("in_service_since", inServiceSince == old.inServiceSince),
      ("in_service_until", inServiceUntil == old.inServiceUntil), ("stakeholders", stakeholders == old.stakeholders),
      ("targets", targets == old.targets), ("calendar", calendar.id == old.calendar.id),
    ])
  }
}

extension Indicator {
  fileprivate func changedKeys(from old: Indicator) -> [String] {
    differing([
      ("title", title == old.title), ("unit", unit == old.unit), ("better", better == old.better),
      ("perspective", perspective == old.perspective), ("range", range == old.range),
      ("expected_every", expectedEvery == old.expectedEvery), ("stale_after", staleAfter == old.staleAfter),
    ])
  }
}

extension EventType {
  fileprivate func changedKeys(from old: EventType) -> [String] {
    differing([("title", title == old.title), ("attributes", attributes == old.attributes)])
  }
}

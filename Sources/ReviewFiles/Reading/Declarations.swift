import ReviewEngine
import Yams

/// What the files declare, gathered kind by kind, so that a later one can refer to an earlier one.
final class Declarations {
  var indicators: [Indicator] = []
  var eventTypes: [EventType] = []
  var calendars: [WorkingCalendar] = []
  /// The days of the .ics files in calendars.d, by the name of the file.
  var holidayFiles: [String: Set<Day>] = [:]
  var customers: [Customer] = []
  var offerings: [Offering] = []
  var services: [Service] = []
  var rules: [Rule] = []
  /// Ids of all rules, known before any rule is read.
  var ruleIds: [String] = []
  /// Where each kind and id was declared first.
  private var places: [String: (path: String, line: Int)] = [:]
  private var indicatorsById: [String: Indicator] = [:]
  private var eventTypesById: [String: EventType] = [:]

  /// Whether an id is the first of its kind; a second one is reported.
  func claim(_ id: String, _ kind: String, at node: Node?, in document: YamlDocument) -> Bool {
    let key = "\(kind) \(id)"
    guard let first = places[key] else {
      places[key] = (document.path, node?.mark?.line ?? 0)
      return true
    }
    document.report(at: node, "the \(kind) '\(id)' is declared twice: first in \(first.path):\(first.line)")
    return false
  }

  func add(_ indicator: Indicator) {
    indicators.append(indicator)
    indicatorsById[indicator.id] = indicator
  }

  func add(_ eventType: EventType) {
    eventTypes.append(eventType)
    eventTypesById[eventType.id] = eventType
  }

  func indicator(_ node: Node?, in document: YamlDocument) -> Indicator? {
    guard let id = document.text(node, "an indicator") else { return nil }
    if let indicator = indicatorsById[id] { return indicator }
    document.report(at: node, "undeclared indicator '\(id)'" + meant(id, among: indicators.map(\.id)))
    return nil
  }

  func eventType(_ node: Node?, in document: YamlDocument) -> EventType? {
    guard let id = document.text(node, "an event type") else { return nil }
    if let type = eventTypesById[id] { return type }
    document.report(at: node, "undeclared event type '\(id)'" + meant(id, among: eventTypes.map(\.id)))
    return nil
  }

  /// The id at a node, if it is among those declared.
  func reference(_ node: Node?, _ kind: String, among ids: [String], in document: YamlDocument) -> String? {
    guard let id = document.text(node, "a \(kind)") else { return nil }
    if ids.contains(id) { return id }
    document.report(at: node, "undeclared \(kind) '\(id)'" + meant(id, among: ids))
    return nil
  }

  var ruleSet: RuleSet {
    RuleSet(
      calendars: calendars, customers: customers, offerings: offerings, services: services, indicators: indicators, eventTypes: eventTypes,
      rules: rules)
  }
}

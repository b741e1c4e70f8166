import ReviewEngine

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
  /// Words that a misspelt one may have meant.
  let suggestions = FileSuggestions()
  /// The time zones that were read, by name.
  var zones: [String: Zone] = [:]
  private var holidayCount = 0
  /// Days that recurrence rules were judged by.
  var judgedDayCount = 0
  /// Where each kind and id was declared first.
  private var places: [String: (path: String, line: Int)] = [:]
  private var indicatorsById: [String: Indicator] = [:]
  private var eventTypesById: [String: EventType] = [:]

  /// Whether an id is the first of its kind; a second one is reported.
  func claim(_ id: String, _ kind: String, at node: Node?, in document: YamlDocument) -> Bool {
    let key = "\(kind) \(id)"
    guard let first = places[key] else {
      places[key] = (document.path, node?.mark.line ?? 0)
      return true
    }
    document.report(at: node, "the \(kind) '\(id)' is declared twice: first in \(first.path):\(first.line)")
    return false
  }

  static let largestHolidayCount = 1_000_000

  /// Whether there is room for a file's holidays in one more calendar.
  func claimHolidays(_ count: Int) -> Bool {
    holidayCount += count
    return holidayCount <= Self.largestHolidayCount
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
    document.report(at: node, "undeclared indicator '\(id)'" + suggestions.meant(id, among: indicators.map(\.id)))
    return nil
  }

  func eventType(_ node: Node?, in document: YamlDocument) -> EventType? {
    guard let id = document.text(node, "an event type") else { return nil }
    if let type = eventTypesById[id] { return type }
    document.report(at: node, "undeclared event type '\(id)'" + suggestions.meant(id, among: eventTypes.map(\.id)))
    return nil
  }

  /// What can be referred to by its id.
  enum Kind: String { case calendar, customer, offering, service, rule }

  private func ids(_ kind: Kind) -> [String] {
    switch kind {
    case .calendar: calendars.map(\.id)
    case .customer: customers.map(\.id)
    case .offering: offerings.map(\.id)
    case .service: services.map(\.id)
    case .rule: ruleIds
    }
  }

  private func count(_ kind: Kind) -> Int {
    switch kind {
    case .calendar: calendars.count
    case .customer: customers.count
    case .offering: offerings.count
    case .service: services.count
    case .rule: ruleIds.count
    }
  }

  private var indices: [Kind: (count: Int, places: [String: Int])] = [:]

  /// Where in its list the first of an id stands. A kind is complete before others refer to it, so that its index is
  /// made once.
  func index(of id: String, _ kind: Kind) -> Int? {
    if let known = indices[kind], known.count == count(kind) { return known.places[id] }
    let ids = ids(kind)
    let places = Dictionary(zip(ids, ids.indices)) { first, _ in first }
    indices[kind] = (ids.count, places)
    return places[id]
  }

  /// The id at a node, if it is among those declared.
  func reference(_ node: Node?, _ kind: Kind, in document: YamlDocument) -> String? {
    guard let id = document.text(node, "a \(kind.rawValue)") else { return nil }
    if index(of: id, kind) != nil { return id }
    document.report(at: node, "undeclared \(kind.rawValue) '\(id)'" + suggestions.meant(id, among: ids(kind)))
    return nil
  }

  var ruleSet: RuleSet {
    RuleSet(
      calendars: calendars, customers: customers, offerings: offerings, services: services, indicators: indicators,
      eventTypes: eventTypes,
      rules: rules)
  }
}

import TestSupport

/// Rules, a catalogue and calendars of the whole language, drawn by chance: each is valid, and few are what anybody
/// would write.
struct RandomLanguage {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  private mutating func one<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &generator)]
  }

  private mutating func happens(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

  private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  // MARK: The catalogue

  mutating func catalogue() -> String {
    let calendars = ["", ", calendar: office", ", calendar: nights", ", calendar: far"]
    let customers = "customers: [{id: acme, name: Acme\(one(calendars))}, {id: zeta, name: Zeta}]\n"
    let offerings =
      "offerings: [{id: gold, targets: [{indicator: level, statistic: \(one(["minimum", "average", "time_average"])), "
      + "\(one(["in_last: 12 hours", "in: month", "in_last: 2 days"])), at_least: \(number(3...40))}]}]\n"
    let services = ["a", "b", "c", "s"].map { id in
      var service = "  - {id: \(id), name: \(id.uppercased())\(one(calendars))"
      if happens(60) { service += ", customer: \(one(["acme", "acme", "zeta"]))" }
      if happens(50) { service += ", offering: gold" }
      if happens(30) { service += ", expectations: \(one(["stable", "volatile"]))" }
      service += ", labels: {tier: \(one(["gold", "silver"]))}"
      if happens(70) { service += ", in_service_since: \(one(["2025-11-30", "2025-12-24", "2026-01-05"]))" }
      if happens(25) { service += ", in_service_until: \(one(["2026-01-11", "2026-01-16"]))" }
      return service + "}\n"
    }
    return customers + offerings + "services:\n" + services.joined()
  }

  mutating func calendars() -> String {
    """
    calendars:
      - {id: office, zone: America/New_York, hours: {mon-fri: ["09:00-17:00"]}, holidays: {dates: [2026-01-\(number(12...19))]}}
      - {id: nights, zone: Asia/Kathmandu, hours: {sun-thu: ["20:00-23:30"]}, holidays: {yearly: ["01-0\(number(6...9))"]}}
      - {id: far, zone: Pacific/Kiritimati, hours: {mon-sat: ["08:00-12:00"]}}

    """
  }

  // MARK: Rules

  private static let fewest = 4

  /// Drawn again they have the same ids and mean something else.
  mutating func rules() -> [String] {
    let count = number(Self.fewest...7)
    return (0..<count).map { index in rule("r\(index)", "r\(number(0...Self.fewest - 1))") }
  }

  private mutating func rule(_ id: String, _ other: String) -> String {
    var rule = "  - {id: \(id), title: \(id.uppercased())"
    let isJoint = happens(25)
    if isJoint { rule += ", per: customer" }
    if happens(25) {
      rule += ", applies_to: \(one(["{labels: {tier: gold}}", "{services: [a, b, s]}", "{offerings: gold}"]))"
    }
    switch number(0...5) {
    case 0, 1: rule += interval(isJoint, other)
    case 2:
      rule +=
        ", recurs: {rule: \"FREQ=WEEKLY;BYDAY=\(one(["TU,SA", "MO", "SU,WE,FR"]));BYHOUR=\(number(0...23))\", starts: 2026-01-01"
      if happens(60) { rule += ", shift: \(one(["next_working_day", "previous_working_day"]))" }
      rule += happens(30) ? ", except: [2026-01-13]}" : "}"
      if happens(60) { rule += ", opens_before: \(number(1...2)) days" }
    case 3:
      rule += ", upon: {event: \(one(["incident", "incident", "change"]))}"
      if happens(60) {
        rule = rule.replacing(
          "event: incident}", with: "event: incident, where: {severity: \(one(["1", "[1, 2]", "{at_most: 2}"]))}}")
      }
      if happens(50) { rule += ", cooldown: \(one(["25 hours", "2 days", "7 hours"]))" }
    default:
      rule += ", when: \(condition(isJoint, other, depth: 0)), evaluate_every: \(one(["1 hour", "3 hours", "6 hours"]))"
      if happens(40) { rule += ", holds_for: \(one(["2 hours", "6 hours", "1 day"]))" }
      if happens(30) { rule += ", if_unknown: \(one(["open", "ignore"]))" }
      if happens(40) { rule += ", cooldown: \(one(["1 day", "30 hours"]))" }
    }
    if happens(60) { rule += ", merge: \(one(["never", "never", "3 days", "5 working days"]))" }
    let due = one(["1 day", "2 working days", "3 days", "1 week"])
    let isInterval = rule.contains(", every: ") || rule.contains(", recurs: ")
    if happens(70) { rule += ", review: {\(isInterval ? "" : "due: \(due), ")priority: \(one(["normal", "high"]))}" }
    return rule + "}\n"
  }

  private mutating func interval(_ isJoint: Bool, _ other: String) -> String {
    var text =
      ", every: \(one(["5 days", "1 week", "2 weeks", "4 working days", "11 days"])), opens_before: \(one(["1 day", "2 days"]))"
    if happens(30) { text += ", anchor: due_date" }
    guard happens(60) else { return text }
    text += ", adapt: {\(happens(50) ? "between: [3 days, 1 month], " : "")factors: ["
    let factors = (0..<number(1...3)).map {
      "{id: f\($0), when: \(condition(isJoint, other, depth: 1)), multiply_by: \(one(["0.5", "0.4", "1.5", "0.75"]))}"
    }
    return text + factors.joined(separator: ", ") + "]}, evaluate_every: \(one(["2 hours", "6 hours"]))"
  }

  private mutating func condition(_ isJoint: Bool, _ other: String, depth: Int) -> String {
    if depth < 2, happens(30) {
      let parts = (0..<number(2...3)).map { _ in condition(isJoint, other, depth: depth + 1) }
      return "{\(one(["all_of", "any_of", "none_of"])): [\(parts.joined(separator: ", "))]}"
    }
    switch number(0...9) {
    case 0...4: return measurement()
    case 5, 6:
      let filter = happens(40) ? ", where: {severity: {at_most: \(number(1...2))}}" : ""
      return "{event: incident\(filter), \(window()), \(one(["at_least", "at_most"])): \(number(1...4))}"
    case 7:
      return
        "{review: \(one(["completed", "opened", "cancelled"])), of: \(one(["any", other])), \(window()), at_least: \(number(1...3))}"
    case 8: return "{target_missed: \(one(["any", "level"]))}"
    default: return "{service: {expectations: \(one(["volatile", "stable"]))}}"
    }
  }

  private mutating func measurement() -> String {
    let comparison = "\(one(["below", "above", "at_least", "at_most"])): \(number(20...70))"
    switch number(0...9) {
    case 0: return "{indicator: level, \(comparison)}"
    case 1: return "{indicator: level, statistic: count, \(window()), at_least: \(number(2...9))}"
    case 2: return "{indicator: level, statistic: sum, \(window()), above: \(number(100...400))}"
    case 3: return "{indicator: level, statistic: difference, \(window()), above: \(number(-20...40))}"
    default:
      let statistic = one(["average", "time_average", "minimum", "maximum", "p95", "p50"])
      let demand =
        happens(20) ? ", coverage: \(number(5...40))%" : happens(20) ? ", minimum_samples: \(number(2...5))" : ""
      return "{indicator: level, statistic: \(statistic), \(window()), \(comparison)\(demand)}"
    }
  }

  private mutating func window() -> String {
    one([
      "in_last: 12 hours", "in_last: 2 days", "in_last: 7 days", "in: month", "in: last_month", "since: last_review",
      "since: any_review",
    ])
  }
}

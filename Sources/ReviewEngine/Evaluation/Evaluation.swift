import Algorithms

/// The rules as they are evaluated: which apply to whom, and when they are due.
///
/// Its `questions` and `decide` are the one evaluation: live running, replay, forecast and rule tests are their
/// callers. They read no clock, start no task and write nothing.
package struct Evaluation: Sendable {
  package let ruleSet: RuleSet
  /// Shared between subjects to which the same rules apply: ten thousand services have few different lists.
  private let rulesBySubject: [SubjectID: RuleList]
  private let servicesByRule: [String: Set<String>]
  private let tables: [String: RecurrenceTable]
  private let fingerprints: [String: String]
  /// The rules that ask conditions or factors, in rule order.
  let askingRules: [AskingRule]
  /// The customers whose rules ask for reviews, those of their services among them.
  let askingCustomers: Set<String>

  package init(ruleSet: RuleSet) {
    self.ruleSet = ruleSet
    let all = Set(ruleSet.services.map(\.id))
    servicesByRule = ruleSet.rules.reduce(into: [:]) { services, rule in
      let applying = Set(ruleSet.services.lazy.filter { rule.applies(to: $0) }.map(\.id))
      // Most rules apply to all: one set serves them.
      services[rule.id] = applying.count == all.count ? all : applying
    }
    fingerprints = Dictionary(
      ruleSet.rules.map { ($0.id, $0.fingerprint) }, uniquingKeysWith: { first, _ in first })
    let subjects = ruleSet.subjects { _, _ in Day(number: 0) }
    let applying = servicesByRule
    var lists: [[Int32]: RuleList] = [:]
    rulesBySubject = subjects.reduce(into: [:]) { rules, subject in
      let indices = ruleSet.rules.indices.filter { index in
        let rule = ruleSet.rules[index]
        return rule.scope == subject.id.scope
          && subject.services.contains { applying[rule.id]?.contains($0.id) ?? false }
      }.map { Int32($0) }
      let list = lists[indices] ?? RuleList(indices.map { ruleSet.rules[Int($0)] })
      lists[indices] = list
      rules[subject.id] = list
    }
    tables = Self.tables(ruleSet, subjects)
    askingCustomers = Self.askingCustomers(rulesBySubject)
    askingRules = ruleSet.rules.compactMap { AskingRule($0, services: applying[$0.id] ?? []) }
  }

  /// What tells whether a rule means the same as another one, worked out once for all of its reviews.
  func fingerprint(of rule: Rule) -> String { fingerprints[rule.id] ?? rule.fingerprint }

  private static func askingCustomers(_ rules: [SubjectID: RuleList]) -> Set<String> {
    Set(
      rules.filter { $0.key.customer != nil && $0.value.rules.contains(where: \.asksForReviews) }.compactMap(
        \.key.customer))
  }

  /// The customer whose rules ask for reviews of a service; nil where none do.
  package func customer(asking service: String) -> String? {
    askingCustomers.isEmpty
      ? nil : ruleSet.service(service)?.customer.flatMap { askingCustomers.contains($0) ? $0 : nil }
  }

  /// Whether the rules of a customer ask for reviews.
  package func asksForReviews(_ customer: String) -> Bool { askingCustomers.contains(customer) }

  /// What a rule may count of reviews.
  func records(of subject: Subject, for rule: Rule) -> JointRecords {
    JointRecords(subject, services: subject.serviceRecords.isEmpty ? [] : services(of: subject, for: rule))
  }

  private static func tables(_ ruleSet: RuleSet, _ subjects: [Subject]) -> [String: RecurrenceTable] {
    var tables: [String: RecurrenceTable] = [:]
    for rule in ruleSet.rules {
      guard case .recurrence(let cause) = rule.cause else { continue }
      for subject in subjects where tables[key(rule, subject.calendar)] == nil {
        tables[key(rule, subject.calendar)] = RecurrenceTable(cause, subject.calendar)
      }
    }
    return tables
  }

  private static func key(_ rule: Rule, _ calendar: WorkingCalendar) -> String { "\(rule.id) \(calendar.id)" }

  /// The rules that apply to a subject, in rule order.
  package func rules(for subject: Subject) -> [Rule] { rulesBySubject[subject.id]?.rules ?? [] }

  /// The services of a subject that a rule applies to.
  func services(of subject: Subject, for rule: Rule) -> [Service] {
    subject.services.filter { servicesByRule[rule.id]?.contains($0.id) ?? false }
  }

  /// A subject as a rule sees it: of a customer's services only those that it applies to, with which it begins and
  /// ends.
  package func subject(_ subject: Subject, for rule: Rule) -> Subject {
    guard case .customer = subject.id else { return subject }
    var seen = subject
    seen.services = services(of: subject, for: rule)
    return seen
  }

  /// When a rule's next review of a subject is due and opens; nil for a rule that is no interval, or that never recurs
  /// again.
  package func schedule(of rule: Rule, _ progress: RuleProgress, _ subject: Subject) -> IntervalSchedule? {
    let subject = self.subject(subject, for: rule)
    switch rule.cause {
    case .interval(let cause): return IntervalSchedule(cause, progress: progress, subject: subject)
    case .recurrence(let cause):
      return tables[Self.key(rule, subject.calendar)].flatMap {
        IntervalSchedule(cause, $0, progress: progress, subject: subject)
      }
    case .event, .condition: return nil
    }
  }
}

/// Some rules, in rule order.
private final class RuleList: Sendable {
  let rules: [Rule]

  init(_ rules: [Rule]) { self.rules = rules }
}

extension Rule {
  /// Whether what it asks depends on reviews of any rule.
  var asksForReviews: Bool {
    allLeaves.contains { leaf in
      switch leaf {
      case .review: true
      case .indicator(let condition): condition.measurement.window == .sinceAnyReview
      case .event(let condition): condition.window == .sinceAnyReview
      case .target, .service, .allOf, .anyOf, .noneOf: false
      }
    }
  }

  /// How often the rule's condition or factors are asked; nil for a rule without them.
  package var gridStep: Elapsed? {
    switch cause {
    case .condition(let cause): cause.evaluateEvery
    case .interval(let cause): cause.adaptation?.evaluateEvery
    case .recurrence, .event: nil
    }
  }
}

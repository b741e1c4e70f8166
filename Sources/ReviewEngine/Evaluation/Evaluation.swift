import Algorithms

/// The one evaluation function: live running, replay, forecast and rule tests are its callers.
///
/// It reads no clock, starts no task and writes nothing: an occasion, the rules, the subjects' state and a way to read series
/// go in, decisions and the subjects' new state come out.
package struct Evaluation: Sendable {
  package let ruleSet: RuleSet
  /// Shared between subjects to which the same rules apply: ten thousand services have few different lists.
  private let rulesBySubject: [SubjectID: RuleList]
  private let servicesByRule: [String: Set<String>]
  private let tables: [String: RecurrenceTable]
  /// The customers whose rules ask for reviews, those of their services among them.
  private let askingCustomers: Set<String>

  package init(ruleSet: RuleSet) {
    self.ruleSet = ruleSet
    let all = Set(ruleSet.services.map(\.id))
    servicesByRule = ruleSet.rules.reduce(into: [:]) { services, rule in
      let applying = Set(ruleSet.services.lazy.filter { rule.applies(to: $0) }.map(\.id))
      // Most rules apply to all: one set serves them.
      services[rule.id] = applying.count == all.count ? all : applying
    }
    let subjects = ruleSet.subjects { _, _ in Day(number: 0) }
    let applying = servicesByRule
    var lists: [[Int32]: RuleList] = [:]
    rulesBySubject = subjects.reduce(into: [:]) { rules, subject in
      let indices = ruleSet.rules.indices.filter { index in
        let rule = ruleSet.rules[index]
        return rule.scope == subject.id.scope && subject.services.contains { applying[rule.id]?.contains($0.id) ?? false }
      }.map { Int32($0) }
      let list = lists[indices] ?? RuleList(indices.map { ruleSet.rules[Int($0)] })
      lists[indices] = list
      rules[subject.id] = list
    }
    tables = Self.tables(ruleSet, subjects)
    askingCustomers = Self.askingCustomers(rulesBySubject)
  }

  private static func askingCustomers(_ rules: [SubjectID: RuleList]) -> Set<String> {
    Set(rules.filter { $0.key.customer != nil && $0.value.rules.contains(where: \.asksForReviews) }.compactMap(\.key.customer))
  }

  /// The customer whose rules ask for reviews of a service; nil where none do.
  package func customer(asking service: String) -> String? {
    askingCustomers.isEmpty ? nil : ruleSet.service(service)?.customer.flatMap { askingCustomers.contains($0) ? $0 : nil }
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

  /// A subject as a rule sees it: of a customer's services only those that it applies to, with which it begins and ends.
  package func subject(_ subject: Subject, for rule: Rule) -> Subject {
    guard case .customer = subject.id else { return subject }
    var seen = subject
    seen.services = services(of: subject, for: rule)
    return seen
  }

  /// When a rule's next review of a subject is due and opens; nil for a rule that is no interval, or that never recurs again.
  package func schedule(of rule: Rule, _ progress: RuleProgress, _ subject: Subject) -> IntervalSchedule? {
    let subject = self.subject(subject, for: rule)
    switch rule.cause {
    case .interval(let cause): return IntervalSchedule(cause, progress: progress, subject: subject)
    case .recurrence(let cause):
      return tables[Self.key(rule, subject.calendar)].flatMap { IntervalSchedule(cause, $0, progress: progress, subject: subject) }
    case .event, .condition: return nil
    }
  }

  /// Decides one occasion for the subjects: services by id, then customers by id.
  package func decide(_ occasion: Occasion, subjects: inout [Subject], series: inout some SeriesSource) throws -> Verdict {
    var verdict = Verdict()
    for commanded in occasion.commands { follow(commanded, &subjects, &verdict, at: occasion.instant) }
    for opening in occasion.openingsByHand { open(opening, &subjects, &verdict, at: occasion.instant) }
    if occasion.isRecalendared { recount(&subjects, &verdict, at: occasion.recordedAt) }
    meet(&subjects, at: occasion.instant)
    let asked = try ask(occasion, subjects, &series)
    let customers = askingPlaces(subjects)
    for index in subjects.indices where subjects[index].isInService(at: occasion.instant) {
      var evaluation = SubjectEvaluation(subject: subjects[index], evaluation: self, occasion: occasion, verdict: verdict)
      // Their places are emptied while it is evaluated: two holders would make of each change a copy of the whole history, and of each
      // decision one of all decisions before it.
      subjects[index] = Self.nobody
      verdict = Verdict()
      evaluation.run(asked.compactMap { $0.part(of: index) })
      subjects[index] = evaluation.subject
      verdict = evaluation.verdict
      // Customers come after their services, and see what just happened to them.
      guard let service = subjects[index].id.service, let place = customer(asking: service).flatMap({ customers[$0] }) else { continue }
      subjects[place].serviceRecords[service] = subjects[index].records
    }
    return verdict
  }

  /// Where the customers stand whose rules ask for reviews.
  private func askingPlaces(_ subjects: [Subject]) -> [String: Int] {
    guard !askingCustomers.isEmpty else { return [:] }
    return Dictionary(
      subjects.indices.compactMap { index in
        subjects[index].id.customer.flatMap { askingCustomers.contains($0) ? ($0, index) : nil }
      }, uniquingKeysWith: { first, _ in first })
  }

  private static let nobody = Subject(service: Service(id: "", name: ""), firstLoadedOn: Day(number: 0))

  // A rule that adapts needs to know what was reviewed before it is asked anything.
  private func meet(_ subjects: inout [Subject], at instant: Instant) {
    for rule in ruleSet.rules where rule.isInterval && rule.gridStep != nil {
      for index in subjects.indices where subjects[index].id.scope == rule.scope {
        guard subjects[index].progress[rule.id] == nil, !subjects[index].records.isEmpty, subjects[index].isInService(at: instant),
          !services(of: subjects[index], for: rule).isEmpty
        else { continue }
        subjects[index].progress[rule.id] = subjects[index].progress(of: rule, meetingOn: subjects[index].zone.day(of: instant))
      }
    }
  }

  /// Asks each rule that has something to ask for all its services at once: completions are done, and nothing that follows at this
  /// instant changes what a window holds.
  private func ask(_ occasion: Occasion, _ subjects: [Subject], _ series: inout some SeriesSource) throws -> [AskedRule] {
    var asked: [AskedRule] = []
    for rule in ruleSet.rules {
      guard let step = rule.gridStep else { continue }
      let isDue = occasion.evaluatesConditions && occasion.instant.isOnGrid(every: step) && !occasion.excludedRules.contains(rule.id)
      let participants = participants(rule, subjects, occasion.instant, isDue: isDue)
      guard !participants.isEmpty else { continue }
      let answers = try ConditionAnswers(rule.allLeaves, for: participants, at: occasion.instant, from: &series)
      asked.append(AskedRule(rule: rule, participants: participants[...], answers: answers))
    }
    return asked
  }

  private func participants(_ rule: Rule, _ subjects: [Subject], _ instant: Instant, isDue: Bool) -> [Participant] {
    guard isDue || rule.isInterval, let services = servicesByRule[rule.id] else { return [] }
    var participants: [Participant] = []
    for (index, subject) in subjects.enumerated() where subject.id.scope == rule.scope {
      if rule.isInterval, subject.progress[rule.id]?.needsFactors(isDue: isDue) != true { continue }
      // Most subjects have only their own.
      let last =
        subject.serviceRecords.isEmpty ? subject.lastCompletion : records(of: subject, for: rule).lastCompletion(at: instant)
      for service in subject.services where services.contains(service.id) && service.isInService(at: instant) {
        participants.append(Participant(subject, at: index, service: service, rule: rule, lastOfAny: last))
      }
    }
    return participants
  }
}

/// Some rules, in rule order.
private final class RuleList: Sendable {
  let rules: [Rule]

  init(_ rules: [Rule]) { self.rules = rules }
}

extension RuleProgress {
  /// Factors adapt what follows a review: they are asked on their grid, and at once when a review has closed.
  fileprivate func needsFactors(isDue: Bool) -> Bool {
    guard let lastClosing else { return false }
    return isDue || adapted?.closing != lastClosing.review
  }
}

/// A rule with the answers for all of its participants.
struct AskedRule {
  let rule: Rule
  /// In the order of their subjects.
  let participants: ArraySlice<Participant>
  let answers: ConditionAnswers

  /// The same for one subject; nil where the rule was not asked for it.
  func part(of subject: Int) -> AskedRule? {
    let start = participants.partitioningIndex { $0.subjectIndex >= subject }
    var end = start
    while end < participants.endIndex, participants[end].subjectIndex == subject { end += 1 }
    return start == end ? nil : AskedRule(rule: rule, participants: participants[start..<end], answers: answers)
  }
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

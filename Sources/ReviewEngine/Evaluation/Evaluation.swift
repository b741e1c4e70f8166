/// The one evaluation function: live running, replay, forecast and rule tests are its callers.
///
/// It reads no clock, starts no task and writes nothing: an occasion, the rules, the subjects' state and a way to read series
/// go in, decisions and the subjects' new state come out.
package struct Evaluation: Sendable {
  package let ruleSet: RuleSet
  private let rulesByService: [String: [Rule]]
  private let servicesByRule: [String: Set<String>]

  package init(ruleSet: RuleSet) {
    self.ruleSet = ruleSet
    let pairs = ruleSet.services.map { service in (service.id, ruleSet.rules.filter { $0.applies(to: service) }) }
    rulesByService = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    servicesByRule = pairs.reduce(into: [:]) { services, pair in
      for rule in pair.1 { services[rule.id, default: []].insert(pair.0) }
    }
  }

  /// The rules that apply to a service, in rule order.
  package func rules(for service: String) -> [Rule] { rulesByService[service] ?? [] }

  /// Decides one occasion for the subjects, which are in the order of their services' ids.
  package func decide(_ occasion: Occasion, subjects: inout [Subject], series: inout some SeriesSource) throws -> Verdict {
    for closing in occasion.closings { close(closing, in: &subjects) }
    let asked = try ask(occasion, subjects, &series)
    var verdict = Verdict()
    for index in subjects.indices where subjects[index].service.isInService(at: occasion.instant) {
      var evaluation = SubjectEvaluation(
        subject: subjects[index], rules: rules(for: subjects[index].service.id), ruleSet: ruleSet, occasion: occasion, verdict: verdict)
      // Its place is emptied while it is evaluated: two holders would make of each change a copy of its whole history.
      subjects[index] = Self.nobody
      evaluation.run(asked.map { $0.part(of: index) })
      subjects[index] = evaluation.subject
      verdict = evaluation.verdict
    }
    return verdict
  }

  private static let nobody = Subject(service: Service(id: "", name: ""), firstLoadedOn: Day(number: 0))

  private func close(_ closing: Closing, in subjects: inout [Subject]) {
    let hasCooldown = closing.rule.flatMap { ruleSet.rule($0) }?.cooldown != nil
    for index in subjects.indices where subjects[index].openReview(closing.review) != nil {
      subjects[index].close(closing, hasCooldown: hasCooldown)
    }
  }

  /// Asks each condition rule that is due for all its services at once: completions are done, and nothing that follows at this
  /// instant changes what a window holds.
  private func ask(_ occasion: Occasion, _ subjects: [Subject], _ series: inout some SeriesSource) throws -> [AskedRule] {
    guard occasion.evaluatesConditions else { return [] }
    var asked: [AskedRule] = []
    for rule in ruleSet.rules {
      guard case .condition(let cause) = rule.cause, occasion.instant.isOnGrid(every: cause.evaluateEvery),
        !occasion.excludedRules.contains(rule.id)
      else { continue }
      let services = servicesByRule[rule.id] ?? []
      let participants = subjects.indices.filter {
        services.contains(subjects[$0].service.id) && subjects[$0].service.isInService(at: occasion.instant)
      }
      guard !participants.isEmpty else { continue }
      let answers = try ConditionAnswers(
        cause.leaves, of: rule, for: participants.map { subjects[$0] }, at: occasion.instant, from: &series)
      asked.append(AskedRule(rule: rule, cause: cause, participants: participants, answers: answers))
    }
    return asked
  }
}

/// A condition rule with the answers for all of its services.
struct AskedRule {
  let rule: Rule
  let cause: ConditionCause
  /// Indices of subjects, ascending; answers are in the same order.
  let participants: [Int]
  let answers: ConditionAnswers

  /// The same for one subject; its `position` is nil where the rule does not apply to it.
  func part(of subject: Int) -> (asked: AskedRule, position: Int?) {
    var (low, high) = (0, participants.count)
    while low < high {
      let middle = (low + high) / 2
      if participants[middle] < subject { low = middle + 1 } else { high = middle }
    }
    return (self, low < participants.count && participants[low] == subject ? low : nil)
  }
}

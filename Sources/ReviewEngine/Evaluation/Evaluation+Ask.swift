import Algorithms

extension Evaluation {
  /// Looks up what each rule that has something to ask needs, for all its services: nothing that follows at this
  /// instant changes what a window holds.
  func ask(_ occasion: Occasion, _ subjects: [Subject], _ lookup: inout AnswerLookup) -> [AskedRule] {
    guard occasion.evaluatesConditions || occasion.asksFactorsAtOnce else { return [] }
    var asked: [AskedRule] = []
    for asking in askingRules where occasion.part.asks(asking.rule.id) {
      let isDue =
        occasion.evaluatesConditions && occasion.instant.isOnGrid(every: asking.step)
        && !occasion.excludedRules.contains(asking.rule.id)
      guard isDue || asking.isInterval && occasion.asksFactorsAtOnce else { continue }
      let participants = participants(asking, subjects, occasion, isDue: isDue)
      guard !participants.isEmpty else { continue }
      let answers = participants.map { participant in
        asking.leaves.map { participant.answer($0, at: occasion.instant, in: &lookup) }
      }
      asked.append(AskedRule(asking: asking, participants: participants[...], answers: answers[...]))
    }
    return asked
  }

  private func participants(_ asking: AskingRule, _ subjects: [Subject], _ occasion: Occasion, isDue: Bool)
    -> [Participant]
  {
    let instant = occasion.instant
    var participants: [Participant] = []
    for index in subjects.indices where subjects[index].id.scope == asking.rule.scope {
      let progress = subjects[index].progress[asking.rule.id]
      // What follows a review that closed after it is asked later.
      if asking.isInterval || occasion.part.hasWaited, let closed = progress?.lastClosing?.at, closed > instant {
        continue
      }
      if asking.isInterval, progress?.needsFactors(isDue: isDue) != true { continue }
      let lastOfAny = lastCompletion(of: subjects[index], for: asking.rule, occasion)
      for service in subjects[index].services
      where asking.services.contains(service.id) && service.isInService(at: instant) {
        participants.append(
          Participant(subjects[index], at: index, service: service, rule: asking.rule.id, lastOfAny: lastOfAny))
      }
    }
    return participants
  }

  private func lastCompletion(of subject: Subject, for rule: Rule, _ occasion: Occasion) -> Closing? {
    // Most subjects have only their own.
    if subject.serviceRecords.isEmpty, !occasion.part.hasWaited { return subject.lastCompletion }
    return records(of: subject, for: rule).lastCompletion(at: occasion.instant)
  }

  /// Whether an interval waits for its factors, because a review has closed since they were asked.
  func awaitsFactors(_ rule: Rule, _ progress: RuleProgress) -> Bool { factorsAwaitedSince(rule, progress) != nil }

  /// Since when, which is when the review closed; nil where it does not wait.
  func factorsAwaitedSince(_ rule: Rule, _ progress: RuleProgress) -> Instant? {
    rule.isInterval && rule.gridStep != nil && progress.needsFactors(isDue: false) ? progress.lastClosing?.at : nil
  }
}

extension RuleProgress {
  /// Factors adapt what follows a review: they are asked on their grid, and at once when a review has closed.
  fileprivate func needsFactors(isDue: Bool) -> Bool {
    guard let lastClosing else { return false }
    return isDue || adapted(after: lastClosing) == nil
  }
}

/// A rule that asks conditions or factors, with what would be worked out at each instant.
final class AskingRule: Sendable {
  let rule: Rule
  let step: Elapsed
  let leaves: [Condition]
  let isInterval: Bool
  /// The services that it applies to.
  let services: Set<String>

  /// - Returns: nil for a rule that asks nothing.
  init?(_ rule: Rule, services: Set<String>) {
    guard let step = rule.gridStep else { return nil }
    self.rule = rule
    self.step = step
    self.services = services
    leaves = rule.allLeaves
    isInterval = rule.isInterval
  }
}

/// A rule with the answers for all of its participants.
struct AskedRule {
  let asking: AskingRule
  /// In the order of their subjects.
  let participants: ArraySlice<Participant>
  /// For each participant one for each leaf.
  let answers: ArraySlice<[LeafAnswer]>

  var rule: Rule { asking.rule }

  /// The same for one subject; nil where the rule was not asked for it.
  func part(of subject: Int) -> AskedRule? {
    let start = participants.partitioningIndex { $0.subjectIndex >= subject }
    var end = start
    while end < participants.endIndex, participants[end].subjectIndex == subject { end += 1 }
    return start == end
      ? nil : AskedRule(asking: asking, participants: participants[start..<end], answers: answers[start..<end])
  }
}

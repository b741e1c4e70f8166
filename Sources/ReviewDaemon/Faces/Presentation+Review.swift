import Foundation
import ReviewAPI
import ReviewEngine
import ReviewStore
import ReviewWords

/// Everything about one review, and of what is much the parts that tell most.
extension Presentation {
  private static let shownTriggers = 10
  private static let shownHistory = (first: 10, last: 40)

  package func detail(_ review: Review, _ snapshot: StoreSnapshot) throws -> ReviewDetail {
    let triggers = try tellingTriggers(review, snapshot)
    let (history, historyLeftOut) = try snapshot.history(
      ofReview: review.id, first: Self.shownHistory.first, last: Self.shownHistory.last)
    let triggersLeftOut = review.triggerCount - triggers.count
    let services = review.services.compactMap { ruleSet.service($0) }
    return ReviewDetail(
      review: try body(review, snapshot), periodStart: review.periodStart.description,
      periodEnd: review.conducted.map { ruleSet.zone(of: review.subject).day(of: $0).description },
      agenda: review.agenda,
      outcome: review.completion.outcome,
      cancellationReason: review.cancellationReason,
      providerSatisfaction: review.completion.providerSatisfaction?.doubleValue,
      customerSatisfaction: review.completion.customerSatisfaction?.doubleValue,
      stakeholders: Self.merged(services.flatMap(stakeholders)),
      triggers: try triggers.map(body), triggersLeftOut: triggersLeftOut > 0 ? triggersLeftOut : nil,
      history: history.map(body), historyLeftOut: historyLeftOut > 0 ? historyLeftOut : nil,
      historyLeftOutAfter: historyLeftOut > 0 ? Self.shownHistory.first : nil)
  }

  /// The first, the last, and between them the first of each rule.
  private func tellingTriggers(_ review: Review, _ snapshot: StoreSnapshot) throws -> [StoredTrigger] {
    let most = 3 * Self.shownTriggers
    if review.triggerCount <= most { return try snapshot.triggers(ofReview: review.id, limit: most) }
    let parts =
      try snapshot.triggers(ofReview: review.id, limit: Self.shownTriggers)
      + snapshot.lastTriggers(ofReview: review.id, limit: Self.shownTriggers)
    let shown = Set(parts.map(\.number))
    // Those that are shown already may be among the first of their rules.
    let telling = try snapshot.firstTriggers(ofEachRuleOf: review.id, limit: most).filter { !shown.contains($0.number) }
    return (parts + telling.prefix(Self.shownTriggers)).sorted { $0.number < $1.number }
  }

  package func triggers(
    ofReview id: String, after: Int64, limit: Int, _ snapshot: StoreSnapshot
  ) throws -> TriggerPage {
    let found = try snapshot.triggers(ofReview: id, after: after, limit: limit)
    return TriggerPage(triggers: try found.map(body), next: found.count == limit ? found.last?.number : nil)
  }

  package func history(
    ofReview id: String, after: Int64, limit: Int, _ snapshot: StoreSnapshot
  ) throws -> HistoryPage {
    let found = try snapshot.history(ofReview: id, after: after, limit: limit)
    return HistoryPage(
      history: found.map(body), next: found.count == limit ? found.last?.logged.number : nil)
  }

  /// Each role once, with everybody who has it for one of the services.
  private static func merged(_ roles: [StakeholderBody]) -> [StakeholderBody] {
    roles.reduce(into: []) { merged, role in
      guard let place = merged.firstIndex(where: { $0.role == role.role }) else { return merged.append(role) }
      let known = merged[place].people
      merged[place].people.append(contentsOf: role.people.filter { !known.contains($0) })
    }
  }

  private func body(_ fact: HistoricFact) -> HistoryBody {
    let entry = HistoryEntry(fact)
    return HistoryBody(
      at: entry.at.description, who: entry.who, what: entry.what, from: entry.from, to: entry.to, why: entry.why)
  }

  private func body(_ stored: StoredTrigger) throws -> TriggerBody {
    let trigger = stored.trigger
    // The wire's evidence has the same keys as the engine's, which the store keeps as JSON.
    let evidence = try WireJson.decode(EvidenceBody.self, from: JSONEncoder().encode(trigger.evidence))
    return TriggerBody(
      services: trigger.services, rule: trigger.rule, at: trigger.at.description, recorded: stored.recorded.description,
      summary: trigger.evidence.summary, evidence: evidence)
  }
}

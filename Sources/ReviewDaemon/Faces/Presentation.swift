import Foundation
import ReviewAPI
import ReviewEngine
import ReviewStore
import ReviewWords

/// Turns what is stored into what is sent.
package struct Presentation {
  let ruleSet: RuleSet
  let now: Instant

  package init(ruleSet: RuleSet, now: Instant) {
    self.ruleSet = ruleSet
    self.now = now
  }

  func body(_ review: Review, _ snapshot: StoreSnapshot) throws -> ReviewBody {
    ReviewBody(
      id: review.id, shortId: shortId(review.id, neighbours: try snapshot.neighbours(ofReview: review.id)),
      rule: review.rule,
      title: review.title, services: review.services, customer: review.subject.customer,
      zone: ruleSet.zone(of: review.subject).id,
      state: review.state.rawValue,
      overdue: isOverdue(review),
      priority: review.priority.rawValue, opened: review.opened.description, due: review.due.description,
      scheduled: review.scheduled?.description, conducted: review.conducted?.description,
      closed: review.closed?.description,
      triggerCount: review.triggerCount)
  }

  func isOverdue(_ review: Review) -> Bool {
    ruleSet.isOverdue(review.state, due: review.due, of: review.subject, at: now)
  }

  /// How many reviews are overdue, in the catalogue's zones.
  package func overdueCount(_ snapshot: StoreSnapshot) throws -> Int {
    try snapshot.openReviewCounts(dueBefore: .firstOverNowhere(at: now)).reduce(0) { count, open in
      ruleSet.isOverdue(.pending, due: open.due, of: open.subject, at: now) ? count + open.count : count
    }
  }

  private func shortId(_ id: String, neighbours: [String]) -> String {
    let shared = neighbours.map { zip($0, id).prefix { $0 == $1 }.count }.max() ?? 0
    return String(id.prefix(max(4, shared + 1)))
  }

  func stakeholders(_ service: Service) -> [StakeholderBody] {
    let customer = service.customer.flatMap { ruleSet.customer($0) }
    return (service.stakeholders.roles + (customer?.stakeholders.roles ?? [])).map {
      StakeholderBody(role: $0.role, people: $0.people)
    }
  }

  /// - Parameter subjects: the service's own, and that of its customer if it has one.
  func body(_ service: Service, _ subjects: [Subject], upcoming: [UpcomingReview]) -> ServiceBody {
    let open = subjects.flatMap(\.openReviews)
    return ServiceBody(
      id: service.id, name: service.name, customer: service.customer, relationship: service.relationship?.rawValue,
      offering: service.offering, zone: service.zone.id, journey: service.journey?.rawValue,
      expectations: service.expectations?.rawValue,
      labels: service.labels,
      inServiceSince: service.inServiceSince?.description, inServiceUntil: service.inServiceUntil?.description,
      openReviews: open.count, overdueReviews: open.count { isOverdue($0) }, nextReview: upcoming.first)
  }

  func targets(_ service: Service, _ series: inout some SeriesSource) throws -> [TargetBody] {
    try service.targets.map { target in
      let (measurement, indicator) = (target.measurement, ruleSet.indicator(target.indicator))
      let window = service.window(measurement.window, at: now)
      let answer = try series.statistic(measurement.statistic, of: target.indicator, over: window)
      let isKnown = measurement.unknownReason(answer, over: window, indicator) == nil
      return TargetBody(
        indicator: target.indicator, title: indicator?.title ?? target.indicator, unit: indicator?.unit ?? "",
        statistic: measurement.statistic.name, window: measurement.window?.description,
        comparison: target.comparison.rawValue,
        number: target.number.doubleValue, achieved: isKnown ? answer.quantity?.doubleValue : nil,
        met: target.isMet(answer, over: window, indicator).rawValue)
    }
  }

  func body(_ move: IntervalMove, at instant: Instant) throws -> DueChangeBody {
    DueChangeBody(
      rule: move.rule, at: instant.description, before: move.from?.description, after: move.to.description,
      because: move.evidence.arithmetic,
      evidence: try WireJson.decode(EvidenceBody.Interval.self, from: JSONEncoder().encode(move.evidence)))
  }

  private func stale(_ newest: Instant?, _ indicator: Indicator?) -> Bool {
    guard let newest, let limit = indicator?.staleAfter else { return false }
    return now - newest > limit
  }

  func indicators(_ service: Service, _ series: inout some SeriesSource) throws -> [IndicatorBody] {
    try ruleSet.indicators.compactMap { indicator in
      let window = ServiceWindow(service: service.id, after: .distantPast, through: now)
      let answer = try series.statistic(.latest, of: indicator.id, over: window)
      guard let quantity = answer.quantity, let newest = answer.newest else { return nil }
      return IndicatorBody(
        indicator: indicator.id, title: indicator.title, unit: indicator.unit,
        perspective: indicator.perspective?.rawValue,
        latest: quantity.doubleValue, time: newest.description, stale: stale(newest, indicator))
    }
  }
}

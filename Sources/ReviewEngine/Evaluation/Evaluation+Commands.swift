/// What people do to reviews.
extension Evaluation {
  func follow(_ commanded: CommandedReview, _ subjects: inout [Subject], _ verdict: inout Verdict, at now: Instant) {
    let index = subjects.firstIndex { $0.id == commanded.review.subject }
    let before = index.flatMap { subjects[$0].openReview(commanded.review.id) } ?? commanded.review
    do throws(CommandRefusal) {
      guard let after = try before.after(commanded.command, at: now, in: index.map { subjects[$0].zone } ?? .utc) else {
        verdict.answers.append(.unchanged(before))
        return
      }
      if let index { note(after, in: &subjects[index]) }
      verdict.answers.append(.changed(after))
      verdict.decisions.append(.commanded(before: before, after: after, commanded.command, by: commanded.by))
    } catch { verdict.answers.append(.refused(error)) }
  }

  private func note(_ review: Review, in subject: inout Subject) {
    if review.state.isOpen { return subject.update(review) }
    guard subject.openReview(review.id) != nil else { return }
    subject.close(review, hasCooldown: review.rule.flatMap { ruleSet.rule($0) }?.cooldown != nil)
  }

  func open(_ opening: OpeningByHand, _ subjects: inout [Subject], _ verdict: inout Verdict, at now: Instant) {
    guard let index = subjects.firstIndex(where: { $0.id == opening.subject }) else { return }
    let (subject, amount) = (subjects[index], ReviewTemplate().due)
    let today = subject.zone.day(of: now)
    var evidence = Evidence()
    evidence.reason = opening.reason
    let services = subject.services.map(\.id)
    let trigger = Trigger(rule: nil, services: services, at: now, evidence: evidence)
    var review = Review(
      id: Digest.name(of: "by hand \(subject.id) \(now) \(opening.reason) \(subject.records.count)"), rule: nil, subject: subject.id,
      title: "By hand: \(opening.reason.prefix(Self.longestTitle))", services: services, opened: now,
      due: opening.due ?? amount.added(to: today, in: subject.calendar),
      periodStart: subject.lastCompletion.map { subject.zone.day(of: $0.conducted) } ?? subject.start)
    review.triggerCount = 1
    subjects[index].open(review)
    verdict.decisions.append(.opened(review: review, trigger: trigger, by: opening.by))
  }

  private static let longestTitle = 100
}

extension Completion {
  /// The satisfaction of each side, which is stored as samples at the time of the meeting.
  package func satisfaction(_ indicators: SatisfactionIndicators) -> [(indicator: String, value: DecimalValue)] {
    [(indicators.provider, providerSatisfaction), (indicators.customer, customerSatisfaction)].compactMap { indicator, value in
      value.map { (indicator, $0) }
    }
  }
}

/// The indicators that the satisfaction of each side is stored under.
package struct SatisfactionIndicators: Hashable, Sendable {
  package let provider: String
  package let customer: String

  package init(provider: String, customer: String) {
    self.provider = provider
    self.customer = customer
  }
}

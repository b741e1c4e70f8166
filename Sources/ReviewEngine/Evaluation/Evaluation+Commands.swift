/// What people do to reviews.
extension Evaluation {
  func follow(_ commanded: CommandedReview, _ subjects: inout [Subject], _ verdict: inout Verdict, at now: Instant) {
    let index = subjects.firstIndex { $0.id == commanded.review.subject }
    let before = index.flatMap { subjects[$0].openReview(commanded.review.id) } ?? commanded.review
    do throws(CommandRefusal) {
      guard
        let content = try before.content(of: commanded.command, at: now, in: index.map { subjects[$0].zone } ?? .utc)
      else {
        verdict.answers.append(.unchanged(before))
        return
      }
      let fact = Fact(at: now, by: .user(commanded.by), subject: before.subject, review: before.id, content)
      if let index { apply(fact, to: &subjects[index]) }
      var after = before
      after.apply(fact)
      verdict.answers.append(.changed(after))
      verdict.facts.append(fact)
      guard case .completed(let completion, let conducted) = content else { return }
      verdict.satisfactions += completion.satisfactions.map {
        RecordedSatisfaction(satisfaction: $0, services: before.services, at: conducted)
      }
    } catch { verdict.answers.append(.refused(error)) }
  }

  /// Applies a fact, and begins the cooldown of a rule whose review has closed.
  private func apply(_ fact: Fact, to subject: inout Subject) {
    let review = fact.review.flatMap { subject.openReview($0) }
    subject.apply(fact)
    guard let rule = review?.rule, let id = review?.id, subject.openReview(id) == nil else { return }
    subject.progress[rule]?.isCoolingDown = ruleSet.rule(rule)?.cooldown != nil
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
      id: Digest.name(of: "by hand \(subject.id) \(now) \(opening.reason) \(subject.records.count)"), rule: nil,
      subject: subject.id,
      title: "By hand: \(Self.title(opening.reason))", services: services, opened: now,
      due: opening.due ?? amount.added(to: today, in: subject.calendar),
      periodStart: subject.lastCompletion.map { subject.zone.day(of: $0.conducted) } ?? subject.start)
    review.triggerCount = 1
    let fact = Fact(at: now, by: .user(opening.by), subject: subject.id, review: review.id, .opened(review, trigger))
    subjects[index].apply(fact)
    verdict.facts.append(fact)
  }

  private static let longestTitle = 100

  /// So many letters, of which none has a heap of accents.
  private static func title(_ reason: String) -> String {
    String(String.UnicodeScalarView(reason.prefix(longestTitle).unicodeScalars.prefix(2 * longestTitle)))
  }
}

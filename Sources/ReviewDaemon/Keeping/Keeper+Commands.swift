import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewStore

extension Keeper {
  /// Opens a review by hand.
  package func open(service id: String, reason: String, due: Day?, who: String) throws -> Review {
    let subject = SubjectID.service(id)
    guard subjects[subject] != nil else { throw Problem(noService: id, in: ruleSet) }
    let now = clock.now()
    var occasion = Occasion(instant: now)
    occasion.openingsByHand = [OpeningByHand(subject: subject, reason: reason, due: due, by: who)]
    let verdict = try undertake([subject], at: now) { try $0.decide(occasion) }
    guard case .opened(let review, _)? = verdict.facts.first?.content else {
      preconditionFailure("a review by hand is always opened")
    }
    return review
  }

  /// Does a command to a review. Repeating one that took effect changes nothing.
  package func apply(_ command: ReviewCommand, to id: String, who: String) throws -> (changed: Bool, review: Review) {
    guard let known = try store.readByWriter({ try $0.review(id) }) else {
      throw Problem(.notFound, "there is no review '\(id)'")
    }
    let now = clock.now()
    return try undertake([known.subject], at: now) { undertaking in
      var occasion = Occasion(instant: now)
      // Read again: an instant in work was evaluated for it meanwhile.
      let review = try undertaking.transaction.snapshot.review(id) ?? known
      occasion.commands = [CommandedReview(review, command, by: who)]
      let verdict = try undertaking.decide(occasion)
      try undertaking.record(verdict.satisfactions, ruleSet, settings)
      switch verdict.answers[0] {
      case .changed(let review): return (true, review)
      case .unchanged(let review): return (false, review)
      case .refused(let refusal): throw Problem(refusal)
      }
    }
  }
}

extension Undertaking {
  /// Stores the satisfaction of each side as samples; a rule that asks for it sees it at once.
  fileprivate func record(_ satisfactions: [RecordedSatisfaction], _ ruleSet: RuleSet, _ settings: Settings) throws {
    var batch = SampleBatch()
    for recorded in satisfactions {
      let (indicator, value) = (settings.indicator(of: recorded.satisfaction.side), recorded.satisfaction.value)
      guard let declared = ruleSet.indicator(indicator) else {
        throw Problem(.refused, "the satisfaction cannot be stored: no rule file declares the indicator '\(indicator)'")
      }
      if let range = declared.range, !range.contains(value) {
        throw Problem(
          .badRequest, "\(value) is outside the range of '\(indicator)', \(range.lowerBound) to \(range.upperBound)")
      }
      for service in recorded.services {
        let sample = Sample(time: recorded.at, value: value)
        batch.add(SeriesSample(service: service, indicator: indicator, labels: "", sample: sample))
      }
    }
    _ = try transaction.take(batch)
  }
}

extension Settings {
  /// Which indicator the satisfaction of a side is stored as.
  fileprivate func indicator(of side: Satisfaction.Side) -> String {
    switch side {
    case .provider: providerSatisfactionIndicator
    case .customer: customerSatisfactionIndicator
    }
  }
}

extension Problem {
  /// The catalogue has no such service.
  init(noService id: String, in ruleSet: RuleSet) {
    self.init(.notFound, "there is no service '\(id)'" + meant(id, among: ruleSet.services.map(\.id)))
  }

  init(_ refusal: CommandRefusal) {
    switch refusal {
    case .beforePeriod, .isToCome, .offScale: self.init(.badRequest, refusal.description)
    case .closed, .comesBefore, .recordedOtherwise: self.init(.refused, refusal.description)
    }
  }
}

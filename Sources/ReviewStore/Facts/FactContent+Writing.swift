import ReviewEngine

extension Fact.Content {
  /// What the log holds of it beside the columns.
  var json: String {
    get throws {
      switch self {
      case .opened(let review, let trigger): try Json.text(FactContent.Opening(review, trigger))
      case .joined(let trigger): try Json.text(FactContent.Asking(trigger))
      case .dueMoved(let move): try Json.text(FactContent.Move(move))
      case .intervalMoved(let move):
        try Json.text(
          FactContent.Interval(from: move.from?.description, to: move.to.description, evidence: move.evidence))
      case .scheduled(let at), .conducted(let at): try Json.text(FactContent.Meeting(at: at.milliseconds))
      case .completed(let completion, let conducted): try Json.text(FactContent.Result(completion, conducted))
      case .cancelled(let reason): try Json.text(FactContent.Cancellation(reason: reason))
      case .rulesRefused(let errorCount, let first):
        try Json.text(FactContent.Refusal(errorCount: errorCount, first: first))
      case .clockSet(.by(let change)): try Json.text(FactContent.Clock(by: change.milliseconds))
      case .clockSet(.behind(let instant)): try Json.text(FactContent.Clock(behind: instant.milliseconds))
      case .told(_, let words): try Json.text(["words": words])
      }
    }
  }
}

extension FactContent.Opening {
  fileprivate init(_ review: Review, _ trigger: Trigger) {
    self.init(
      title: review.title, services: review.services, due: review.due.description,
      dueFrom: review.dueCount?.from.description,
      dueAmount: review.dueCount?.amount.description, intervalDue: review.intervalDue?.description,
      priority: review.priority.rawValue,
      agenda: review.agenda, periodStart: review.periodStart.description, trigger: FactContent.Asking(trigger))
  }
}

extension FactContent.Asking {
  fileprivate init(_ trigger: Trigger) {
    self.init(
      services: trigger.services, at: trigger.at.milliseconds, eventSource: trigger.event?.source,
      eventId: trigger.event?.id,
      evidence: trigger.evidence)
  }
}

extension FactContent.Move {
  fileprivate init(_ move: DueMove) {
    let cause: Cause =
      switch move.because {
      case .trigger: .trigger
      case .factors: .factors
      case .calendar: .calendar
      case .told: .told
      }
    self.init(
      from: move.from.description, to: move.to.description, dueFrom: move.count?.from.description,
      dueAmount: move.count?.amount.description, because: cause)
    switch move.because {
    // The fact before it has all of it.
    case .trigger: break
    case .factors(let evidence): self.evidence = evidence
    case .calendar(let count, let calendar):
      (self.calendar, countedFrom, countedAmount) = (calendar, count?.from.description, count?.amount.description)
    case .told(let words): self.words = words
    }
  }
}

extension FactContent.Result {
  fileprivate init(_ completion: Completion, _ conducted: Instant) {
    self.init(
      conducted: conducted.milliseconds, outcome: completion.outcome,
      providerSatisfaction: completion.providerSatisfaction?.description,
      customerSatisfaction: completion.customerSatisfaction?.description)
  }
}

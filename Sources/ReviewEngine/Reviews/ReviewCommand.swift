/// What people do to a review.
package enum ReviewCommand: Hashable, Sendable {
  case schedule(at: Instant)
  /// Nil: now, or when it was said to be.
  case conduct(at: Instant?)
  case complete(Completion)
  case cancel(reason: String)

  package var verb: String {
    switch self {
    case .schedule: "schedule"
    case .conduct: "conduct"
    case .complete: "complete"
    case .cancel: "cancel"
    }
  }
}

/// Why a command is not done; nothing was changed.
package enum CommandRefusal: Error, Hashable, Sendable {
  /// The review is closed.
  case closed(ReviewState)
  /// The command belongs to an earlier part of a review's life.
  case comesBefore(ReviewState, verb: String)
  /// It took effect before, with something else recorded.
  case recordedOtherwise(ReviewState)
  /// A meeting was held before the period that the review looks at.
  case beforePeriod(Instant, start: Day)
  /// A meeting that was held is said to be at an instant to come.
  case isToCome(Instant)
  /// The satisfaction of a side is not on its scale.
  case offScale(DecimalValue, Satisfaction.Side)
}

extension CommandRefusal: CustomStringConvertible {
  package var description: String {
    switch self {
    case .closed(let state): "the review is \(state.rawValue): it cannot be changed any more"
    case .comesBefore(let state, let verb): "the review is \(state.rawValue): '\(verb)' comes before that"
    case .recordedOtherwise(let state):
      "the review is \(state.rawValue) already, with something else recorded: nothing was changed"
    case .beforePeriod(let at, let start):
      "a meeting at \(at) is before the period that the review looks at, which begins on \(start)"
    case .isToCome(let at): "a meeting that was held cannot be at \(at), which is to come"
    case .offScale(let value, let side): "the satisfaction of the \(side.rawValue) is from 1 to 5, not \(value)"
    }
  }
}

extension Review {
  /// What a command makes of the review; nil where it took effect before and nothing is to change.
  package func content(of command: ReviewCommand, at now: Instant, in zone: Zone) throws(CommandRefusal) -> Fact
    .Content?
  {
    guard try changes(command) else {
      guard records(command) else { throw .recordedOtherwise(state) }
      return nil
    }
    switch command {
    case .schedule(let at): return .scheduled(at: at)
    case .conduct(let at):
      if let at, at > now { throw .isToCome(at) }
      if let at, at < zone.start(of: periodStart) { throw .beforePeriod(at, start: periodStart) }
      return .conducted(at: at ?? now)
    case .complete(let completion):
      for said in completion.satisfactions where !Satisfaction.scale.contains(said.value) {
        throw .offScale(said.value, said.side)
      }
      return .completed(completion, conducted: conducted ?? now)
    case .cancel(let reason): return .cancelled(reason: reason)
    }
  }

  private func changes(_ command: ReviewCommand) throws(CommandRefusal) -> Bool {
    switch (state, command) {
    case (.scheduled, .schedule(let at)): return at != scheduled
    case (.pending, _), (.scheduled, _), (.conducted, .complete), (.conducted, .cancel): return true
    case (.conducted, .conduct), (.completed, .complete), (.cancelled, .cancel): return false
    case (.completed, _), (.cancelled, _): throw .closed(state)
    case (.conducted, .schedule): throw .comesBefore(state, verb: command.verb)
    }
  }

  /// Whether what a command brings is what was recorded when it took effect; what it leaves out is not asked for.
  private func records(_ command: ReviewCommand) -> Bool {
    func same<Value: Equatable>(_ given: Value?, _ recorded: Value?) -> Bool { given == nil || given == recorded }
    return switch command {
    case .schedule: true
    case .conduct(let at): same(at, conducted)
    case .complete(let given):
      same(given.outcome, completion.outcome) && same(given.providerSatisfaction, completion.providerSatisfaction)
        && same(given.customerSatisfaction, completion.customerSatisfaction)
    case .cancel(let reason): reason == cancellationReason
    }
  }
}

/// What people do to a review.
package enum ReviewCommand: Hashable, Sendable {
  case schedule(at: Instant)
  /// Nil: now, or when it was said to be.
  case conduct(at: Instant?)
  case complete
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

/// A command that the review's state does not allow.
package struct TransitionRefusal: Error, Hashable, CustomStringConvertible {
  package let state: ReviewState
  package let verb: String

  package var description: String {
    switch state {
    case .completed, .cancelled: "the review is \(state.rawValue): it cannot be changed any more"
    default: "the review is \(state.rawValue): '\(verb)' comes before that"
    }
  }
}

extension ReviewState {
  /// The state that a command leads to; nil where it took effect before and nothing is to change.
  package func after(_ command: ReviewCommand, scheduled: Instant?) throws(TransitionRefusal) -> ReviewState? {
    switch (self, command) {
    case (.pending, .schedule): return .scheduled
    case (.scheduled, .schedule(let at)): return at == scheduled ? nil : .scheduled
    case (.pending, .conduct), (.scheduled, .conduct): return .conducted
    case (.conducted, .conduct): return nil
    case (.pending, .complete), (.scheduled, .complete), (.conducted, .complete): return .completed
    case (.completed, .complete): return nil
    case (.pending, .cancel), (.scheduled, .cancel), (.conducted, .cancel): return .cancelled
    case (.cancelled, .cancel): return nil
    default: throw TransitionRefusal(state: self, verb: command.verb)
    }
  }
}

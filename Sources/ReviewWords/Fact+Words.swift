import ReviewEngine

extension Actor {
  /// As the history names it.
  package var name: String { user ?? "reviewd" }

  /// Of triggers that are told together, the first of which is of this rule.
  package func words(ofTriggersAtOnce count: Int) -> String {
    "\(rule.map { "\($0): " } ?? "")and \(counted(count, "more trigger")) at once"
  }
}

extension Fact.Content {
  /// As the history names it.
  package var verb: String {
    switch self {
    case .opened: "opened"
    case .joined: "joined"
    case .dueMoved, .intervalMoved: "due"
    case .scheduled: "schedule"
    case .conducted: "conduct"
    case .completed: "complete"
    case .cancelled: "cancel"
    case .rulesRefused, .clockSet, .told: kind.rawValue
    }
  }

  /// Why it happened, as the history of a review says.
  package func why(_ review: Review?) -> String? {
    switch self {
    case .opened(_, let trigger): trigger.summary
    case .joined(let trigger): trigger.historyWords
    case .dueMoved(let move): review.map { move.because.words($0) }
    case .scheduled(let at): "for \(at)"
    case .conducted(let at): "at \(at)"
    case .completed(let completion, _): completion.outcome
    case .cancelled(let reason): reason
    case .intervalMoved(let move): move.evidence.arithmetic
    case .rulesRefused, .clockSet, .told: daemonWords
    }
  }

  /// What a step in the life of a review brings.
  package func detail(in zone: Zone) -> String {
    switch self {
    case .scheduled(let at): at.words(in: zone)
    case .completed(let completion, _): completion.outcome.map { " Outcome: \($0)" } ?? ""
    case .cancelled(let reason): reason
    default: ""
    }
  }

  /// What happened to the daemon, as a sentence.
  package var daemonWords: String {
    switch self {
    case .rulesRefused(let errorCount, let first):
      "The rules were not loaded: \(counted(errorCount, "error")), the first one in \(first)"
    case .clockSet(.by(let change)):
      "The clock was set \(change > .zero ? "forward" : "back") by \(Elapsed(milliseconds: Int64(change.milliseconds.magnitude))). Evaluation goes on and never repeats an instant."
    case .clockSet(.behind(let instant)):
      "The clock of this machine is behind what was evaluated already. Conditions are asked again from \(instant) on."
    case .told(_, let words): words
    default: ""
    }
  }
}

extension Trigger {
  package var historyWords: String { "\(rule.map { "\($0): " } ?? "")\(summary)" }
}

extension DueMove.Reason {
  package func words(_ review: Review) -> String {
    switch self {
    case .trigger(let trigger): return trigger.historyWords
    case .factors(let evidence): return evidence.arithmetic
    case .calendar(let count, let calendar):
      let counted = count.map { "\($0.amount) from \($0.from)" } ?? "the days of '\(review.rule ?? "")'"
      return
        "\(counted), counted \(calendar.isEmpty ? "without a calendar" : "by the calendar '\(calendar)' as it is now")"
    case .told(let words): return words
    }
  }
}

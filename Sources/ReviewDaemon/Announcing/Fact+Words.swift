import ReviewEngine

extension Actor {
  /// As the history names it.
  var name: String { if case .user(let name) = self { name } else { "reviewd" } }
}

extension Fact.Content {
  /// As the history names it.
  var verb: String {
    switch self {
    case .opened: "opened"
    case .joined: "joined"
    case .dueMoved, .intervalMoved: "due"
    case .scheduled: "schedule"
    case .conducted: "conduct"
    case .completed: "complete"
    case .cancelled: "cancel"
    }
  }

  /// Nil for what is announced with its figures.
  var announcementKind: AnnouncementKind? {
    switch self {
    case .scheduled: .scheduled
    case .conducted: .conducted
    case .completed: .completed
    case .cancelled: .cancelled
    case .opened, .joined, .dueMoved, .intervalMoved: nil
    }
  }

  var why: String? {
    switch self {
    case .scheduled(let at): "for \(at)"
    case .conducted(let at): "at \(at)"
    case .completed(let completion, _): completion.outcome
    case .cancelled(let reason): reason
    case .opened, .joined, .dueMoved, .intervalMoved: nil
    }
  }

  func detail(in zone: Zone) -> String {
    switch self {
    case .scheduled(let at): at.words(in: zone)
    case .completed(let completion, _): completion.outcome.map { " Outcome: \($0)" } ?? ""
    case .cancelled(let reason): reason
    case .conducted, .opened, .joined, .dueMoved, .intervalMoved: ""
    }
  }
}

extension Trigger {
  var historyWords: String { "\(rule.map { "\($0): " } ?? "")\(summary)" }
}

extension DueMove.Reason {
  func words(_ review: Review, _ calendar: String) -> String {
    switch self {
    case .trigger(let trigger): return trigger.historyWords
    case .factors(let evidence): return evidence.arithmetic
    case .calendar(let count):
      let counted = count.map { "\($0.amount) from \($0.from)" } ?? "the days of '\(review.rule ?? "")'"
      return "\(counted), counted \(calendar.isEmpty ? "without a calendar" : "by the calendar '\(calendar)' as it is now")"
    }
  }
}

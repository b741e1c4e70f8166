/// Something that happened: to a review, to the interval of one to come, or to the daemon itself.
///
/// `Evaluation.decide` makes those of reviews, `Subject.apply` is what they do, and whoever tells of them has sentences
/// of its own.
package struct Fact: Hashable, Sendable {
  /// When it was decided; for what factors moved, as of when they were asked.
  package let at: Instant
  package let by: Actor
  /// Nil for what happens to the daemon.
  package let subject: SubjectID?
  /// The review that it is about; nil where that is not open yet.
  package let review: String?
  package let content: Content

  package init(at: Instant, by: Actor, subject: SubjectID? = nil, review: String? = nil, _ content: Content) {
    self.at = at
    self.by = by
    self.subject = subject
    self.review = review
    self.content = content
  }

  /// What happened, with what belongs to it.
  package enum Content: Hashable, Sendable {
    case opened(Review, Trigger)
    case joined(Trigger)
    case dueMoved(DueMove)
    case intervalMoved(IntervalMove)
    case scheduled(at: Instant)
    case conducted(at: Instant)
    case completed(Completion, conducted: Instant)
    case cancelled(reason: String)
    /// Rule files with so many errors, of which the first one is this, were not put in force.
    case rulesRefused(errorCount: Int, first: String)
    case clockSet(ClockChange)
    /// What a version told that kept its sentence alone.
    case told(Kind, words: String)
  }

  /// What kind of thing happened, by its word in the log.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case opened, joined
    case dueMoved = "due_moved"
    case intervalMoved = "interval_moved"
    case scheduled, conducted, completed, cancelled
    case rulesRefused = "rules_refused"
    case clockSet = "clock_set"
  }
}

extension Fact {
  var isMoveOfAnInterval: Bool { if case .intervalMoved = content { true } else { false } }
}

extension Fact.Content {
  package var kind: Fact.Kind {
    switch self {
    case .opened: .opened
    case .joined: .joined
    case .dueMoved: .dueMoved
    case .intervalMoved: .intervalMoved
    case .scheduled: .scheduled
    case .conducted: .conducted
    case .completed: .completed
    case .cancelled: .cancelled
    case .rulesRefused: .rulesRefused
    case .clockSet: .clockSet
    case .told(let kind, _): kind
    }
  }

  /// What asked for a review; nil for everything else.
  package var trigger: Trigger? {
    switch self {
    case .opened(_, let trigger), .joined(let trigger): trigger
    default: nil
    }
  }
}

/// The wall clock is another than it was.
package enum ClockChange: Hashable, Sendable {
  /// Somebody set it while the daemon ran, by so much.
  case by(Elapsed)
  /// It is behind what was evaluated before the daemon was stopped, so that nothing is asked until then.
  case behind(Instant)
}

/// Who made something happen.
package enum Actor: Hashable, Sendable {
  case rule(String)
  case user(String)
  /// The daemon itself, because time went by or a calendar changed.
  case daemon

  package var rule: String? { if case .rule(let rule) = self { rule } else { nil } }

  package var user: String? { if case .user(let user) = self { user } else { nil } }
}

/// The due day of an open review was moved.
package struct DueMove: Hashable, Sendable {
  package let from: Day
  package let to: Day
  /// What it is counted from now; nil where it was not counted from an opening.
  package let count: Review.DueCount?
  package let because: Reason

  package init(from: Day, to: Day, count: Review.DueCount?, because: Reason) {
    self.from = from
    self.to = to
    self.count = count
    self.because = because
  }

  /// Why a due day moved.
  package enum Reason: Hashable, Sendable {
    /// A trigger that joined the review has less time.
    case trigger(Trigger)
    case factors(IntervalEvidence)
    /// Another calendar counts the days, empty for none: the amount and what it is counted from, or nil for the days of
    /// its rule.
    case calendar(Review.DueCount?, calendar: String)
    /// What a version said of it that kept its sentence alone.
    case told(String)
  }
}

/// The due day of an adaptive interval, set anew after a review or moved earlier by its factors.
package struct IntervalMove: Hashable, Sendable {
  package let rule: String
  /// Nil where a new interval began.
  package let from: Day?
  package let to: Day
  package let evidence: IntervalEvidence

  package init(rule: String, from: Day?, to: Day, evidence: IntervalEvidence) {
    self.rule = rule
    self.from = from
    self.to = to
    self.evidence = evidence
  }
}

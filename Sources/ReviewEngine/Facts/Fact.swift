/// Something that happened to a review, or to the interval of one to come: all that ever changes one.
///
/// `Evaluation.decide` makes them, `Subject.apply` is what they do, and whoever tells of them has sentences of its own.
package struct Fact: Hashable, Sendable {
  /// When it was decided; for what factors moved, as of when they were asked.
  package let at: Instant
  package let by: Actor
  package let subject: SubjectID
  /// The review that it is about; nil where that is not open yet.
  package let review: String?
  package let content: Content

  package init(at: Instant, by: Actor, subject: SubjectID, review: String?, _ content: Content) {
    self.at = at
    self.by = by
    self.subject = subject
    self.review = review
    self.content = content
  }

  package enum Content: Hashable, Sendable {
    case opened(Review, Trigger)
    case joined(Trigger)
    case dueMoved(DueMove)
    case intervalMoved(IntervalMove)
    case scheduled(at: Instant)
    case conducted(at: Instant)
    case completed(Completion, conducted: Instant)
    case cancelled(reason: String)
  }
}

extension Fact {
  var isMoveOfAnInterval: Bool { if case .intervalMoved = content { true } else { false } }
}

/// Who made something happen.
package enum Actor: Hashable, Sendable {
  case rule(String)
  case user(String)
  /// The daemon itself, because time went by or a calendar changed.
  case daemon
}

/// The due day of an open review was moved.
package struct DueMove: Hashable, Sendable {
  package let from: Day
  package let to: Day
  /// What it is counted from now; nil where it was not counted from an opening.
  package let count: Review.DueCount?
  package let because: Reason

  package enum Reason: Hashable, Sendable {
    /// A trigger that joined the review has less time.
    case trigger(Trigger)
    case factors(IntervalEvidence)
    /// Another calendar counts the days: the amount and what it is counted from, or nil for the days of its rule.
    case calendar(Review.DueCount?)
  }
}

/// The due day of an adaptive interval, set anew after a review or moved earlier by its factors.
package struct IntervalMove: Hashable, Sendable {
  package let rule: String
  /// Nil where a new interval began.
  package let from: Day?
  package let to: Day
  package let evidence: IntervalEvidence
}

extension Subject {
  /// Does what a fact says: the reviews of a subject are the fold of its facts.
  package mutating func apply(_ fact: Fact) {
    if case .opened(let review, _) = fact.content { return open(review) }
    guard let id = fact.review, var review = openReview(id) else { return }
    review.apply(fact)
    if review.state.isOpen { update(review) } else { close(review) }
  }
}

extension Review {
  /// Does what a fact about this review says.
  package mutating func apply(_ fact: Fact) {
    switch fact.content {
    case .opened, .rulesRefused, .clockSet, .told: break
    case .intervalMoved(let move): intervalDue = move.to
    case .joined: triggerCount += 1
    case .dueMoved(let move):
      (due, dueCount) = (move.to, move.count)
      if intervalDue != nil, move.count == nil { intervalDue = move.to }
    case .scheduled(let at): (state, scheduled) = (.scheduled, at)
    case .conducted(let at): (state, conducted) = (.conducted, at)
    case .completed(let completion, let conducted):
      (state, closed) = (.completed, fact.at)
      (self.completion, self.conducted) = (completion, conducted)
    case .cancelled(let reason): (state, closed, cancellationReason) = (.cancelled, fact.at, reason)
    }
  }
}

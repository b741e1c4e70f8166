extension RuleSet {
  /// The calendar by which a subject's days are counted: a customer's own, else that of the first of its services; nil
  /// for one that the catalogue has no more.
  package func calendar(of subject: SubjectID) -> WorkingCalendar? {
    switch subject {
    case .service(let id): service(id)?.calendar
    case .customer(let id): customer(id)?.calendar ?? firstService(ofCustomer: id)?.calendar
    }
  }

  /// Where a review's days begin and end.
  package func zone(of subject: SubjectID) -> Zone { calendar(of: subject)?.zone ?? .utc }

  /// A review is overdue after the end of its due day, where its subject is, until it is closed.
  package func isOverdue(_ state: ReviewState, due: Day, of subject: SubjectID, at now: Instant) -> Bool {
    state.isOpen && now >= zone(of: subject).end(of: due)
  }
}

extension Day {
  /// The first day that cannot be over anywhere: what is due before it may be overdue somewhere.
  package static func firstOverNowhere(at now: Instant) -> Day { Zone.utc.day(of: now) + 1 }
}

/// Whom reviews are held about, with all that the centre remembers of them: one service, or all services of one
/// customer.
package struct Subject: Sendable {
  package let id: SubjectID
  /// One, or all of a customer's in the order of their ids.
  package var services: [Service]
  package var calendar: WorkingCalendar
  /// The day on which the catalogue first held it.
  package let firstLoadedOn: Day
  package var progress: [String: RuleProgress]
  /// In the order of opening.
  package private(set) var openReviews: [Review]
  /// In the order of opening.
  package private(set) var records: [ReviewRecord]
  package private(set) var lastCompletion: Closing?
  /// Of a customer, where a rule asks for them: the reviews of its services, by service.
  package var serviceRecords: [String: [ReviewRecord]] = [:]

  package init(
    id: SubjectID, services: [Service], calendar: WorkingCalendar, firstLoadedOn: Day,
    progress: [String: RuleProgress] = [:],
    openReviews: [Review] = [], records: [ReviewRecord] = []
  ) {
    self.id = id
    self.services = services
    self.calendar = calendar
    self.firstLoadedOn = firstLoadedOn
    self.progress = progress
    self.openReviews = openReviews
    self.records = []
    for record in records { remember(record) }
  }

  /// One service.
  package init(
    service: Service, firstLoadedOn: Day, progress: [String: RuleProgress] = [:], openReviews: [Review] = [],
    records: [ReviewRecord] = []
  ) {
    self.init(
      id: .service(service.id), services: [service], calendar: service.calendar, firstLoadedOn: firstLoadedOn,
      progress: progress,
      openReviews: openReviews, records: records)
  }

  /// The same with what a catalogue says of it now.
  package func adopting(_ other: Subject) -> Subject {
    var adopted = self
    adopted.services = other.services
    adopted.calendar = other.calendar
    return adopted
  }

  package var zone: Zone { calendar.zone }

  package func openReview(ofRule rule: String) -> Review? { openReviews.first { $0.rule == rule } }

  package func openReview(_ id: String) -> Review? { openReviews.first { $0.id == id } }

  /// The rule's progress, begun on `day` if rule and subject meet for the first time.
  package func progress(of rule: Rule, meetingOn day: Day) -> RuleProgress {
    if let known = progress[rule.id] { return known }
    var begun = RuleProgress(metOn: day)
    for case let closing? in records.map(\.closing) where closing.rule == rule.id { begun.note(closing) }
    return begun
  }

  /// Remembers a review that is open.
  package mutating func open(_ review: Review) {
    openReviews.append(review)
    records.append(ReviewRecord(id: review.id, rule: review.rule, opened: review.opened))
  }

  mutating func update(_ review: Review) {
    guard let index = openReviews.firstIndex(where: { $0.id == review.id }) else { return }
    openReviews[index] = review
  }

  mutating func close(_ review: Review) {
    guard let closing = Closing(review) else { return }
    openReviews.removeAll { $0.id == closing.review }
    if let index = records.lastIndex(where: { $0.id == closing.review }) { records[index].closing = closing }
    noteCompletion(closing)
    guard let rule = closing.rule else { return }
    var known = progress[rule] ?? RuleProgress(metOn: zone.day(of: closing.at))
    known.note(closing)
    progress[rule] = known
  }

  private mutating func remember(_ record: ReviewRecord) {
    records.append(record)
    guard let closing = record.closing else { return }
    noteCompletion(closing)
    guard let rule = closing.rule else { return }
    progress[rule]?.note(closing)
  }

  private mutating func noteCompletion(_ closing: Closing) {
    if closing.isCompleted, lastCompletion.map({ $0.conducted <= closing.conducted }) ?? true {
      lastCompletion = closing
    }
  }
}

extension Subject {
  /// Whether anything is evaluated at an instant: one of the services is in service.
  package func isInService(at instant: Instant) -> Bool { services.contains { $0.isInService(at: instant) } }

  /// The first day of the earliest service; nil where one of them has none.
  package var inServiceSince: Day? {
    let days = services.compactMap(\.inServiceSince)
    return days.count == services.count ? days.min() : nil
  }

  /// The end of the last day of the last service; nil where one of them has none.
  package var outOfService: Instant? {
    let ends = services.compactMap { service in service.inServiceUntil.map { service.zone.end(of: $0) } }
    return ends.count == services.count ? ends.max() : nil
  }

  /// The day from which due days count where no review was held.
  package var start: Day { inServiceSince ?? firstLoadedOn }
}

extension RuleSet {
  /// Everything that reviews can be held about: services by id, then the customers that have any, by id; without what
  /// is remembered.
  package func subjects(firstLoadedOn: (SubjectID, Zone) -> Day) -> [Subject] {
    let single = services.map { service in
      Subject(service: service, firstLoadedOn: firstLoadedOn(.service(service.id), service.zone))
    }
    let joint: [Subject] = customers.sorted { $0.id < $1.id }.compactMap { customer in
      let own = services.filter { $0.customer == customer.id }
      guard !own.isEmpty, let calendar = calendar(of: .customer(customer.id)) else { return nil }
      return Subject(
        id: .customer(customer.id), services: own, calendar: calendar,
        firstLoadedOn: firstLoadedOn(.customer(customer.id), calendar.zone))
    }
    return single + joint
  }
}

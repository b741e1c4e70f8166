import GRDB
import ReviewEngine

extension Review {
  static let columns = """
    review.id, scope, subject, services, rule, title, state, opened, due, due_from, due_amount, interval_due, priority, agenda, period_start,
    trigger_count, scheduled, conducted, closed, outcome, cancellation_reason, provider_satisfaction, customer_satisfaction
    """

  init(_ row: Row) throws {
    self.init(
      id: row["id"], rule: row["rule"], subject: try SubjectID(row), title: row["title"],
      services: try Json.value(row["services"]),
      opened: try Instant(stored: row["opened"] as Int64), due: try Day(stored: row["due"]),
      priority: try ReviewTemplate.Priority(stored: row["priority"]), agenda: try Json.value(row["agenda"]),
      periodStart: try Day(stored: row["period_start"]))
    state = try ReviewState(stored: row["state"])
    dueCount = try DueCount(storedFrom: row["due_from"], amount: row["due_amount"])
    intervalDue = try (row["interval_due"] as String?).map { try Day(stored: $0) }
    triggerCount = try Int(storedCount: row["trigger_count"])
    scheduled = try Instant(stored: row["scheduled"] as Int64?)
    conducted = try Instant(stored: row["conducted"] as Int64?)
    closed = try Instant(stored: row["closed"] as Int64?)
    completion = Completion(
      outcome: row["outcome"],
      providerSatisfaction: try (row["provider_satisfaction"] as String?).map { try DecimalValue(stored: $0) },
      customerSatisfaction: try (row["customer_satisfaction"] as String?).map { try DecimalValue(stored: $0) })
    cancellationReason = row["cancellation_reason"]
  }
}

extension StoreTransaction {
  /// Writes a review as its facts left it.
  ///
  /// - Parameter isNew: whether it was opened by them.
  package func save(_ review: Review, isNew: Bool) throws {
    if isNew { try insert(review) }
    // What is new may have been closed at the same moment.
    if !isNew || review.state != .pending { try update(review) }
  }

  private func insert(_ review: Review) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO review (id, scope, subject, services, rule, title, state, opened, due, due_from, due_amount, interval_due,
          priority, agenda, period_start, trigger_count)
        VALUES (?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      review.id, review.subject.scope.rawValue, review.subject.id, try Json.text(review.services), review.rule,
      review.title,
      review.opened.milliseconds,
      review.due.description, review.dueCount?.from.description, review.dueCount?.amount.description,
      review.intervalDue?.description,
      review.priority.rawValue, try Json.text(review.agenda), review.periodStart.description, review.triggerCount,
    ])
    let services = try database.cachedStatement(sql: "INSERT INTO review_service (service, review) VALUES (?, ?)")
    for service in review.services { try services.execute(arguments: [service, review.id]) }
  }

  private func update(_ review: Review) throws {
    try database.cachedStatement(
      sql: """
        UPDATE review SET state = ?, due = ?, due_from = ?, due_amount = ?, interval_due = ?, trigger_count = ?, scheduled = ?,
          conducted = ?, closed = ?, outcome = ?, cancellation_reason = ?, provider_satisfaction = ?, customer_satisfaction = ?
        WHERE id = ?
        """
    ).execute(arguments: [
      review.state.rawValue, review.due.description, review.dueCount?.from.description,
      review.dueCount?.amount.description,
      review.intervalDue?.description, review.triggerCount, review.scheduled?.milliseconds,
      review.conducted?.milliseconds,
      review.closed?.milliseconds, review.completion.outcome, review.cancellationReason,
      review.completion.providerSatisfaction?.description, review.completion.customerSatisfaction?.description,
      review.id,
    ])
  }
}

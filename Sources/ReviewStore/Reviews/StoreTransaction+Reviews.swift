import GRDB
import ReviewEngine

extension StoreTransaction {
  package func insert(_ review: Review) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO review (id, rule, title, state, opened, due, priority, agenda, period_start, customer, due_from, due_amount)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      review.id, review.rule, review.title, review.state.rawValue, review.opened.milliseconds, review.due.description,
      review.priority.rawValue, try Json.text(review.agenda), review.periodStart.description,
      review.subject.customer, review.dueCount?.from.description, review.dueCount?.amount.description,
    ])
    let services = try database.cachedStatement(sql: "INSERT INTO review_service (review, service) VALUES (?, ?)")
    for service in review.services { try services.execute(arguments: [review.id, service]) }
  }

  /// Writes what can change in a review's life.
  package func update(_ review: Review) throws {
    try database.cachedStatement(
      sql: """
        UPDATE review SET state = ?, due = ?, scheduled = ?, conducted = ?, closed = ?, outcome = ?, cancellation_reason = ?,
          provider_satisfaction = ?, customer_satisfaction = ? WHERE id = ?
        """
    ).execute(arguments: [
      review.state.rawValue, review.due.description, review.scheduled?.milliseconds, review.conducted?.milliseconds,
      review.closed?.milliseconds, review.completion.outcome, review.cancellationReason,
      review.completion.providerSatisfaction?.description, review.completion.customerSatisfaction?.description, review.id,
    ])
  }

  /// Moves a due day, with what it is counted from now.
  package func setDue(_ due: Day, _ count: Review.DueCount?, ofReview id: String) throws {
    try database.cachedStatement(sql: "UPDATE review SET due = ?, due_from = ?, due_amount = ? WHERE id = ?").execute(arguments: [
      due.description, count?.from.description, count?.amount.description, id,
    ])
  }

  package func insert(_ trigger: Trigger, review: String, recordedAt: Instant) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO review_trigger (review, services, rule, at, recorded, event_source, event_identity, evidence)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      review, trigger.services.joined(separator: " "), trigger.rule, trigger.at.milliseconds, recordedAt.milliseconds,
      trigger.event?.source, trigger.event?.id,
      try Json.text(trigger.evidence),
    ])
  }

  package func append(_ entry: HistoryEntry, review: String) throws {
    try database.cachedStatement(
      sql: "INSERT INTO review_history (review, at, who, what, from_value, to_value, why) VALUES (?, ?, ?, ?, ?, ?, ?)"
    ).execute(arguments: [review, entry.at.milliseconds, entry.who, entry.what, entry.from, entry.to, entry.why])
  }
}

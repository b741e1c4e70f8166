import GRDB
import ReviewEngine

extension Review {
  static let columns = """
    review.id, rule, title, state, opened, due, priority, agenda, period_start, scheduled, conducted, closed, outcome,
    cancellation_reason, provider_satisfaction, customer_satisfaction,
    (SELECT json_group_array(service) FROM (SELECT service FROM review_service WHERE review = review.id ORDER BY service)),
    (SELECT count(*) FROM review_trigger WHERE review = review.id), customer, due_from, due_amount
    """

  init(_ row: Row) throws {
    let services = try Json.value(row[16], [String].self)
    self.init(
      id: row[0], rule: row[1], subject: (row[18] as String?).map { .customer($0) } ?? .service(services.first ?? ""), title: row[2],
      services: services, opened: try Instant(stored: row[4]), due: try Day(stored: row[5]),
      priority: try ReviewTemplate.Priority(stored: row[6]), agenda: try Json.value(row[7]), periodStart: try Day(stored: row[8]))
    state = try ReviewState(stored: row[3])
    scheduled = try Instant(stored: row[9] as Int64?)
    conducted = try Instant(stored: row[10] as Int64?)
    closed = try Instant(stored: row[11] as Int64?)
    completion = Completion(
      outcome: row[12], providerSatisfaction: (row[14] as String?).flatMap { DecimalValue($0) },
      customerSatisfaction: (row[15] as String?).flatMap { DecimalValue($0) })
    cancellationReason = row[13]
    triggerCount = row[17]
    if let from = row[19] as String?, let amount = (row[20] as String?).flatMap({ try? DayAmount($0) }) {
      dueCount = DueCount(from: try Day(stored: from), amount: amount)
    }
  }
}

/// One line of a review's history: who, when, what, from, to, why.
package struct HistoryEntry: Sendable {
  package let at: Instant
  package let who: String
  package let what: String
  package var from: String?
  package var to: String?
  package var why: String?

  package init(at: Instant, who: String, what: String, from: String? = nil, to: String? = nil, why: String? = nil) {
    self.at = at
    self.who = who
    self.what = what
    self.from = from
    self.to = to
    self.why = why
  }
}

/// A trigger as it is stored with its review.
package struct StoredTrigger: Sendable {
  package let services: [String]
  package let rule: String?
  package let at: Instant
  package let recorded: Instant
  package let evidence: Evidence
  /// Its place among the triggers of all reviews.
  package var number: Int64 = 0
}

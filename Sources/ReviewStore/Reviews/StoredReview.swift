import GRDB
import ReviewEngine

/// A review as it is stored.
package struct StoredReview: Sendable {
  package var id: String
  package var rule: String?
  package var title: String
  package var services: [String]
  /// Set where the review is about all services of one customer.
  package var customer: String?
  package var state: ReviewState
  package var opened: Instant
  package var due: Day
  /// What the due day was counted from, and by what; nil where it was not counted from an opening.
  package var dueCount: DueCount?
  package var priority: ReviewTemplate.Priority
  package var agenda: [String]
  package var periodStart: Day
  package var scheduled: Instant?
  package var conducted: Instant?
  package var closed: Instant?
  package var outcome: String?
  package var cancellationReason: String?
  package var providerSatisfaction: DecimalValue?
  package var customerSatisfaction: DecimalValue?
  package var triggerCount = 0

  /// `due` is `amount` after `from`, in the calendar of the moment.
  package struct DueCount: Hashable, Sendable {
    package let from: Day
    package let amount: DayAmount

    package init(from: Day, amount: DayAmount) {
      self.from = from
      self.amount = amount
    }
  }

  package init(
    id: String, rule: String?, title: String, services: [String], customer: String? = nil, opened: Instant, due: Day,
    priority: ReviewTemplate.Priority = .normal,
    agenda: [String] = [], periodStart: Day
  ) {
    self.id = id
    self.rule = rule
    self.title = title
    self.services = services
    self.customer = customer
    state = .pending
    self.opened = opened
    self.due = due
    self.priority = priority
    self.agenda = agenda
    self.periodStart = periodStart
  }

  static let columns = """
    review.id, rule, title, state, opened, due, priority, agenda, period_start, scheduled, conducted, closed, outcome,
    cancellation_reason, provider_satisfaction, customer_satisfaction,
    (SELECT json_group_array(service) FROM (SELECT service FROM review_service WHERE review = review.id ORDER BY service)),
    (SELECT count(*) FROM review_trigger WHERE review = review.id), customer, due_from, due_amount
    """

  init(_ row: Row) throws {
    self.init(
      id: row[0], rule: row[1], title: row[2], services: try Json.value(row[16]), opened: try Instant(stored: row[4]),
      due: try StoredReview.day(row[5]), priority: try ReviewTemplate.Priority(stored: row[6]), agenda: try Json.value(row[7]),
      periodStart: try StoredReview.day(row[8]))
    state = try ReviewState(stored: row[3])
    scheduled = try Instant(stored: row[9] as Int64?)
    conducted = try Instant(stored: row[10] as Int64?)
    closed = try Instant(stored: row[11] as Int64?)
    outcome = row[12]
    cancellationReason = row[13]
    providerSatisfaction = (row[14] as String?).flatMap { DecimalValue($0) }
    customerSatisfaction = (row[15] as String?).flatMap { DecimalValue($0) }
    triggerCount = row[17]
    customer = row[18]
    if let from = row[19] as String?, let amount = (row[20] as String?).flatMap({ try? DayAmount($0) }) {
      dueCount = DueCount(from: try StoredReview.day(from), amount: amount)
    }
  }

  /// Whom it is about.
  package var subject: Subject.Identity { customer.map { .customer($0) } ?? .service(services.first ?? "") }

  static func day(_ text: String) throws -> Day {
    guard let day = Day(text) else { throw StoreError.outOfRange("a day", text) }
    return day
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

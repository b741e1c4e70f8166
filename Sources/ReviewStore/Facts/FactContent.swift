import ReviewEngine

/// What a fact holds beside its columns, as JSON: times are milliseconds since the Unix epoch, days ISO 8601 dates,
/// decimals their digits.
enum FactContent {
  struct Opening: Codable {
    let title: String
    let services: [String]
    let due: String
    let dueFrom: String?
    let dueAmount: String?
    let intervalDue: String?
    let priority: String
    let agenda: [String]
    let periodStart: String
    let trigger: Asking

    enum CodingKeys: String, CodingKey {
      case title, services, due, priority, agenda, trigger
      case dueFrom = "due_from"
      case dueAmount = "due_amount"
      case intervalDue = "interval_due"
      case periodStart = "period_start"
    }
  }

  /// A trigger; its rule is who the fact is by.
  struct Asking: Codable {
    let services: [String]
    let at: Int64
    let eventSource: String?
    let eventId: String?
    let evidence: Evidence

    enum CodingKeys: String, CodingKey {
      case services, at, evidence
      case eventSource = "event_source"
      case eventId = "event_id"
    }
  }

  struct Move: Codable {
    enum Cause: String, Codable { case trigger, factors, calendar, told }

    let from: String
    let to: String
    let dueFrom: String?
    let dueAmount: String?
    let because: Cause
    /// Of factors.
    var evidence: IntervalEvidence?
    /// Of a calendar: its id, and what it counts.
    var calendar: String?
    var countedFrom: String?
    var countedAmount: String?
    /// The sentence of a version that kept nothing else.
    var words: String?

    enum CodingKeys: String, CodingKey {
      case from, to, because, evidence, calendar, words
      case dueFrom = "due_from"
      case dueAmount = "due_amount"
      case countedFrom = "counted_from"
      case countedAmount = "counted_amount"
    }
  }

  /// Its rule is who the fact is by.
  struct Interval: Codable {
    let from: String?
    let to: String
    let evidence: IntervalEvidence
  }

  struct Meeting: Codable { let at: Int64 }

  struct Result: Codable {
    let conducted: Int64
    let outcome: String?
    let providerSatisfaction: String?
    let customerSatisfaction: String?

    enum CodingKeys: String, CodingKey {
      case conducted, outcome
      case providerSatisfaction = "provider_satisfaction"
      case customerSatisfaction = "customer_satisfaction"
    }
  }

  struct Cancellation: Codable { let reason: String }

  struct Refusal: Codable {
    var errorCount: Int?
    var first: String?
    var words: String?

    enum CodingKeys: String, CodingKey {
      case first, words
      case errorCount = "error_count"
    }
  }

  struct Clock: Codable {
    /// Milliseconds, where it was set while the daemon ran.
    var by: Int64?
    var behind: Int64?
    var words: String?
  }
}

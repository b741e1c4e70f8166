import GRDB
import ReviewEngine

/// What the database remembers of subjects: progress, open reviews, and what rules may count of all reviews.
struct StoredState {
  private var progress: [SubjectID: [String: RuleProgress]] = [:]
  private var open: [SubjectID: [Review]] = [:]
  private var records: [SubjectID: [ReviewRecord]] = [:]

  /// - Parameters:
  ///   - subjects: those that are asked for.
  ///   - all: whether these are all, so that nothing need be sought.
  init(reading subjects: [SubjectID], all: Bool, _ transaction: StoreTransaction) throws {
    guard !subjects.isEmpty else { return }
    let wanted = all ? nil : Set(subjects)
    func isWanted(_ subject: SubjectID) -> Bool { wanted?.contains(subject) ?? true }
    try readProgress(transaction.database, isWanted)
    try readReviews(transaction.database, isWanted)
  }

  /// A subject as a rule set names it, with all that is remembered of it.
  func subject(_ named: Subject) -> Subject {
    Subject(
      id: named.id, services: named.services, calendar: named.calendar, firstLoadedOn: named.firstLoadedOn,
      progress: progress[named.id] ?? [:], openReviews: open[named.id] ?? [], records: records[named.id] ?? [])
  }

  private mutating func readProgress(_ database: Database, _ isWanted: (SubjectID) -> Bool) throws {
    let rows = try Row.fetchCursor(
      database,
      sql: "SELECT subject, rule, met_on, is_armed, true_since, is_cooling_down, adapted, last_occurrence FROM rule_progress")
    while let row = try rows.next() {
      let subject = SubjectID(stored: row[0])
      guard isWanted(subject) else { continue }
      var read = RuleProgress(metOn: try Day(stored: row[2]))
      read.isArmed = row[3]
      read.trueSince = try Instant(stored: row[4] as Int64?)
      read.isCoolingDown = row[5]
      read.adapted = try (row[6] as String?).map { try Json.value($0) }
      read.lastOccurrence = try (row[7] as String?).map { try Day(stored: $0) }
      progress[subject, default: [:]][row[1]] = read
    }
    let kept = try Row.fetchCursor(database, sql: "SELECT subject, rule, content FROM kept_event ORDER BY id")
    while let row = try kept.next() {
      let subject = SubjectID(stored: row[0])
      guard isWanted(subject) else { continue }
      progress[subject]?[row[1]]?.keptEvents.append(try Json.value(row[2], StoredEvent.self).event)
    }
  }

  private mutating func readReviews(_ database: Database, _ isWanted: (SubjectID) -> Bool) throws {
    let openStates = ReviewState.allCases.filter(\.isOpen).map { "'\($0.rawValue)'" }.joined(separator: ", ")
    let rows = try Row.fetchCursor(
      database, sql: "SELECT \(Review.columns) FROM review WHERE state IN (\(openStates)) ORDER BY opened, review.id")
    while let row = try rows.next() {
      let review = try Review(row)
      if isWanted(review.subject) { open[review.subject, default: []].append(review) }
    }
    try readRecords(database, isWanted)
  }

  // There may be very many, of which little is remembered.
  private mutating func readRecords(_ database: Database, _ isWanted: (SubjectID) -> Bool) throws {
    let sql = """
      SELECT customer, min(service), id, rule, opened, state, due, conducted, closed
      FROM review JOIN review_service ON review = id GROUP BY id ORDER BY opened, id
      """
    let rows = try Row.fetchCursor(database, sql: sql)
    while let row = try rows.next() {
      let subject = (row[0] as String?).map { SubjectID.customer($0) } ?? .service(row[1])
      guard isWanted(subject) else { continue }
      var record = ReviewRecord(id: row[2], rule: row[3], opened: try Instant(stored: row[4]))
      if let closed = try Instant(stored: row[8] as Int64?) {
        record.closing = Closing(
          review: record.id, rule: record.rule, isCompleted: try ReviewState(stored: row[5]) == .completed, at: closed,
          conducted: try Instant(stored: row[7] as Int64?) ?? closed, due: try Day(stored: row[6]))
      }
      records[subject, default: []].append(record)
    }
  }
}

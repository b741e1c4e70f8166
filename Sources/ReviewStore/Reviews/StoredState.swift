import GRDB
import ReviewEngine

/// What the database remembers of subjects: progress, open reviews, and what rules may count of all reviews.
struct StoredState {
  private var progress: [String: [String: RuleProgress]] = [:]
  private var open: [String: [OpenReview]] = [:]
  private var records: [String: [ReviewRecord]] = [:]

  /// - Parameters:
  ///   - keys: the subjects that are asked for.
  ///   - all: whether these are all, so that nothing need be sought.
  init(reading keys: [String], all: Bool, _ transaction: StoreTransaction) throws {
    guard !keys.isEmpty else { return }
    let wanted = all ? nil : Set(keys)
    func isWanted(_ key: String) -> Bool { wanted?.contains(key) ?? true }
    try readProgress(transaction.database, isWanted)
    try readReviews(transaction.database, isWanted)
  }

  /// A subject as a rule set names it, with all that is remembered of it.
  func subject(_ named: Subject) -> Subject {
    Subject(
      identity: named.identity, services: named.services, calendar: named.calendar, firstLoadedOn: named.firstLoadedOn,
      progress: progress[named.id] ?? [:], openReviews: open[named.id] ?? [], records: records[named.id] ?? [])
  }

  private mutating func readProgress(_ database: Database, _ isWanted: (String) -> Bool) throws {
    let rows = try Row.fetchCursor(
      database,
      sql: "SELECT subject, rule, met_on, is_armed, true_since, is_cooling_down, adapted, last_occurrence FROM rule_progress")
    while let row = try rows.next() {
      guard isWanted(row[0]) else { continue }
      var read = RuleProgress(metOn: try StoredReview.day(row[2]))
      read.isArmed = row[3]
      read.trueSince = try Instant(stored: row[4] as Int64?)
      read.isCoolingDown = row[5]
      read.adapted = try (row[6] as String?).map { try Json.value($0) }
      read.lastOccurrence = try (row[7] as String?).map(StoredReview.day)
      progress[row[0], default: [:]][row[1]] = read
    }
    let kept = try Row.fetchCursor(database, sql: "SELECT subject, rule, content FROM kept_event ORDER BY id")
    while let row = try kept.next() {
      guard isWanted(row[0]) else { continue }
      progress[row[0]]?[row[1]]?.keptEvents.append(try Json.value(row[2], StoredEvent.self).event)
    }
  }

  private static let subjectColumn = "CASE WHEN customer IS NULL THEN service ELSE 'customer:' || customer END"

  private mutating func readReviews(_ database: Database, _ isWanted: (String) -> Bool) throws {
    let sql = """
      SELECT DISTINCT \(Self.subjectColumn), id, rule, opened, state, due, scheduled, conducted, closed
      FROM review JOIN review_service ON review = id ORDER BY opened, id
      """
    let rows = try Row.fetchCursor(database, sql: sql)
    while let row = try rows.next() {
      guard isWanted(row[0]) else { continue }
      let state = try ReviewState(stored: row[4])
      if state.isOpen { open[row[0], default: []].append(try openReview(row, state)) }
      records[row[0], default: []].append(try record(row, state))
    }
  }

  private func openReview(_ row: Row, _ state: ReviewState) throws -> OpenReview {
    OpenReview(
      id: row[1], rule: row[2], opened: try Instant(stored: row[3]), state: state, due: try StoredReview.day(row[5]),
      scheduled: try Instant(stored: row[6] as Int64?), conducted: try Instant(stored: row[7] as Int64?))
  }

  private func record(_ row: Row, _ state: ReviewState) throws -> ReviewRecord {
    var record = ReviewRecord(id: row[1], rule: row[2], opened: try Instant(stored: row[3]))
    if let closed = try Instant(stored: row[8] as Int64?) {
      record.closing = Closing(
        review: record.id, rule: record.rule, isCompleted: state == .completed, at: closed,
        conducted: try Instant(stored: row[7] as Int64?) ?? closed, due: try StoredReview.day(row[5]))
    }
    return record
  }
}

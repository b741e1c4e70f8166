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
      sql:
        "SELECT scope, subject, rule, met_on, is_armed, true_since, is_cooling_down, adapted, last_occurrence FROM rule_progress"
    )
    while let row = try rows.next() {
      let subject = try SubjectID(row)
      guard isWanted(subject) else { continue }
      var read = RuleProgress(metOn: try Day(stored: row["met_on"]))
      read.isArmed = row["is_armed"]
      read.trueSince = try Instant(stored: row["true_since"] as Int64?)
      read.isCoolingDown = row["is_cooling_down"]
      read.adapted = try (row["adapted"] as String?).map { try Json.value($0) }
      read.lastOccurrence = try (row["last_occurrence"] as String?).map { try Day(stored: $0) }
      progress[subject, default: [:]][row["rule"]] = read
    }
    let kept = try Row.fetchCursor(database, sql: "SELECT scope, subject, rule, content FROM kept_event ORDER BY id")
    while let row = try kept.next() {
      let subject = try SubjectID(row)
      guard isWanted(subject) else { continue }
      progress[subject]?[row["rule"]]?.keptEvents.append(try Json.value(row["content"], StoredEvent.self).event)
    }
  }

  // In the order of opening, as they stand in memory: reviews are written in that order, and never deleted but to be
  // made anew from the log, in the same. Their instants would not do: several are opened at one.
  private mutating func readReviews(_ database: Database, _ isWanted: (SubjectID) -> Bool) throws {
    let openStates = ReviewState.allCases.filter(\.isOpen).map { "'\($0.rawValue)'" }.joined(separator: ", ")
    let rows = try Row.fetchCursor(
      database, sql: "SELECT \(Review.columns) FROM review WHERE state IN (\(openStates)) ORDER BY review.rowid")
    while let row = try rows.next() {
      let review = try Review(row)
      if isWanted(review.subject) { open[review.subject, default: []].append(review) }
    }
    try readRecords(database, isWanted)
  }

  // There may be very many, of which little is remembered.
  private mutating func readRecords(_ database: Database, _ isWanted: (SubjectID) -> Bool) throws {
    let rows = try Row.fetchCursor(
      database,
      sql:
        "SELECT scope, subject, id, rule, opened, state, due, interval_due, conducted, closed FROM review ORDER BY rowid"
    )
    while let row = try rows.next() {
      let subject = try SubjectID(row)
      guard isWanted(subject) else { continue }
      var record = ReviewRecord(id: row["id"], rule: row["rule"], opened: try Instant(stored: row["opened"] as Int64))
      if let closed = try Instant(stored: row["closed"] as Int64?) {
        record.closing = Closing(
          review: record.id, rule: record.rule, isCompleted: try ReviewState(stored: row["state"]) == .completed,
          at: closed,
          conducted: try Instant(stored: row["conducted"] as Int64?) ?? closed,
          due: try Day(stored: row["interval_due"] as String? ?? row["due"]))
      }
      records[subject, default: []].append(record)
    }
  }
}

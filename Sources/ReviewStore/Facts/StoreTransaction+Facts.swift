import GRDB
import ReviewEngine

extension StoreTransaction {
  /// Appends a fact to the log.
  ///
  /// - Parameter review: the review that it is about, as it leaves it.
  package func append(_ fact: Fact, leaving review: Review?) throws -> LoggedFact {
    try database.cachedStatement(
      sql: """
        INSERT INTO fact (at, kind, by_rule, by_user, scope, subject, review, state, due, content)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      fact.at.milliseconds, fact.content.kind.rawValue, fact.by.rule, fact.by.user, fact.subject?.scope.rawValue,
      fact.subject?.id,
      fact.review, review?.state.rawValue, review?.due.description, try fact.content.json,
    ])
    return LoggedFact(number: database.lastInsertedRowID, fact: fact, review: review)
  }

  /// Notes through which fact a reader has told of the log.
  package func note(reader: String, through number: Int64) throws {
    try database.cachedStatement(
      sql: "INSERT INTO fact_reader (name, through) VALUES (?, ?) ON CONFLICT DO UPDATE SET through = excluded.through"
    ).execute(arguments: [reader, number])
  }
}

extension StoreSnapshot {
  /// Through which fact a reader has told of the log, as far as it was noted.
  package func place(ofReader name: String) throws -> Int64 {
    try Int64.fetchOne(database, sql: "SELECT through FROM fact_reader WHERE name = ?", arguments: [name]) ?? 0
  }

  /// The facts after one, in their order; one that cannot be read says so in its place.
  package func facts(after number: Int64, limit: Int) throws -> [Result<LoggedFact, UnreadableFact>] {
    let statement = try database.cachedStatement(
      sql: "SELECT \(FactRow.columns), state, due FROM fact WHERE number > ? ORDER BY number LIMIT ?")
    // Many facts may be about one review, which may be about thousands of services.
    var reviews: [String: Review] = [:]
    return try Row.fetchAll(statement, arguments: [number, limit]).map { row in
      do {
        let id = row["review"] as String?
        let review = try id.flatMap { try reviews[$0] ?? self.review($0) }
        if let id { reviews[id] = review }
        return .success(try logged(row, review))
      } catch {
        return .failure(UnreadableFact(number: row["number"], kind: row["kind"], review: row["review"]))
      }
    }
  }

  /// A fact with its review as it left it.
  ///
  /// - Parameter review: as it is now.
  func logged(_ row: Row, _ review: Review?) throws -> LoggedFact {
    let read = try FactRow(row)
    var review = review
    if let state = row["state"] as String? { review?.state = try ReviewState(stored: state) }
    if let due = row["due"] as String? { review?.due = try Day(stored: due) }
    return LoggedFact(number: read.number, fact: try read.fact(joinedBefore: joinedBefore), review: review)
  }

  /// The trigger that joined a review last before one of its facts.
  func joinedBefore(_ fact: FactRow) throws -> Trigger? {
    let statement = try database.cachedStatement(
      sql:
        "SELECT \(FactRow.columns) FROM fact WHERE review = ? AND number < ? AND kind = 'joined' ORDER BY number DESC LIMIT 1"
    )
    return try Row.fetchOne(statement, arguments: [fact.review, fact.number]).map { try FactRow($0).trigger() }
  }

  /// How many triggers joined a review at one moment from a fact on, and which was the last one.
  package func joinings(of review: String, at instant: Instant, from number: Int64) throws -> (
    count: Int, through: Int64
  ) {
    let statement = try database.cachedStatement(
      sql: "SELECT count(*), max(number) FROM fact WHERE review = ? AND number >= ? AND kind = 'joined' AND at = ?")
    return try Row.fetchOne(statement, arguments: [review, number, instant.milliseconds]).map {
      ($0[0], $0[1] ?? number)
    } ?? (0, number)
  }

  /// How many facts after one somebody is told of.
  package func untoldCount(after number: Int64) throws -> Int {
    try Int.fetchOne(
      database,
      sql: """
        SELECT count(*) FROM fact WHERE number > ?
          AND (kind <> 'interval_moved' OR review IS NULL AND json_extract(content, '$.from') IS NOT NULL)
        """, arguments: [number]) ?? 0
  }
}

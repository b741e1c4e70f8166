import GRDB
import ReviewEngine

/// Which reviews to list.
package struct ReviewFilter: Sendable {
  package var states: [ReviewState] = ReviewState.allCases
  package var service: String?
  package var dueThrough: Day?
  /// Only what is due before this day.
  package var dueBefore: Day?
  /// Only reviews that one of these services has.
  package var services: [String]?

  package init() {}
}

extension StoreSnapshot {
  /// Reviews in the order of due day and id, after a given one.
  package func reviews(_ filter: ReviewFilter, after: (due: Day, id: String)? = nil, limit: Int) throws -> [Review] {
    var conditions = ["state IN (\(databaseQuestionMarks(count: filter.states.count)))"]
    var arguments = StatementArguments(filter.states.map(\.rawValue))
    if let service = filter.service {
      conditions.append("review.id IN (SELECT review FROM review_service WHERE service = ?)")
      arguments += [service]
    }
    if let services = filter.services {
      conditions.append(
        "review.id IN (SELECT review FROM review_service WHERE service IN (SELECT value FROM json_each(?)))")
      arguments += [try Json.text(services)]
    }
    if let day = filter.dueThrough {
      conditions.append("due <= ?")
      arguments += [day.description]
    }
    if let day = filter.dueBefore {
      conditions.append("due < ?")
      arguments += [day.description]
    }
    if let after {
      conditions.append("(due, review.id) > (?, ?)")
      arguments += [after.due.description, after.id]
    }
    arguments += [limit]
    let sql =
      "SELECT \(Review.columns) FROM review WHERE \(conditions.joined(separator: " AND ")) ORDER BY due, review.id LIMIT ?"
    return try Row.fetchAll(database, sql: sql, arguments: arguments).map { try Review($0) }
  }

  package func review(_ id: String) throws -> Review? {
    let statement = try database.cachedStatement(sql: "SELECT \(Review.columns) FROM review WHERE id = ?")
    return try Row.fetchOne(statement, arguments: [id]).map { try Review($0) }
  }

  /// The ids that begin with a text, at most two of them.
  package func reviewIds(beginningWith prefix: String) throws -> [String] {
    try String.fetchAll(
      database, sql: "SELECT id FROM review WHERE id >= ? AND id < ? ORDER BY id LIMIT 2",
      arguments: [prefix, prefix + "{"])
  }

  /// The ids that are neighbours of one in alphabetical order: what it must be told apart from.
  package func neighbours(ofReview id: String) throws -> [String] {
    try String.fetchAll(
      database,
      sql: """
        SELECT * FROM (SELECT id FROM review WHERE id < ?1 ORDER BY id DESC LIMIT 1)
        UNION ALL SELECT * FROM (SELECT id FROM review WHERE id > ?1 ORDER BY id LIMIT 1)
        """, arguments: [id])
  }

  /// How many open reviews each subject has that are due on each of the days before one.
  package func openReviewCounts(dueBefore day: Day) throws -> [(subject: SubjectID, due: Day, count: Int)] {
    let open = ReviewState.allCases.filter(\.isOpen).map(\.rawValue)
    let sql = """
      SELECT scope, subject, due, count(*) AS count FROM review
      WHERE state IN (\(databaseQuestionMarks(count: open.count))) AND due < ? GROUP BY scope, subject, due ORDER BY due, scope, subject
      """
    return try Row.fetchAll(database, sql: sql, arguments: StatementArguments(open) + [day.description]).map { row in
      (try SubjectID(row), try Day(stored: row["due"]), try Int(storedCount: row["count"]))
    }
  }

  /// How many reviews are in each state.
  package func reviewCounts() throws -> [ReviewState: Int] {
    let rows = try Row.fetchAll(database, sql: "SELECT state, count(*) FROM review GROUP BY state")
    return Dictionary(
      try rows.map { row in (try ReviewState(stored: row[0]), row[1]) }, uniquingKeysWith: { first, _ in first })
  }
}

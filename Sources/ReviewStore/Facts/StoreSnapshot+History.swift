import GRDB
import ReviewEngine

/// What a review remembers, in parts: some have tens of thousands of triggers, and nobody reads all of them at once.
extension StoreSnapshot {
  /// The triggers after the one with a number, in the order in which they came.
  package func triggers(ofReview id: String, after: Int64 = 0, limit: Int) throws -> [StoredTrigger] {
    try triggers(
      "review = ? AND kind IN ('opened', 'joined') AND number > ? ORDER BY number LIMIT ?", [id, after, limit])
  }

  /// The newest triggers, in the order in which they came.
  package func lastTriggers(ofReview id: String, limit: Int) throws -> [StoredTrigger] {
    try triggers("review = ? AND kind IN ('opened', 'joined') ORDER BY number DESC LIMIT ?", [id, limit]).reversed()
  }

  /// How many of the oldest triggers are looked at for those that are the first of a rule.
  private static let examinedCount = 10_000

  /// The first trigger of each rule, and of what was done by hand, as far as the oldest ones tell.
  package func firstTriggers(ofEachRuleOf review: String, limit: Int) throws -> [StoredTrigger] {
    let oldest =
      "SELECT number, by_rule FROM fact WHERE review = ? AND kind IN ('opened', 'joined') ORDER BY number LIMIT ?"
    return try triggers(
      "number IN (SELECT min(number) FROM (\(oldest)) GROUP BY by_rule) ORDER BY number LIMIT ?",
      [review, Self.examinedCount, limit])
  }

  private func triggers(_ condition: String, _ arguments: StatementArguments) throws -> [StoredTrigger] {
    let statement = try database.cachedStatement(sql: "SELECT \(FactRow.columns) FROM fact WHERE \(condition)")
    return try Row.fetchAll(statement, arguments: arguments).map { row in
      let read = try FactRow(row)
      return StoredTrigger(trigger: try read.trigger(), recorded: read.at, number: read.number)
    }
  }

  /// The first and the last lines of a review's history, and how many between them are left out.
  package func history(ofReview id: String, first: Int, last: Int) throws -> (facts: [HistoricFact], leftOut: Int) {
    let sql = "WITH \(Self.historyLines) SELECT count(*) FROM line"
    let count = try Int.fetchOne(try database.cachedStatement(sql: sql), arguments: [id, 0]) ?? 0
    let isAll = count <= first + last
    let oldest = try history(of: id, "ORDER BY number LIMIT ?", [0, isAll ? count : first])
    return isAll
      ? (oldest, 0)
      : (oldest + (try history(of: id, "ORDER BY number DESC LIMIT ?", [0, last])), count - first - last)
  }

  /// The lines of a review's history after the one whose fact has a number.
  package func history(ofReview id: String, after: Int64, limit: Int) throws -> [HistoricFact] {
    // Those before it tell whether it, and what comes after it, are among many at once.
    let before =
      "SELECT number FROM fact WHERE review = ? AND \(Self.isTold) AND number <= ? ORDER BY number DESC LIMIT ?"
    let start = try Int64.fetchOne(
      try database.cachedStatement(sql: "SELECT min(number) FROM (\(before))"),
      arguments: [id, after, HistoricFact.toldAlone + 2])
    return try history(of: id, "WHERE number > ? ORDER BY number LIMIT ?", [start ?? 0, after, limit])
  }

  // A due day that moved says itself why.
  private static let isTold = "kind <> 'interval_moved'"

  /// A fact has a line but where so many before it, one after another, are triggers that joined at its moment.
  private static let historyLines = """
    told AS (
      SELECT number, kind = 'joined' AND sum(kind = 'joined') OVER run = \(HistoricFact.toldAlone + 2)
        AND min(at) OVER run = max(at) OVER run AS is_told_before
      FROM fact WHERE review = ? AND \(isTold) AND number >= ?
      WINDOW run AS (ORDER BY number ROWS \(HistoricFact.toldAlone + 1) PRECEDING)),
    line AS (SELECT number FROM told WHERE NOT is_told_before)
    """

  private func history(of id: String, _ condition: String, _ arguments: StatementArguments) throws -> [HistoricFact] {
    let before =
      "(SELECT state FROM fact AS earlier WHERE earlier.review = fact.review AND earlier.number < fact.number ORDER BY number DESC LIMIT 1)"
    let statement = try database.cachedStatement(
      sql: """
        WITH \(Self.historyLines)
        SELECT \(FactRow.columns), state, due, \(before) AS state_before
        FROM (SELECT number FROM line \(condition)) JOIN fact USING (number) ORDER BY number
        """)
    let review = try review(id)
    return try Row.fetchAll(statement, arguments: [id] + arguments).map { row in
      HistoricFact(
        logged: try logged(row, review),
        stateBefore: try (row["state_before"] as String?).map { try ReviewState(stored: $0) },
        togetherCount: try togetherCount(row))
    }
  }

  /// How many triggers the line of a fact stands for: more than one where those before it, and those after it, joined
  /// at its moment.
  private func togetherCount(_ row: Row) throws -> Int {
    guard row["kind"] == "joined" else { return 1 }
    let (id, number, at): (String, Int64, Int64) = (row["review"], row["number"], row["at"])
    let others = "kind <> 'joined' OR at <> ?"
    let alone = try Int.fetchOne(
      try database.cachedStatement(
        sql: """
          SELECT sum(\(others)) FROM (
            SELECT kind, at FROM fact WHERE review = ? AND \(Self.isTold) AND number < ? ORDER BY number DESC LIMIT ?)
          """), arguments: [at, id, number, HistoricFact.toldAlone])
    guard alone == 0 else { return 1 }
    let end = try Int64.fetchOne(
      try database.cachedStatement(
        sql: """
          SELECT number FROM fact WHERE review = ? AND \(Self.isTold) AND number > ? AND (\(others)) ORDER BY number LIMIT 1
          """), arguments: [id, number, at])
    return try Int.fetchOne(
      try database.cachedStatement(
        sql: "SELECT count(*) FROM fact WHERE review = ? AND \(Self.isTold) AND number >= ? AND number < ?"),
      arguments: [id, number, end ?? Int64.max]) ?? 1
  }

  /// The newest changes of the due days of a subject's adaptive intervals, the newest first.
  package func intervalMoves(of subject: SubjectID, limit: Int) throws -> [(at: Instant, move: IntervalMove)] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT \(FactRow.columns) FROM fact WHERE scope = ? AND subject = ? AND kind = 'interval_moved' ORDER BY number DESC LIMIT ?
        """, arguments: [subject.scope.rawValue, subject.id, limit]
    ).map { row in
      let read = try FactRow(row)
      return (read.at, try read.intervalMove())
    }
  }
}

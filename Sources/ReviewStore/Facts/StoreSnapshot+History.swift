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
    let count = try Int.fetchOne(try database.cachedStatement(sql: sql), arguments: [id]) ?? 0
    let isAll = count <= first + last
    let oldest = try history(of: id, "ORDER BY number LIMIT ?", [isAll ? count : first])
    return isAll
      ? (oldest, 0)
      : (oldest + (try history(of: id, "ORDER BY number DESC LIMIT ?", [last])), count - first - last)
  }

  /// The lines of a review's history after the one whose fact has a number.
  package func history(ofReview id: String, after: Int64, limit: Int) throws -> [HistoricFact] {
    try history(of: id, "WHERE number > ? ORDER BY number LIMIT ?", [after, limit])
  }

  // A due day that moved says itself why. Triggers that joined one after another at one moment are a run: those of one
  // kind and moment are as far from one another among themselves as among all.
  private static let historyLines = """
    told AS (
      SELECT number, kind, at, lag(state) OVER (ORDER BY number) AS state_before,
        row_number() OVER (ORDER BY number) - row_number() OVER (PARTITION BY kind, at ORDER BY number) AS run
      FROM fact WHERE review = ? AND kind <> 'interval_moved'),
    placed AS (
      SELECT *, row_number() OVER (PARTITION BY kind, at, run ORDER BY number) AS place,
        count(*) OVER (PARTITION BY kind, at, run) AS size FROM told),
    line AS (
      SELECT *, iif(kind = 'joined' AND size > \(HistoricFact.toldAlone + 1) AND place > \(HistoricFact.toldAlone),
        size - \(HistoricFact.toldAlone), 1) AS together_count
      FROM placed
      WHERE kind <> 'joined' OR size <= \(HistoricFact.toldAlone + 1) OR place <= \(HistoricFact.toldAlone + 1))
    """

  private func history(of id: String, _ condition: String, _ arguments: StatementArguments) throws -> [HistoricFact] {
    let statement = try database.cachedStatement(
      sql: """
        WITH \(Self.historyLines)
        SELECT \(FactRow.columns), state, due, state_before, together_count
        FROM (SELECT number, state_before, together_count FROM line \(condition)) JOIN fact USING (number) ORDER BY number
        """)
    let review = try review(id)
    return try Row.fetchAll(statement, arguments: [id] + arguments).map { row in
      HistoricFact(
        logged: try logged(row, review),
        stateBefore: try (row["state_before"] as String?).map { try ReviewState(stored: $0) },
        togetherCount: row["together_count"])
    }
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

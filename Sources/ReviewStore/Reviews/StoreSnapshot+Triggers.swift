import GRDB
import ReviewEngine

/// Parts of what a review remembers: some reviews have tens of thousands of triggers, and nobody reads all of them at once.
extension StoreSnapshot {
  private static let triggerColumns = "id, services, rule, at, recorded, evidence"

  /// The triggers after the one with a number, in the order in which they came.
  package func triggers(ofReview id: String, after: Int64 = 0, limit: Int) throws -> [StoredTrigger] {
    try triggers("review = ? AND id > ? ORDER BY id LIMIT ?", [id, after, limit])
  }

  /// The newest triggers, in the order in which they came.
  package func lastTriggers(ofReview id: String, limit: Int) throws -> [StoredTrigger] {
    try triggers("review = ? ORDER BY id DESC LIMIT ?", [id, limit]).reversed()
  }

  /// How many of the oldest triggers are looked at for those that are the first of a rule.
  private static let examinedCount = 10_000

  /// The first trigger of each rule, and of what was done by hand, as far as the oldest ones tell.
  package func firstTriggers(ofEachRuleOf review: String, limit: Int) throws -> [StoredTrigger] {
    let oldest = "SELECT id, rule FROM review_trigger WHERE review = ? ORDER BY id LIMIT ?"
    return try triggers("id IN (SELECT min(id) FROM (\(oldest)) GROUP BY rule) ORDER BY id LIMIT ?", [review, Self.examinedCount, limit])
  }

  private func triggers(_ condition: String, _ arguments: StatementArguments) throws -> [StoredTrigger] {
    let statement = try database.cachedStatement(sql: "SELECT \(Self.triggerColumns) FROM review_trigger WHERE \(condition)")
    return try Row.fetchAll(statement, arguments: arguments).map { row in
      StoredTrigger(
        services: (row[1] as String).split(separator: " ").map(String.init), rule: row[2], at: try Instant(stored: row[3]),
        recorded: try Instant(stored: row[4]), evidence: try Json.value(row[5]), number: row[0])
    }
  }

  /// The first and the last entries of a review's history, and how many between them are left out.
  package func history(ofReview id: String, first: Int, last: Int) throws -> (entries: [HistoryEntry], leftOut: Int) {
    let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM review_history WHERE review = ?", arguments: [id]) ?? 0
    let oldest = try numberedHistory("review = ? ORDER BY id LIMIT ?", [id, count <= first + last ? count : first])
    guard count > first + last else { return (oldest.map(\.entry), 0) }
    let newest = try numberedHistory("review = ? ORDER BY id DESC LIMIT ?", [id, last]).reversed()
    return (oldest.map(\.entry) + newest.map(\.entry), count - first - last)
  }

  /// The entries after the one with a number, each with its own.
  package func history(ofReview id: String, after: Int64, limit: Int) throws -> [(number: Int64, entry: HistoryEntry)] {
    try numberedHistory("review = ? AND id > ? ORDER BY id LIMIT ?", [id, after, limit])
  }

  private func numberedHistory(
    _ condition: String, _ arguments: StatementArguments
  ) throws -> [(number: Int64, entry: HistoryEntry)] {
    let columns = "id, at, who, what, from_value, to_value, why"
    let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM review_history WHERE \(condition)")
    return try Row.fetchAll(statement, arguments: arguments).map {
      ($0[0], HistoryEntry(at: try Instant(stored: $0[1]), who: $0[2], what: $0[3], from: $0[4], to: $0[5], why: $0[6]))
    }
  }
}

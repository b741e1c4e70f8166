import GRDB
import ReviewEngine

/// What is forgotten by its age. Reviews and their evidence stay.
extension StoreTransaction {
  /// Forgets whole blocks of samples whose newest is older than an instant, and the series of which nothing is left:
  /// they make room for other sets of labels.
  ///
  /// - Parameter limit: how many blocks at most, so that nobody waits long for the transaction.
  /// - Returns: how many samples went.
  package func forgetSamples(before instant: Instant, limit: Int) throws -> Int {
    let statement = try database.cachedStatement(
      sql: """
        DELETE FROM sample_block WHERE id IN (
          SELECT sample_block.id FROM series CROSS JOIN sample_block ON series = series.id
          WHERE first_time < ?1 AND last_time < ?1 LIMIT ?2)
        RETURNING sample_count, series
        """)
    let rows = try Row.fetchAll(statement, arguments: [instant.milliseconds, limit])
    try forgetEmpty(Set(rows.map { $0[1] }))
    return rows.reduce(0) { $0 + ($1[0] as Int) }
  }

  private func forgetEmpty(_ series: Set<Int64>) throws {
    let statement = try database.cachedStatement(
      sql: "DELETE FROM series WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM sample_block WHERE series = ?1)")
    for id in series { try statement.execute(arguments: [id]) }
    if !series.isEmpty { seriesIds.forget() }
  }

  /// Forgets events older than an instant, with what they said before they were revised.
  ///
  /// - Returns: how many went.
  package func forgetEvents(before instant: Instant, limit: Int) throws -> Int {
    let ids = try Int64.fetchAll(
      database, sql: "SELECT id FROM event WHERE time < ? ORDER BY id LIMIT ?",
      arguments: [instant.milliseconds, limit])
    let revisions = try database.cachedStatement(sql: "DELETE FROM event_revision WHERE event = ?")
    let matches = try database.cachedStatement(sql: "DELETE FROM event_match WHERE event = ?")
    let events = try database.cachedStatement(sql: "DELETE FROM event WHERE id = ?")
    for id in ids {
      try matches.execute(arguments: [id])
      try revisions.execute(arguments: [id])
      try events.execute(arguments: [id])
    }
    return ids.count
  }
}

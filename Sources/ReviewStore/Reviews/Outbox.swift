import GRDB
import ReviewEngine

/// What is to be announced; its number is the stable id that receivers drop repeats by.
package struct Announcement: Sendable {
  package let id: Int64
  package let kind: String
  package let created: Instant
  /// Journal fields by name, as JSON text of an object of lists.
  package let content: String
}

extension StoreTransaction {
  /// Puts an announcement into the outbox, in the same transaction as what it tells of.
  package func enqueue(kind: String, fields: [String: [String]], at instant: Instant) throws {
    try database.cachedStatement(sql: "INSERT INTO announcement (kind, created, content) VALUES (?, ?, ?)").execute(
      arguments: [kind, instant.milliseconds, try Json.text(fields)])
  }

  /// Marks announcements as sent.
  package func markSent(_ ids: [Int64], at instant: Instant) throws {
    let statement = try database.cachedStatement(sql: "UPDATE announcement SET sent = ? WHERE id = ?")
    for id in ids { try statement.execute(arguments: [instant.milliseconds, id]) }
    // The journal has them; some stay for whoever looks what was sent last. A number is never given twice.
    try database.cachedStatement(
      sql: "DELETE FROM announcement WHERE sent IS NOT NULL AND id < (SELECT max(id) FROM announcement) - 1000"
    ).execute()
  }
}

extension StoreSnapshot {
  /// The oldest announcements that were not sent.
  package func unsent(limit: Int) throws -> [Announcement] {
    let statement = try database.cachedStatement(
      sql: "SELECT id, kind, created, content FROM announcement WHERE sent IS NULL ORDER BY id LIMIT ?")
    return try Row.fetchAll(statement, arguments: [limit]).map {
      Announcement(id: $0[0], kind: $0[1], created: try Instant(stored: $0[2]), content: $0[3])
    }
  }

  package func unsentCount() throws -> Int {
    try Int.fetchOne(database, sql: "SELECT count(*) FROM announcement WHERE sent IS NULL") ?? 0
  }
}

extension Announcement {
  package func fields() throws -> [String: [String]] { try Json.value(content) }
}

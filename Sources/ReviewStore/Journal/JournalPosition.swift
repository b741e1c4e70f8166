import GRDB

/// How far the journal was read, and with which sources: written in the transaction that stores the events found there.
package struct JournalPosition: Hashable, Sendable {
  /// Of the last entry that counts as read; empty where the journal had none.
  package let cursor: String
  /// The fingerprints of the sources, sorted.
  package let sources: [String]

  package init(cursor: String, sources: [String]) {
    self.cursor = cursor
    self.sources = sources
  }
}

extension StoreTransaction {
  package func save(_ position: JournalPosition) throws {
    try database.cachedStatement(
      sql:
        "INSERT INTO journal_position (id, cursor, sources) VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET cursor = ?1, sources = ?2"
    ).execute(arguments: [position.cursor, try Json.text(position.sources)])
  }
}

extension StoreSnapshot {
  package func journalPosition() throws -> JournalPosition? {
    try Row.fetchOne(database, sql: "SELECT cursor, sources FROM journal_position").map {
      JournalPosition(cursor: $0[0], sources: try Json.value($0[1]))
    }
  }
}

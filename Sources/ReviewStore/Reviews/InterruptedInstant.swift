import GRDB
import ReviewEngine

/// A grid instant that was not worked off to its end, and the subjects that it was evaluated for.
package struct InterruptedInstant: Sendable {
  package let instant: Instant
  /// All subjects in their order up to this one; nil for none.
  package let through: SubjectID?
  /// Subjects behind that one.
  package let done: Set<SubjectID>

  /// Whether it was evaluated for a subject.
  package func isDone(_ subject: SubjectID) -> Bool { through.map { subject <= $0 } ?? false || done.contains(subject) }
}

extension StoreTransaction {
  /// Notes how far an instant is worked off.
  package func noteInWork(_ instant: Instant, through subject: SubjectID?) throws {
    let milliseconds = instant.milliseconds
    // What was done of another instant says nothing of this one.
    try database.cachedStatement(
      sql: "DELETE FROM instant_done WHERE NOT EXISTS (SELECT 1 FROM instant_in_work WHERE instant = ?)"
    ).execute(arguments: [milliseconds])
    try database.cachedStatement(
      sql: """
        INSERT INTO instant_in_work (id, instant, through_scope, through_subject) VALUES (1, ?, ?, ?)
        ON CONFLICT DO UPDATE SET instant = excluded.instant, through_scope = excluded.through_scope,
          through_subject = excluded.through_subject
        """
    ).execute(arguments: [milliseconds, subject?.scope.rawValue, subject?.id])
  }

  /// Notes subjects that an instant in work was evaluated for before their turn.
  package func noteDone(_ subjects: [SubjectID]) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT OR IGNORE INTO instant_done (scope, subject) VALUES (?, ?)")
    for subject in subjects { try statement.execute(arguments: [subject.scope.rawValue, subject.id]) }
  }

  /// Notes that the instant is worked off to its end.
  package func noteWorkedOff() throws {
    try database.cachedStatement(sql: "DELETE FROM instant_in_work").execute()
    try database.cachedStatement(sql: "DELETE FROM instant_done").execute()
  }
}

extension StoreSnapshot {
  /// The instant that a crash interrupted; nil where there is none.
  package func instantInWork() throws -> InterruptedInstant? {
    let done = try Row.fetchAll(database, sql: "SELECT scope, subject FROM instant_done").map { try SubjectID($0) }
    return try Row.fetchOne(database, sql: "SELECT instant, through_scope, through_subject FROM instant_in_work").map {
      row in
      InterruptedInstant(
        instant: try Instant(stored: row["instant"] as Int64),
        through: try SubjectID(ifIn: row, scope: "through_scope", id: "through_subject"), done: Set(done))
    }
  }
}

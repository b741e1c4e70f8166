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
        INSERT INTO instant_in_work (id, instant, through_subject) VALUES (1, ?, ?)
        ON CONFLICT DO UPDATE SET instant = excluded.instant, through_subject = excluded.through_subject
        """
    ).execute(arguments: [milliseconds, subject?.stored ?? ""])
  }

  /// Notes subjects that an instant in work was evaluated for before their turn.
  package func noteDone(_ subjects: [SubjectID]) throws {
    let statement = try database.cachedStatement(sql: "INSERT OR IGNORE INTO instant_done (subject) VALUES (?)")
    for subject in subjects { try statement.execute(arguments: [subject.stored]) }
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
    let done = try String.fetchAll(database, sql: "SELECT subject FROM instant_done").map { SubjectID(stored: $0) }
    return try Row.fetchOne(database, sql: "SELECT instant, through_subject FROM instant_in_work").map {
      let through = $0[1] as String
      return InterruptedInstant(
        instant: try Instant(stored: $0[0]), through: through.isEmpty ? nil : SubjectID(stored: through), done: Set(done))
    }
  }
}

import GRDB
import ReviewEngine

/// What rules remember of their subjects.
extension StoreTransaction {
  /// Writes one rule's progress for one subject.
  package func save(_ progress: RuleProgress, before: RuleProgress?, rule: String, subject: SubjectID) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO rule_progress (scope, subject, rule, met_on, is_armed, true_since, is_cooling_down, adapted, last_occurrence)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET is_armed = excluded.is_armed, true_since = excluded.true_since,
          is_cooling_down = excluded.is_cooling_down, adapted = excluded.adapted, last_occurrence = excluded.last_occurrence
        """
    ).execute(arguments: [
      subject.scope.rawValue, subject.id, rule, progress.metOn.description, progress.isArmed,
      progress.trueSince?.milliseconds,
      progress.isCoolingDown,
      try progress.adapted.map { try Json.text($0) }, progress.lastOccurrence?.description,
    ])
    try save(progress.keptEvents, before: before?.keptEvents ?? KeptEvents(), rule: rule, subject: subject)
  }

  /// Writes what happened to what is kept; only where it is no continuation of what was kept before, all of it anew.
  private func save(_ kept: KeptEvents, before: KeptEvents, rule: String, subject: SubjectID) throws {
    if let changes = kept.changes(since: before) {
      for change in changes { try save(change, rule: rule, subject: subject) }
    } else {
      try database.cachedStatement(sql: "DELETE FROM kept_event WHERE scope = ? AND subject = ? AND rule = ?").execute(
        arguments: [subject.scope.rawValue, subject.id, rule])
      for event in kept.events { try save(.added(event), rule: rule, subject: subject) }
    }
  }

  private func save(_ change: KeptEvents.Change, rule: String, subject: SubjectID) throws {
    let scope = subject.scope.rawValue
    switch change {
    case .added(let event):
      try database.cachedStatement(
        sql: "INSERT INTO kept_event (scope, subject, rule, source, identity, content) VALUES (?, ?, ?, ?, ?, ?)"
      ).execute(arguments: [
        scope, subject.id, rule, event.identity.source, event.identity.id, try Json.text(StoredEvent(event)),
      ])
    case .revised(let event):
      try database.cachedStatement(
        sql:
          "UPDATE kept_event SET content = ? WHERE scope = ? AND subject = ? AND rule = ? AND source = ? AND identity = ?"
      ).execute(arguments: [
        try Json.text(StoredEvent(event)), scope, subject.id, rule, event.identity.source, event.identity.id,
      ])
    case .removed(let identity):
      try database.cachedStatement(
        sql: "DELETE FROM kept_event WHERE scope = ? AND subject = ? AND rule = ? AND source = ? AND identity = ?"
      ).execute(arguments: [scope, subject.id, rule, identity.source, identity.id])
    }
  }
}

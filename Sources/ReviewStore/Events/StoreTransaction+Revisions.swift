import GRDB
import ReviewEngine

extension StoreTransaction {
  /// The keys of the causes that an earlier version of a revised event matched, for the event's service.
  ///
  /// Each version is compared once with each cause, however often the event is revised: what came of it is remembered.
  package func matched(_ revision: StoredRevision, now event: Event, among causes: [EventCause]) throws -> Set<String> {
    var matched = Set<String>()
    for cause in causes {
      let key = cause.key(of: event)
      let known = try match(of: revision.event, key)
      let matches =
        try known.matched
        || revisions(revision, after: known.through).contains { cause.matches($0, for: event.service) }
      if matches { matched.insert(key) }
      if !known.matched { try note(matches, revision, key) }
    }
    return matched
  }

  private func match(of event: Int64, _ cause: String) throws -> (through: Int64, matched: Bool) {
    let statement = try database.cachedStatement(
      sql: "SELECT through_revision, matched FROM event_match WHERE event = ? AND cause = ?")
    return try Row.fetchOne(statement, arguments: [event, cause]).map { ($0[0], $0[1]) } ?? (0, false)
  }

  private func note(_ matched: Bool, _ revision: StoredRevision, _ cause: String) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO event_match (event, cause, through_revision, matched) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET through_revision = excluded.through_revision, matched = excluded.matched
        """
    ).execute(arguments: [revision.event, cause, revision.before, matched])
  }

  private func revisions(_ revision: StoredRevision, after number: Int64) throws -> [Event] {
    let statement = try database.cachedStatement(
      sql:
        "SELECT type, service, time, attributes FROM event_revision WHERE event = ? AND revision > ? ORDER BY revision")
    return try Row.fetchAll(statement, arguments: [revision.event, number]).map { row in
      Event(
        identity: revision.identity, type: row[0], service: row[1], time: try Instant(stored: row[2]),
        attributes: try Event.attributes(row[3]))
    }
  }
}

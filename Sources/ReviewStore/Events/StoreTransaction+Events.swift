import GRDB
import ReviewEngine

/// What became of an event that was to be stored.
package enum EventReception: Sendable {
  case new
  /// The same identity with other content; with where its earlier versions lie.
  case revised(StoredRevision)
  case known
}

/// A revised event: its row, and the number of the version before this one.
package struct StoredRevision: Sendable {
  let event: Int64
  let before: Int64
  let identity: EventIdentity
}

extension StoreTransaction {
  /// Stores an event once: the same one again is known, and one with other content is a revision of it.
  package func take(_ event: Event, receivedAt: Instant) throws -> EventReception {
    let find = try database.cachedStatement(
      sql:
        "SELECT source, identity, type, service, time, attributes, id, revision, received FROM event WHERE source = ? AND identity = ?"
    )
    guard let row = try Row.fetchOne(find, arguments: [event.identity.source, event.identity.id]) else {
      try insert(event, receivedAt)
      return .new
    }
    let stored = try Event(row)
    if stored == event { return .known }
    try revise(row, to: event, receivedAt)
    return .revised(StoredRevision(event: row[6], before: row[7], identity: event.identity))
  }

  private func insert(_ event: Event, _ receivedAt: Instant) throws {
    let statement = try database.cachedStatement(
      sql:
        "INSERT INTO event (source, identity, revision, type, service, time, attributes, received) VALUES (?, ?, 1, ?, ?, ?, ?, ?)"
    )
    try statement.execute(arguments: [
      event.identity.source, event.identity.id, event.type, event.service, event.time.milliseconds,
      try event.attributesJson,
      receivedAt.milliseconds,
    ])
  }

  private func revise(_ row: Row, to event: Event, _ receivedAt: Instant) throws {
    let (id, revision): (Int64, Int64) = (row[6], row[7])
    guard revision < Int64.max else { throw StoreError.outOfRange("a revision", "\(revision)") }
    try database.cachedStatement(
      sql:
        "INSERT INTO event_revision (event, revision, type, service, time, attributes, received) VALUES (?, ?, ?, ?, ?, ?, ?)"
    ).execute(arguments: [
      id, revision, row[2] as String, row[3] as String, row[4] as Int64, row[5] as String, row[8] as Int64,
    ])
    try database.cachedStatement(
      sql: "UPDATE event SET revision = ?, type = ?, service = ?, time = ?, attributes = ?, received = ? WHERE id = ?"
    ).execute(arguments: [
      revision + 1, event.type, event.service, event.time.milliseconds, try event.attributesJson,
      receivedAt.milliseconds, id,
    ])
  }
}

extension StoreSnapshot {
  /// The events of a type and service in `(after, through]`, in the order of time.
  func events(of type: String, in window: ServiceWindow) throws -> [Event] {
    let statement = try database.cachedStatement(
      sql: """
        SELECT source, identity, type, service, time, attributes FROM event
        WHERE service = ? AND type = ? AND time > ? AND time <= ? ORDER BY time, source, identity
        """)
    let rows = try Row.fetchCursor(
      statement, arguments: [window.service, type, window.after.milliseconds, window.through.milliseconds])
    return try Array(rows.map { try Event($0) })
  }

  func eventCount(of type: String, in window: ServiceWindow) throws -> Int {
    let statement = try database.cachedStatement(
      sql: "SELECT count(*) FROM event WHERE service = ? AND type = ? AND time > ? AND time <= ?")
    return try Int.fetchOne(
      statement, arguments: [window.service, type, window.after.milliseconds, window.through.milliseconds]) ?? 0
  }

  /// All that was recorded of some services up to an instant: what a replay reads.
  ///
  /// - Parameters:
  ///   - indicators: only these; nil for all.
  ///   - eventTypes: only these; nil for all.
  package func history(
    of services: [String], through: Instant, indicators: Set<String>? = nil, eventTypes: Set<String>? = nil
  ) throws -> (samples: [SubjectHistory.SeriesKey: [Sample]], events: [Event]) {
    var samples: [SubjectHistory.SeriesKey: [Sample]] = [:]
    let reader = BlockReader(database: database)
    let series = try Row.fetchAll(
      database,
      sql: """
        SELECT service, indicator, id FROM series WHERE service IN (SELECT value FROM json_each(?)) ORDER BY service, indicator, labels
        """, arguments: [try Json.text(services)])
    for row in series where indicators?.contains(row[1]) ?? true {
      let key = SubjectHistory.SeriesKey(service: row[0], indicator: row[1])
      let read = try reader.samples(of: row[2], after: .distantPast, through: through)
      let known = samples[key] ?? []
      samples[key] = known.isEmpty ? read : merged(known, read)
    }
    return (samples, try events(of: services, through: through, eventTypes))
  }

  private func events(of services: [String], through: Instant, _ types: Set<String>?) throws -> [Event] {
    if types?.isEmpty ?? false { return [] }
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT source, identity, type, service, time, attributes FROM event
        WHERE service IN (SELECT value FROM json_each(?)) AND time <= ? ORDER BY time, source, identity
        """, arguments: [try Json.text(services), through.milliseconds])
    return try rows.filter { types?.contains($0[2]) ?? true }.map { try Event($0) }
  }

  // Stable: at the same time those of the earlier labels come first.
  private func merged(_ first: [Sample], _ second: [Sample]) -> [Sample] {
    (first.map { (0, $0) } + second.map { (1, $0) }).sorted { ($0.1.time, $0.0) < ($1.1.time, $1.0) }.map(\.1)
  }

  /// How much is stored, for the status: series, samples and events.
  package func sizes() throws -> (series: Int, samples: Int, events: Int) {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT (SELECT count(*) FROM series), (SELECT CAST(min(total(sample_count), 9e15) AS INTEGER) FROM sample_block),
          (SELECT count(*) FROM event)
        """)
    return (row?[0] ?? 0, row?[1] ?? 0, row?[2] ?? 0)
  }
}

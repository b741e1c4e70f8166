import GRDB
import ReviewEngine

extension StoreTransaction {
  /// The subjects of a rule set with all that is remembered of them; services that are new are remembered from `today` on.
  package func subjects(of ruleSet: RuleSet, today: Day) throws -> [Subject] {
    let known = try Row.fetchAll(database, sql: "SELECT id, first_loaded_on FROM service").reduce(into: [String: Day]()) { days, row in
      days[row[0]] = try StoredReview.day(row[1])
    }
    let progress = try loadProgress()
    let open = try loadOpenReviews()
    let records = try loadRecords()
    return try ruleSet.services.map { service in
      if known[service.id] == nil {
        try database.execute(
          sql: "INSERT INTO service (id, first_loaded_on) VALUES (?, ?)", arguments: [service.id, today.description])
      }
      return Subject(
        service: service, firstLoadedOn: known[service.id] ?? today, progress: progress[service.id] ?? [:],
        openReviews: open[service.id] ?? [], records: records[service.id] ?? [])
    }
  }

  private func loadProgress() throws -> [String: [String: RuleProgress]] {
    var loaded: [String: [String: RuleProgress]] = [:]
    let rows = try Row.fetchCursor(
      database, sql: "SELECT service, rule, met_on, is_armed, true_since, is_cooling_down FROM rule_progress")
    while let row = try rows.next() {
      var progress = RuleProgress(metOn: try StoredReview.day(row[2]))
      progress.isArmed = row[3]
      progress.trueSince = (row[4] as Int64?).map { Instant(milliseconds: $0) }
      progress.isCoolingDown = row[5]
      loaded[row[0], default: [:]][row[1]] = progress
    }
    for row in try Row.fetchAll(database, sql: "SELECT service, rule, content FROM kept_event ORDER BY id") {
      loaded[row[0]]?[row[1]]?.keptEvents.append(try Json.value(row[2], StoredEvent.self).event)
    }
    return loaded
  }

  private func loadOpenReviews() throws -> [String: [OpenReview]] {
    let sql = """
      SELECT service, id, rule, opened, state, due, scheduled, conducted FROM review JOIN review_service ON review = id
      WHERE state IN ('pending', 'scheduled', 'conducted') ORDER BY opened, id
      """
    return try Row.fetchAll(database, sql: sql).reduce(into: [:]) { loaded, row in
      let review = OpenReview(
        id: row[1], rule: row[2], opened: Instant(milliseconds: row[3]), state: ReviewState(rawValue: row[4]) ?? .pending,
        due: try StoredReview.day(row[5]), scheduled: (row[6] as Int64?).map { Instant(milliseconds: $0) },
        conducted: (row[7] as Int64?).map { Instant(milliseconds: $0) })
      loaded[row[0], default: []].append(review)
    }
  }

  private func loadRecords() throws -> [String: [ReviewRecord]] {
    let sql = """
      SELECT service, id, rule, opened, state, due, conducted, closed FROM review JOIN review_service ON review = id ORDER BY opened, id
      """
    return try Row.fetchAll(database, sql: sql).reduce(into: [:]) { loaded, row in
      var record = ReviewRecord(id: row[1], rule: row[2], opened: Instant(milliseconds: row[3]))
      if let closed = (row[7] as Int64?).map({ Instant(milliseconds: $0) }) {
        record.closing = Closing(
          review: record.id, rule: record.rule, isCompleted: row[4] == ReviewState.completed.rawValue, at: closed,
          conducted: (row[6] as Int64?).map { Instant(milliseconds: $0) } ?? closed, due: try StoredReview.day(row[5]))
      }
      loaded[row[0], default: []].append(record)
    }
  }

  /// Writes one rule's progress for one service.
  package func save(_ progress: RuleProgress, before: RuleProgress?, rule: String, service: String) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO rule_progress (service, rule, met_on, is_armed, true_since, is_cooling_down) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET is_armed = excluded.is_armed, true_since = excluded.true_since, is_cooling_down = excluded.is_cooling_down
        """
    ).execute(arguments: [
      service, rule, progress.metOn.description, progress.isArmed, progress.trueSince?.milliseconds, progress.isCoolingDown,
    ])
    guard progress.keptEvents != before?.keptEvents ?? [] else { return }
    try database.cachedStatement(sql: "DELETE FROM kept_event WHERE service = ? AND rule = ?").execute(arguments: [service, rule])
    let insert = try database.cachedStatement(
      sql: "INSERT INTO kept_event (service, rule, source, identity, content) VALUES (?, ?, ?, ?, ?)")
    for event in progress.keptEvents {
      try insert.execute(arguments: [service, rule, event.identity.source, event.identity.id, try Json.text(StoredEvent(event))])
    }
  }

  /// Notes through which instant rules were evaluated, and adds to what they counted.
  package func note(rule: String, evaluatedThrough: Instant?, unknown: Int = 0, lackingAttribute: Int = 0) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO rule (id, evaluated_through, unknown_count, lacking_attribute_count) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET evaluated_through = coalesce(excluded.evaluated_through, evaluated_through),
          unknown_count = unknown_count + excluded.unknown_count,
          lacking_attribute_count = lacking_attribute_count + excluded.lacking_attribute_count
        """
    ).execute(arguments: [rule, evaluatedThrough?.milliseconds, unknown, lackingAttribute])
  }

  package func add(_ amount: Int, toCounter name: String) throws {
    guard amount != 0 else { return }
    try database.cachedStatement(
      sql: "INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value"
    ).execute(arguments: [name, amount])
  }

  /// Keeps what a rule set was made of, unless the last one was made of the same.
  package func recordRuleSet(fingerprint: String, files: [[String]], at instant: Instant) throws {
    let last = try String.fetchOne(database, sql: "SELECT fingerprint FROM rule_set ORDER BY id DESC LIMIT 1")
    guard last != fingerprint else { return }
    try database.execute(
      sql: "INSERT INTO rule_set (loaded, fingerprint, files) VALUES (?, ?, ?)",
      arguments: [instant.milliseconds, fingerprint, try Json.text(files)])
  }
}

/// What is remembered of a rule as a whole.
package struct RuleTally: Sendable {
  package let evaluatedThrough: Instant?
  package let unknownCount: Int
  package let lackingAttributeCount: Int
}

extension StoreSnapshot {
  package func ruleTallies() throws -> [String: RuleTally] {
    let rows = try Row.fetchAll(database, sql: "SELECT id, evaluated_through, unknown_count, lacking_attribute_count FROM rule")
    return Dictionary(
      rows.map { row in
        let through = (row[1] as Int64?).map { Instant(milliseconds: $0) }
        return (row[0], RuleTally(evaluatedThrough: through, unknownCount: row[2], lackingAttributeCount: row[3]))
      }, uniquingKeysWith: { first, _ in first })
  }

  package func counters() throws -> [String: Int] {
    let rows = try Row.fetchAll(database, sql: "SELECT name, value FROM counter")
    return Dictionary(rows.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
  }
}

/// A whole event as JSON.
private struct StoredEvent: Codable {
  let source: String, id: String, type: String, service: String
  let time: Int64
  let attributes: [String: StoredAttribute]

  init(_ event: Event) {
    source = event.identity.source
    id = event.identity.id
    type = event.type
    service = event.service
    time = event.time.milliseconds
    attributes = event.attributes.mapValues(StoredAttribute.init)
  }

  var event: Event {
    Event(
      identity: EventIdentity(source: source, id: id), type: type, service: service, time: Instant(milliseconds: time),
      attributes: attributes.compactMapValues(\.value))
  }
}

extension StoreSnapshot {
  /// The files of the rule set that was in force last: kind, path and text of each.
  package func lastRuleSetFiles() throws -> [[String]] {
    let files = try String.fetchOne(database, sql: "SELECT files FROM rule_set ORDER BY id DESC LIMIT 1")
    return try files.map { try Json.value($0) } ?? []
  }
}

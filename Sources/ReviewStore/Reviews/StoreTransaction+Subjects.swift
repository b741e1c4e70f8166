import GRDB
import ReviewEngine

extension StoreTransaction {
  /// The subjects of a rule set with all that is remembered of them; those that are new are remembered from today on.
  ///
  /// - Returns: the subjects, and the keys of those whose calendar is another than before.
  package func subjects(of ruleSet: RuleSet, at now: Instant) throws -> (subjects: [Subject], recalendared: [String]) {
    let known = try Row.fetchAll(database, sql: "SELECT id, first_loaded_on, calendar FROM subject").reduce(
      into: [String: (day: Day, calendar: String?)]()
    ) { known, row in known[row[0]] = (try StoredReview.day(row[1]), row[2]) }
    let progress = try loadProgress()
    let open = try loadOpenReviews()
    let records = try loadRecords()
    var recalendared: [String] = []
    let subjects = try ruleSet.subjects { identity, zone in known[identity.key]?.day ?? zone.day(of: now) }.map { subject in
      let calendar = subject.calendar.fingerprint
      if let before = known[subject.id], before.calendar != calendar {
        if before.calendar != nil { recalendared.append(subject.id) }
        try database.execute(sql: "UPDATE subject SET calendar = ? WHERE id = ?", arguments: [calendar, subject.id])
      } else if known[subject.id] == nil {
        try database.execute(
          sql: "INSERT INTO subject (id, first_loaded_on, calendar) VALUES (?, ?, ?)",
          arguments: [subject.id, subject.firstLoadedOn.description, calendar])
      }
      return Subject(
        identity: subject.identity, services: subject.services, calendar: subject.calendar, firstLoadedOn: subject.firstLoadedOn,
        progress: progress[subject.id] ?? [:], openReviews: open[subject.id] ?? [], records: records[subject.id] ?? [])
    }
    return (subjects, recalendared)
  }

  private func loadProgress() throws -> [String: [String: RuleProgress]] {
    var loaded: [String: [String: RuleProgress]] = [:]
    let rows = try Row.fetchCursor(
      database,
      sql: "SELECT subject, rule, met_on, is_armed, true_since, is_cooling_down, adapted, last_occurrence FROM rule_progress")
    while let row = try rows.next() {
      var progress = RuleProgress(metOn: try StoredReview.day(row[2]))
      progress.isArmed = row[3]
      progress.trueSince = try Instant(stored: row[4] as Int64?)
      progress.isCoolingDown = row[5]
      progress.adapted = try (row[6] as String?).map { try Json.value($0) }
      progress.lastOccurrence = try (row[7] as String?).map(StoredReview.day)
      loaded[row[0], default: [:]][row[1]] = progress
    }
    for row in try Row.fetchAll(database, sql: "SELECT subject, rule, content FROM kept_event ORDER BY id") {
      loaded[row[0]]?[row[1]]?.keptEvents.append(try Json.value(row[2], StoredEvent.self).event)
    }
    return loaded
  }

  private static let subjectColumn = "CASE WHEN customer IS NULL THEN service ELSE 'customer:' || customer END"

  private func loadOpenReviews() throws -> [String: [OpenReview]] {
    let sql = """
      SELECT DISTINCT \(Self.subjectColumn), id, rule, opened, state, due, scheduled, conducted
      FROM review JOIN review_service ON review = id WHERE state IN ('pending', 'scheduled', 'conducted') ORDER BY opened, id
      """
    return try Row.fetchAll(database, sql: sql).reduce(into: [:]) { loaded, row in
      let review = OpenReview(
        id: row[1], rule: row[2], opened: try Instant(stored: row[3]), state: try ReviewState(stored: row[4]),
        due: try StoredReview.day(row[5]), scheduled: try Instant(stored: row[6] as Int64?),
        conducted: try Instant(stored: row[7] as Int64?))
      loaded[row[0], default: []].append(review)
    }
  }

  private func loadRecords() throws -> [String: [ReviewRecord]] {
    let sql = """
      SELECT DISTINCT \(Self.subjectColumn), id, rule, opened, state, due, conducted, closed
      FROM review JOIN review_service ON review = id ORDER BY opened, id
      """
    return try Row.fetchAll(database, sql: sql).reduce(into: [:]) { loaded, row in
      var record = ReviewRecord(id: row[1], rule: row[2], opened: try Instant(stored: row[3]))
      if let closed = try Instant(stored: row[7] as Int64?) {
        record.closing = Closing(
          review: record.id, rule: record.rule, isCompleted: row[4] == ReviewState.completed.rawValue, at: closed,
          conducted: try Instant(stored: row[6] as Int64?) ?? closed, due: try StoredReview.day(row[5]))
      }
      loaded[row[0], default: []].append(record)
    }
  }

  /// Writes one rule's progress for one subject.
  package func save(_ progress: RuleProgress, before: RuleProgress?, rule: String, subject: String) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO rule_progress (subject, rule, met_on, is_armed, true_since, is_cooling_down, adapted, last_occurrence)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET is_armed = excluded.is_armed, true_since = excluded.true_since,
          is_cooling_down = excluded.is_cooling_down, adapted = excluded.adapted, last_occurrence = excluded.last_occurrence
        """
    ).execute(arguments: [
      subject, rule, progress.metOn.description, progress.isArmed, progress.trueSince?.milliseconds, progress.isCoolingDown,
      try progress.adapted.map { try Json.text($0) }, progress.lastOccurrence?.description,
    ])
    guard progress.keptEvents != before?.keptEvents ?? [] else { return }
    try database.cachedStatement(sql: "DELETE FROM kept_event WHERE subject = ? AND rule = ?").execute(arguments: [subject, rule])
    let insert = try database.cachedStatement(
      sql: "INSERT INTO kept_event (subject, rule, source, identity, content) VALUES (?, ?, ?, ?, ?)")
    for event in progress.keptEvents {
      try insert.execute(arguments: [subject, rule, event.identity.source, event.identity.id, try Json.text(StoredEvent(event))])
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

  /// Notes what each rule means now.
  ///
  /// - Returns: the rules that meant something else when they were last in force.
  package func noteMeanings(of rules: [Rule]) throws -> [String] {
    let known = try Row.fetchAll(database, sql: "SELECT id, fingerprint FROM rule").reduce(into: [String: String]()) { $0[$1[0]] = $1[1] }
    var changed: [String] = []
    for rule in rules where known[rule.id] != rule.fingerprint {
      if known[rule.id] != nil { changed.append(rule.id) }
      try database.execute(
        sql: "INSERT INTO rule (id, fingerprint) VALUES (?, ?) ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint",
        arguments: [rule.id, rule.fingerprint])
    }
    return changed
  }

  package func append(_ change: DueChange) throws {
    try database.cachedStatement(
      sql: "INSERT INTO due_change (subject, rule, at, before_day, after_day, evidence) VALUES (?, ?, ?, ?, ?, ?)"
    ).execute(arguments: [
      change.subject.key, change.rule, change.at.milliseconds, change.before?.description, change.after.description,
      try Json.text(change.evidence),
    ])
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
      try rows.map { row in
        let through = try Instant(stored: row[1] as Int64?)
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
    get throws {
      Event(
        identity: EventIdentity(source: source, id: id), type: type, service: service, time: try Instant(stored: time),
        attributes: try attributes.compactMapValues { try $0.value })
    }
  }
}

/// How the due day of an adaptive interval came about.
package struct StoredDueChange: Sendable {
  package let rule: String
  package let at: Instant
  package let before: Day?
  package let after: Day
  package let evidence: IntervalEvidence
}

extension StoreSnapshot {
  /// The newest changes of a subject's due days, the newest first.
  package func dueChanges(of subject: String, limit: Int) throws -> [StoredDueChange] {
    try Row.fetchAll(
      database, sql: "SELECT rule, at, before_day, after_day, evidence FROM due_change WHERE subject = ? ORDER BY id DESC LIMIT ?",
      arguments: [subject, limit]
    ).map { row in
      StoredDueChange(
        rule: row[0], at: try Instant(stored: row[1]), before: try (row[2] as String?).map(StoredReview.day),
        after: try StoredReview.day(row[3]), evidence: try Json.value(row[4]))
    }
  }

  /// The files of the rule set that was in force last: kind, path and text of each.
  package func lastRuleSetFiles() throws -> [[String]] {
    let files = try String.fetchOne(database, sql: "SELECT files FROM rule_set ORDER BY id DESC LIMIT 1")
    return try files.map { try Json.value($0, [[String]].self).filter { $0.count == 3 } } ?? []
  }
}

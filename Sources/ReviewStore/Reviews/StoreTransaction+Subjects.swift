import GRDB
import ReviewEngine

extension StoreTransaction {
  /// The subjects of a rule set with all that is remembered of them; those that are new are remembered from today on.
  ///
  /// - Parameter remembered: subjects whose state need not be read, because somebody has it: they are taken as they
  ///   are.
  /// - Returns: the subjects, and the keys of those whose calendar is another than before.
  package func subjects(
    of ruleSet: RuleSet, at now: Instant, remembered: [SubjectID: Subject] = [:]
  ) throws -> (subjects: [Subject], recalendared: [SubjectID]) {
    let known = try Row.fetchAll(database, sql: "SELECT scope, id, first_loaded_on, calendar FROM subject").reduce(
      into: [SubjectID: (day: Day, calendar: String?)]()
    ) { known, row in known[try SubjectID(row, id: "id")] = (try Day(stored: row["first_loaded_on"]), row["calendar"]) }
    let named = ruleSet.subjects { identity, zone in known[identity]?.day ?? zone.day(of: now) }
    let state = try StoredState(
      reading: named.map(\.id).filter { remembered[$0] == nil }, all: remembered.isEmpty, self)
    var recalendared: [SubjectID] = []
    var fingerprints: [ObjectIdentifier: String] = [:]
    let subjects = try named.map { subject in
      let calendar = fingerprints[ObjectIdentifier(subject.calendar)] ?? subject.calendar.fingerprint
      fingerprints[ObjectIdentifier(subject.calendar)] = calendar
      if try note(subject, calendar, known[subject.id]) { recalendared.append(subject.id) }
      return remembered[subject.id]?.adopting(subject) ?? state.subject(subject)
    }
    return (subjects, recalendared)
  }

  /// Remembers a subject, with its calendar where it had none.
  ///
  /// - Returns: whether it has another than before, which is noted when its due days were counted anew.
  private func note(_ subject: Subject, _ calendar: String, _ before: (day: Day, calendar: String?)?) throws -> Bool {
    guard let before else {
      try database.cachedStatement(
        sql: "INSERT INTO subject (scope, id, first_loaded_on, calendar) VALUES (?, ?, ?, ?)"
      ).execute(arguments: [subject.id.scope.rawValue, subject.id.id, subject.firstLoadedOn.description, calendar])
      return false
    }
    guard before.calendar != nil else {
      try note(calendar, of: subject)
      return false
    }
    return before.calendar != calendar
  }

  /// Notes that the due days of a subject are counted by its calendar as it is now.
  package func noteCalendar(of subject: Subject) throws { try note(subject.calendar.fingerprint, of: subject) }

  private func note(_ calendar: String, of subject: Subject) throws {
    try database.cachedStatement(sql: "UPDATE subject SET calendar = ? WHERE scope = ? AND id = ?").execute(
      arguments: [calendar, subject.id.scope.rawValue, subject.id.id])
  }

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
    let known = try Row.fetchAll(database, sql: "SELECT id, fingerprint FROM rule").reduce(into: [String: String]()) {
      $0[$1[0]] = $1[1]
    }
    var changed: [String] = []
    for rule in rules where known[rule.id] != rule.fingerprint {
      if known[rule.id] != nil { changed.append(rule.id) }
      try database.execute(
        sql:
          "INSERT INTO rule (id, fingerprint) VALUES (?, ?) ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint",
        arguments: [rule.id, rule.fingerprint])
    }
    return changed
  }

  package func add(_ amount: Int, toCounter name: String) throws {
    guard amount != 0 else { return }
    try database.cachedStatement(
      sql: "INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value"
    ).execute(arguments: [name, amount])
  }

  /// Keeps what a rule set was made of, unless the last one was made of the same. The one before is kept too, and no
  /// others: reviews have the text of their rule with them.
  package func recordRuleSet(fingerprint: String, files: [[String]], at instant: Instant) throws {
    let last = try String.fetchOne(database, sql: "SELECT fingerprint FROM rule_set ORDER BY id DESC LIMIT 1")
    guard last != fingerprint else { return }
    try database.execute(
      sql: "INSERT INTO rule_set (loaded, fingerprint, files) VALUES (?, ?, ?)",
      arguments: [instant.milliseconds, fingerprint, try Json.text(files)])
    try database.execute(sql: "DELETE FROM rule_set WHERE id NOT IN (SELECT id FROM rule_set ORDER BY id DESC LIMIT 2)")
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
    let rows = try Row.fetchAll(
      database, sql: "SELECT id, evaluated_through, unknown_count, lacking_attribute_count FROM rule")
    return Dictionary(
      try rows.map { row in
        let through = try Instant(stored: row[1] as Int64?)
        return (
          row[0],
          RuleTally(
            evaluatedThrough: through, unknownCount: try Int(storedCount: row[2]),
            lackingAttributeCount: try Int(storedCount: row[3]))
        )
      }, uniquingKeysWith: { first, _ in first })
  }

  package func counters() throws -> [String: Int] {
    let rows = try Row.fetchAll(database, sql: "SELECT name, value FROM counter")
    return Dictionary(try rows.map { ($0[0], try Int(storedCount: $0[1])) }, uniquingKeysWith: { first, _ in first })
  }
}

/// A whole event as JSON.
struct StoredEvent: Codable {
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

extension StoreSnapshot {
  /// The files of the rule set that was in force last: kind, path and text of each.
  package func lastRuleSetFiles() throws -> [[String]] {
    let files = try String.fetchOne(database, sql: "SELECT files FROM rule_set ORDER BY id DESC LIMIT 1")
    return try files.map { try Json.value($0, [[String]].self).filter { $0.count == 3 } } ?? []
  }
}

import GRDB
import ReviewEngine

/// What is remembered of rules as a whole, and of the sets that they make.
extension StoreTransaction {
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

  /// Forgets through which instant rules were evaluated, so that one that is in force again begins then.
  package func forgetEvaluations(besides rules: [String]) throws {
    try database.execute(
      sql: "UPDATE rule SET evaluated_through = NULL WHERE id NOT IN (SELECT value FROM json_each(?))",
      arguments: [try Json.text(rules)])
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

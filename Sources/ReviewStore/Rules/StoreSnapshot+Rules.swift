import GRDB
import ReviewEngine

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

  /// The files of the rule set that was in force last: kind, path and text of each.
  package func lastRuleSetFiles() throws -> [[String]] {
    let files = try String.fetchOne(database, sql: "SELECT files FROM rule_set ORDER BY id DESC LIMIT 1")
    return try files.map { try Json.value($0, [[String]].self).filter { $0.count == 3 } } ?? []
  }
}

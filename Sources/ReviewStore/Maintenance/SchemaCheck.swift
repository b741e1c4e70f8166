import Foundation
import GRDB

/// Whether a database has exactly the schema of its version: a trigger or a view that somebody put into a file could
/// forget what is acknowledged, and a table without its checks could hold anything.
enum SchemaCheck {
  /// Throws for the first thing that is missing, other or too much.
  static func refuseOther(_ database: Database, _ path: String) throws {
    let version = try Migrations.migrator.completedMigrations(database).last
    let expected = try version.map(objects(ofVersion:)) ?? [:]
    let found = try objects(database)
    for name in Set(found.keys).union(expected.keys).sorted() where found[name] != expected[name] {
      let what =
        expected[name] == nil
        ? "\(name), which reviewd did not make" : found[name] == nil ? "no \(name)" : "another \(name)"
      throw StoreError(
        code: .damaged,
        message:
          "\(path) is not a database as reviewd makes it: it has \(what): undo that, or restore another backup: reviewd --restore BACKUP"
      )
    }
  }

  private static func objects(ofVersion version: String) throws -> [String: String] {
    let queue = try DatabaseQueue()
    try Migrations.migrator.migrate(queue, upTo: version)
    return try queue.read { try objects($0) }
  }

  /// What the schema consists of, by kind and name, as the text that made it; what ANALYZE counted is no part of it.
  private static func objects(_ database: Database) throws -> [String: String] {
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'")
    return Dictionary(
      rows.map { row in ("\(row[0] as String) '\(row[1] as String)'", "\(row[2] as String) \(normalised(row[3]))") },
      uniquingKeysWith: { "\($0) \($1)" })
  }

  // Versions of SQLite write quotes and spaces of a renamed table in their own way.
  private static func normalised(_ sql: String) -> String { sql.filter { !$0.isWhitespace && $0 != "\"" } }
}

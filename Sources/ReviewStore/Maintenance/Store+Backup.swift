import Foundation
import GRDB

extension Store {
  /// Copies the database as of one instant to a new file that needs no log beside it, and looks whether the copy is sound.
  package func backUp(to copyPath: String) throws {
    do {
      let copy = try DatabaseQueue(path: copyPath)
      try backUp(to: copy)
      try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
      let findings = try copy.read { try Store.findings($0) }
      try copy.close()
      guard findings.isEmpty else { throw Store.damaged(path, findings.joined(separator: "; ")) }
    } catch { throw StoreError(error, path: path) }
  }

  /// Copies a backup, with what its log holds where it has one, after looking whether it is a sound database of this program and of
  /// no newer version.
  package static func copy(backup path: String, to copyPath: String) throws {
    guard access(path, R_OK) == 0 else {
      throw StoreError(code: .failed, message: "cannot read \(path)", cause: String(cString: strerror(errno)))
    }
    let hadLog = access(path + "-wal", F_OK) == 0
    // Reading leaves an empty log beside a database that was stopped.
    defer { if !hadLog { for suffix in ["-wal", "-shm"] { unlink(path + suffix) } } }
    do {
      let source = try readOnly(path)
      defer { try? source.close() }
      try source.read { try refuseUnfit($0, path) }
      let copy = try DatabaseQueue(path: copyPath)
      try source.backup(to: copy)
      try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
      try copy.close()
    } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB || error.resultCode == .SQLITE_CORRUPT {
      throw StoreError(code: .damaged, message: "\(path) is no database, or is damaged", cause: error.message ?? "")
    } catch { throw StoreError(error, path: path) }
  }

  private static func refuseUnfit(_ database: Database, _ path: String) throws {
    guard try !Migrations.migrator.hasBeenSuperseded(database) else {
      throw StoreError(code: .newer, message: "\(path) was written by a newer reviewd: install that version first")
    }
    guard try database.tableExists("review") else { throw StoreError(code: .failed, message: "\(path) is no database of reviewd") }
    try SchemaCheck.refuseOther(database, path)
    let findings = try findings(database)
    guard findings.isEmpty else { throw StoreError(code: .damaged, message: "\(path) is damaged", cause: findings.joined(separator: "; ")) }
  }

  /// Looks through the whole database, which takes a while where much is measured.
  ///
  /// - Returns: what is wrong with it.
  package func findings() throws -> [String] { try read { try Store.findings($0.database) } }

  static func findings(_ database: Database) throws -> [String] {
    let found = try String.fetchAll(database, sql: "PRAGMA quick_check(5)")
    return found == ["ok"] ? [] : found
  }

  /// Size of the database with its log.
  package var byteCount: UInt64 {
    ["", "-wal"].reduce(0) { count, suffix in
      var status = stat()
      return count + (stat(path + suffix, &status) == 0 ? UInt64(status.st_size) : 0)
    }
  }

  /// The version of the schema.
  package func schema() throws -> String {
    try read { try String.fetchOne($0.database, sql: "SELECT max(CAST(identifier AS INTEGER)) FROM grdb_migrations") ?? "" }
  }
}

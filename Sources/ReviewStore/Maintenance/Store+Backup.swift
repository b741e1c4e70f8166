import Foundation
import GRDB

extension Store {
  /// Copies the database as of one instant to a new file that needs no log beside it, and looks whether the copy is
  /// sound.
  package func backUp(to copyPath: String) throws {
    do {
      try Store.makeNew(copyPath)
      let copy = try DatabaseQueue(path: copyPath)
      try backUp(to: copy)
      try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
      let findings = try copy.read { try Store.findings($0) }
      try copy.close()
      guard findings.isEmpty else { throw Store.damaged(path, findings.joined(separator: "; ")) }
    } catch { throw StoreError(error, path: path) }
  }

  /// A backup that is open, with what its log holds where it has one; a sound database of this program and of no newer
  /// version.
  package final class Backup {
    private let path: String
    private let queue: DatabaseQueue
    private let hadLog: Bool

    package init(path: String) throws(StoreError) {
      self.path = path
      hadLog = access(path + "-wal", F_OK) == 0
      guard access(path, R_OK) == 0 else {
        throw StoreError(code: .failed, message: "cannot read \(path)", cause: String(cString: strerror(errno)))
      }
      do {
        queue = try Store.readOnly(path)
        try queue.read { try Store.refuseUnfit($0, path) }
      } catch { throw Store.unfit(error, path) }
    }

    /// Writes it to a new file that needs no log beside it.
    package func copy(to copyPath: String) throws(StoreError) {
      do {
        try Store.makeNew(copyPath)
        let copy = try DatabaseQueue(path: copyPath)
        try queue.backup(to: copy)
        try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
        try copy.close()
      } catch { throw Store.unfit(error, path) }
    }

    package func close() {
      try? queue.close()
      // Reading leaves an empty log beside a database that was stopped.
      if !hadLog { for suffix in ["-wal", "-shm"] { unlink(path + suffix) } }
    }
  }

  private static func unfit(_ error: any Error, _ path: String) -> StoreError {
    if let error = error as? DatabaseError, error.resultCode == .SQLITE_NOTADB || error.resultCode == .SQLITE_CORRUPT {
      return StoreError(code: .damaged, message: "\(path) is no database, or is damaged", cause: error.message ?? "")
    }
    return StoreError(error, path: path)
  }

  /// Makes an empty file that was not there, for its owner alone; a link in its place is not followed.
  static func makeNew(_ path: String) throws(StoreError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StoreError(code: .failed, message: "cannot make \(path)", cause: String(cString: strerror(errno)))
    }
    Foundation.close(descriptor)
  }

  private static func refuseUnfit(_ database: Database, _ path: String) throws {
    guard try !Migrations.migrator.hasBeenSuperseded(database) else {
      throw StoreError(code: .newer, message: "\(path) was written by a newer reviewd: install that version first")
    }
    guard try database.tableExists("review") else {
      throw StoreError(code: .failed, message: "\(path) is no database of reviewd")
    }
    try SchemaCheck.refuseOther(database, path)
    let findings = try findings(database)
    guard findings.isEmpty else {
      throw StoreError(code: .damaged, message: "\(path) is damaged", cause: findings.joined(separator: "; "))
    }
  }

  /// Looks through the whole database, which takes a while where much is measured, beside all who read it.
  ///
  /// - Parameter interruptible: is given what ends it early.
  /// - Returns: what is wrong with it.
  package func findings(_ interruptible: (@escaping @Sendable () -> Void) -> Void) throws -> [String] {
    do {
      let queue = try Store.readOnly(path)
      defer { try? queue.close() }
      interruptible { queue.interrupt() }
      return try queue.read { try Store.findings($0) }
    } catch { throw StoreError(error, path: path) }
  }

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

  /// The version of SQLite that runs.
  package func sqliteVersion() throws -> String {
    try read { try String.fetchOne($0.database, sql: "SELECT sqlite_version()") ?? "" }
  }

  /// The version of the schema.
  package func schema() throws -> String {
    try read {
      try String.fetchOne($0.database, sql: "SELECT max(CAST(identifier AS INTEGER)) FROM grdb_migrations") ?? ""
    }
  }
}

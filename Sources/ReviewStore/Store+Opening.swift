import Foundation
import GRDB

/// What happens to an existing database before it is used.
extension Store {
  /// Migrates a database of an earlier version as a copy that then takes its place, so that a migration that fails
  /// leaves it as it was; what it was stays beside it, for whoever has to go back.
  ///
  /// - Returns: the version from which it was migrated; nil where it was not.
  static func migrateExisting(_ path: String) throws -> String? {
    guard access(path, F_OK) == 0, let version = try earlierVersion(path) else { return nil }
    let copyPath = path + ".migrating"
    defer { removeDatabase(copyPath) }
    removeDatabase(copyPath)
    do {
      try migrate(path, as: copyPath)
    } catch {
      let reason = StoreError(error, path: copyPath)
      let way =
        "the database \(path) was not migrated from schema \(version) and is as it was: mend the cause, or install the version before"
      throw StoreError(code: reason.code == .full ? .full : .failed, message: way, cause: reason.description)
    }
    try replace(path, with: copyPath, keeping: "\(path).schema-\(version)")
    return version
  }

  /// The schema of a database that has to be migrated; nil for one that is empty or up to date. A newer one is refused.
  private static func earlierVersion(_ path: String) throws -> String? {
    let queue = try readOnly(path)
    defer { try? queue.close() }
    return try queue.read { database in
      let migrator = Migrations.migrator
      if try migrator.hasBeenSuperseded(database) {
        throw StoreError(
          code: .newer,
          message:
            "the database was written by a newer reviewd: install that version, or restore a backup from before it")
      }
      try refuseDamaged(database)
      guard try migrator.hasCompletedMigrations(database) else {
        return try migrator.completedMigrations(database).last
      }
      try SchemaCheck.refuseOther(database, path)
      return nil
    }
  }

  // Whoever may write in the folder could lead reviewd anywhere, and SQLite follows.
  static func refuseLinks(_ path: String) throws {
    for file in ["", "-wal", "-shm"].map({ path + $0 }) {
      var status = stat()
      guard lstat(file, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { continue }
      throw StoreError(
        code: .readOnly, message: "\(file) is no file but a link or something else, and is not followed: take it away")
    }
  }

  // What is refused, or cannot be migrated, must not be touched.
  static func readOnly(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  private static func migrate(_ path: String, as copyPath: String) throws {
    let source = try readOnly(path)
    defer { try? source.close() }
    let copy = try DatabaseQueue(path: copyPath)
    try source.backup(to: copy)
    try Migrations.migrator.migrate(copy)
    try copy.read { database in
      let findings = try String.fetchAll(database, sql: "PRAGMA quick_check(3)")
      guard findings == ["ok"] else { throw damaged(path, findings.joined(separator: "; ")) }
      try SchemaCheck.refuseOther(database, path)
    }
    try copy.close()
  }

  private static func replace(_ path: String, with copyPath: String, keeping oldPath: String) throws {
    // Its log has to be empty when another file takes its name.
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    _ = try queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    try queue.close()
    guard (try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int) ?? 0 == 0 else {
      throw StoreError(
        code: .failed, message: "another program uses the database \(path): end it, so that it can be migrated")
    }
    for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
    unlink(oldPath)
    var status = stat()
    // Who may read it stays.
    guard stat(path, &status) == 0, chmod(copyPath, status.st_mode & 0o777) == 0, link(path, oldPath) == 0,
      sync(copyPath),
      rename(copyPath, path) == 0, sync((path as NSString).deletingLastPathComponent)
    else {
      throw StoreError(
        code: .failed, message: "the migrated database cannot take the place of \(path)",
        cause: String(cString: strerror(errno)))
    }
  }

  /// Waits until a file or folder is on the disk.
  package static func sync(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { Foundation.close(descriptor) }
    return fsync(descriptor) == 0
  }

  private static func removeDatabase(_ path: String) {
    for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
  }

  /// Tables that grow with what is measured; looking through them takes too long for a start. `reviewctl doctor` does.
  private static let largeTables = ["sample_block", "event", "event_revision"]

  /// Looks through the tables that hold reviews and state.
  static func refuseDamaged(_ database: Database) throws {
    let tables = try String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    for table in tables where !largeTables.contains(table) && !table.hasPrefix("sqlite_") {
      let findings = try String.fetchAll(database, sql: "PRAGMA quick_check('\(table)')")
      guard findings == ["ok"] else { throw damaged(database.path, findings.joined(separator: "; ")) }
    }
    try refuseLastNumbers(database)
    try refuseGaps(database)
  }

  // A number that was told may not be given again to something else.
  private static func refuseGaps(_ database: Database) throws {
    guard try database.tableExists("fact") else { return }
    let (count, last) =
      try Row.fetchOne(database, sql: "SELECT count(*), coalesce(max(number), 0) FROM fact").map { ($0[0], $0[1]) } ?? (
        0, 0
      )
    let told = try Int.fetchOne(database, sql: "SELECT coalesce(max(through), 0) FROM fact_reader") ?? 0
    guard count == last, told <= last else {
      throw damaged(database.path, "the log of facts has \(count) facts of \(max(last, told))")
    }
  }

  // SQLite has no number for the next row after the largest, and says that the disk is full.
  private static func refuseLastNumbers(_ database: Database) throws {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '% INTEGER PRIMARY KEY%' ORDER BY name"
    for table in try String.fetchAll(database, sql: sql) {
      let last = try Int64.fetchOne(database, sql: "SELECT max(rowid) FROM \"\(table)\"") ?? 0
      guard last <= Int.largestStorable else {
        throw damaged(database.path, "\(table) has no number left after \(last)")
      }
    }
  }

  static func damaged(_ path: String, _ cause: String) -> StoreError {
    StoreError(
      code: .damaged,
      message:
        "the database \(path) is damaged: stop it and restore a backup: reviewd --restore BACKUP, which keeps this one",
      cause: cause)
  }
}

extension Database {
  fileprivate var path: String {
    (try? String.fetchOne(self, sql: "SELECT file FROM pragma_database_list WHERE name = 'main'")) ?? ""
  }
}

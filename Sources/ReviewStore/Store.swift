import Foundation
import GRDB
import ReviewEngine

/// Why the store refuses: a code that programs test, a message that says what to do, and the cause beneath.
package struct StoreError: Error, CustomStringConvertible {
  package enum Code: String, Sendable {
    case damaged, newer, full, readOnly, inUse, failed
  }

  package let code: Code
  package let message: String
  package let cause: String

  package init(code: Code, message: String, cause: String = "") {
    self.code = code
    self.message = message
    self.cause = cause
  }

  package var description: String { cause.isEmpty ? message : "\(message) (\(cause))" }
}

/// The one store: a SQLite database in WAL mode with one writer and any number of readers.
package final class Store: Sendable {
  private let pool: DatabasePool
  private let seriesIds = SeriesIds()
  package let path: String

  /// Opens the database at a path, creating or migrating it; a newer or damaged one is refused and not touched.
  package init(path: String) throws(StoreError) {
    self.path = path
    do {
      try Store.migrateExisting(path)
      pool = try DatabasePool(path: path, configuration: Store.configuration)
      try Migrations.migrator.migrate(pool)
    } catch { throw StoreError(error, path: path) }
  }

  /// Makes an empty database as an earlier version left it, to try the migrations from there.
  package static func create(_ path: String, atVersion version: String) throws {
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try Migrations.migrator.migrate(queue, upTo: version)
    try queue.close()
  }

  static var configuration: Configuration {
    var configuration = Configuration()
    configuration.journalMode = .wal
    configuration.maximumReaderCount = 4
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { database in
      // Acknowledged means kept, also when the power goes: FULL syncs the log at each commit.
      try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -4096")
    }
    return configuration
  }

  /// Runs a transaction: all of it is kept, or nothing.
  package func write<Result>(_ body: (StoreTransaction) throws -> Result) throws -> Result {
    do {
      return try pool.write { try body(StoreTransaction(database: $0, seriesIds: seriesIds)) }
    } catch let error as DatabaseError {
      // A transaction that was rolled back may have created series whose ids are remembered.
      seriesIds.forget()
      throw StoreError(error, path: path)
    } catch {
      seriesIds.forget()
      throw error
    }
  }

  /// Reads from one consistent snapshot, beside the writer.
  package func read<Result>(_ body: (StoreSnapshot) throws -> Result) throws -> Result {
    do {
      return try pool.read { try body(StoreSnapshot(database: $0, seriesIds: SeriesIds())) }
    } catch let error as DatabaseError { throw StoreError(error, path: path) }
  }

  func backUp(to copy: some DatabaseWriter) throws { try pool.backup(to: copy) }

  /// Folds the log into the database and closes it.
  package func close() throws {
    _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    try pool.close()
  }
}

extension StoreError {
  init(_ error: any Error, path: String) {
    if let error = error as? StoreError {
      self = error
      return
    }
    guard let error = error as? DatabaseError else {
      self.init(code: .failed, message: "cannot use the database \(path)", cause: "\(error)")
      return
    }
    // SQLite's words for no message at all.
    let cause = error.message.flatMap { $0 == "not an error" ? nil : $0 } ?? ""
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self.init(
        code: .damaged,
        message: "the database \(path) is damaged: stop it and restore a backup: reviewd --restore BACKUP, which keeps this one",
        cause: cause)
    case .SQLITE_FULL:
      self.init(code: .full, message: "the disk of \(path) is full: free some space; nothing that was acknowledged is lost", cause: cause)
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
      self.init(code: .readOnly, message: "cannot write \(path): check that its folder exists and belongs to reviewd", cause: cause)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(
        code: .failed, message: "another program has locked the database \(path): end it, such as a sqlite3 in another terminal",
        cause: cause)
    case .SQLITE_IOERR:
      self.init(code: .failed, message: "the disk of \(path) failed: look at the kernel's log", cause: cause)
    default: self.init(code: .failed, message: "the database \(path) refused", cause: cause)
    }
  }
}

/// What can be read within a transaction or from a snapshot.
package struct StoreSnapshot {
  let database: Database
  let seriesIds: SeriesIds
}

/// What can be written within a transaction.
package struct StoreTransaction {
  let database: Database
  let seriesIds: SeriesIds

  /// The same transaction as something to read from.
  package var snapshot: StoreSnapshot { StoreSnapshot(database: database, seriesIds: seriesIds) }
}

enum Json {
  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func value<Value: Decodable>(_ text: String, _: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(text.utf8))
  }
}

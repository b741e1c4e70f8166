import Foundation
import GRDB
import GRDBSQLite
import Synchronization

/// The open database: one connection that writes, some that read, and the watch over the files beneath.
///
/// Only the writer ever makes a checkpoint, and only by its own decision: a failed one must be seen, and SQLite before
/// 3.51.3 can corrupt a database where one connection resets the log while another writes
/// (https://sqlite.org/wal.html).
final class StoreConnection: Sendable {
  let pool: DatabasePool
  let log = LogLength()
  /// Changes when another connection than the writer commits, and nobody else may.
  private let version: Int

  init(path: String) throws {
    pool = try DatabasePool(path: path, configuration: Store.configuration)
    // GRDB sets NORMAL when it turns on the log, after every configuration of ours.
    let level = try pool.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA synchronous = FULL")
      return try Int.fetchOne(database, sql: "PRAGMA synchronous")
    }
    guard level == 2 else {
      throw StoreError(
        code: .failed,
        message:
          "the database \(path) cannot be used: synchronous is \(level ?? -1) and not 2, so that nothing would be synced"
      )
    }
    log.follow(pool)
    version = try pool.writeWithoutTransaction { try Self.version($0) }
  }

  private static func version(_ database: Database) throws -> Int {
    try Int.fetchOne(try database.cachedStatement(sql: "PRAGMA data_version")) ?? 0
  }

  /// Runs a transaction: all of it, or nothing. GRDB's own compiles what begins and ends it each time.
  func transaction<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try pool.writeWithoutTransaction { database in
      try database.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
      do {
        let result = try body(database)
        // SQLite may have ended it by itself, after an error that the body caught: what came then was kept at once.
        guard database.isInsideTransaction else {
          throw StoreError(code: .uncertain, message: "a transaction ended before all of it was written")
        }
        try database.cachedStatement(sql: "COMMIT").execute()
        return result
      } catch {
        // After some errors SQLite has done so itself.
        if database.isInsideTransaction { try? database.execute(sql: "ROLLBACK") }
        throw error
      }
    }
  }

  /// Throws where another program wrote the database since it was opened; within a transaction of the writer.
  func refuseForeignCommits(_ database: Database, _ path: String) throws {
    if try Self.version(database) != version { throw FileWatch.replaced("\(path) was written by another program") }
  }

  /// Folds into the database what of the log nobody reads any more.
  func checkpoint() throws { try pool.writeWithoutTransaction { _ = try $0.checkpoint(.passive) } }

  /// Folds all of the log into the database and empties it, so that all that can be read is on the disk.
  func foldLog() throws {
    try pool.writeWithoutTransaction { database in
      do { _ = try database.checkpoint(.truncate) } catch let error as DatabaseError
        where error.resultCode == .SQLITE_BUSY
      {
        // Somebody reads: all is folded that was not, and the log stays.
        _ = try database.checkpoint(.passive)
      }
    }
  }
}

/// How many pages the log holds, as SQLite tells after each commit.
final class LogLength: Sendable {
  private let pageCount = Atomic<Int>(0)
  /// Where the next checkpoint is tried after one that failed.
  private let resumption = Atomic<Int>(0)

  /// Pages at which the writer makes a checkpoint, as SQLite would by itself.
  static let checkpointPageCount = 1000

  /// Takes the place of SQLite's own hook, which makes checkpoints and keeps their errors to itself. The connection
  /// must not outlive this.
  func follow(_ pool: DatabasePool) {
    pool.writeWithoutTransaction { database in
      _ = sqlite3_wal_hook(
        database.sqliteConnection,
        { context, _, _, pages in
          if let context { Unmanaged<LogLength>.fromOpaque(context).takeUnretainedValue().note(Int(pages)) }
          return SQLITE_OK
        }, Unmanaged.passUnretained(self).toOpaque())
    }
  }

  private func note(_ pages: Int) {
    pageCount.store(pages, ordering: .relaxed)
    if pages < Self.checkpointPageCount { resumption.store(0, ordering: .relaxed) }
  }

  /// Whether it is time for a checkpoint.
  var isLong: Bool {
    let count = pageCount.load(ordering: .relaxed)
    return count >= Self.checkpointPageCount && count >= resumption.load(ordering: .relaxed)
  }

  /// A disk that is full, or somebody else's checkpoint, is not tried again at each transaction.
  func noteFailedCheckpoint() {
    resumption.store(pageCount.load(ordering: .relaxed) + Self.checkpointPageCount, ordering: .relaxed)
  }
}

import Foundation
import GRDB
import GRDBSQLite

/// The open database: one connection that writes, some that read, and the watch over the files beneath.
///
/// Only the writer ever makes a checkpoint, and only by its own decision: a failed one must be seen, and SQLite before 3.51.3 can corrupt a
/// database where one connection resets the log while another writes (https://sqlite.org/wal.html).
final class StoreConnection: Sendable {
  let pool: DatabasePool
  private let path: String

  /// Pages of the log at which the writer makes a checkpoint, as SQLite would by itself.
  static let checkpointPageCount = 1000

  init(path: String) throws {
    self.path = path
    pool = try DatabasePool(path: path, configuration: Store.configuration)
    // GRDB sets NORMAL when it turns on the log, after every configuration of ours.
    let level = try pool.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA synchronous = FULL")
      return try Int.fetchOne(database, sql: "PRAGMA synchronous")
    }
    guard level == 2 else {
      throw StoreError(
        code: .failed,
        message: "the database \(path) cannot be used: synchronous is \(level ?? -1) and not 2, so that nothing would be synced")
    }
  }

  /// Folds the log into the database once it is long enough.
  ///
  /// - Returns: whether it did.
  func checkpointIfLong(_ log: LogLength) throws -> Bool {
    guard log.pageCount >= Self.checkpointPageCount else { return false }
    try pool.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
    return true
  }

  /// Folds all of the log into the database and empties it, so that all that can be read is on the disk.
  func foldLog() throws {
    try pool.writeWithoutTransaction { database in
      do { _ = try database.checkpoint(.truncate) } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
        // Somebody reads: all is folded that was not, and the log stays.
        _ = try database.checkpoint(.passive)
      }
    }
  }
}

/// How many pages the log holds, as SQLite tells after each commit.
final class LogLength: @unchecked Sendable {
  // Written and read on the writer's queue alone.
  private let count = UnsafeMutablePointer<Int32>.allocate(capacity: 1)

  init(_ pool: DatabasePool) {
    count.initialize(to: 0)
    pool.writeWithoutTransaction { database in
      // In the place of SQLite's own hook, which makes checkpoints and keeps their errors to itself.
      _ = sqlite3_wal_hook(
        database.sqliteConnection,
        { context, _, _, pages in
          context?.assumingMemoryBound(to: Int32.self).pointee = pages
          return SQLITE_OK
        }, count)
    }
  }

  deinit { count.deallocate() }

  var pageCount: Int { Int(count.pointee) }
}

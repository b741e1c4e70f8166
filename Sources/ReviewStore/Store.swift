import Foundation
import GRDB
import ReviewEngine
import Synchronization

/// The one store: a SQLite database in WAL mode with one writer and any number of readers.
///
/// What `write` returned from is synced. After an error of the disk nothing is believed any more: writing throws until
/// `openAnew` has read everything from the disk again, because an error of fsync is reported once.
package final class Store: Sendable {
  package let path: String
  /// The version from which the database was migrated when it was opened; nil where it was not.
  package let migratedFrom: String?
  private let seriesIds = SeriesIds()
  private let state: Mutex<State>

  fileprivate struct State {
    var connection: StoreConnection
    var watch: FileWatch
    /// Why nothing is believed.
    var doubt: StoreError?
    /// Why the last transaction was refused because of the files beneath; nil where they are as they should be.
    var obstacle: StoreError?
  }

  /// Opens the database at a path, creating or migrating it; a newer or damaged one is refused and not touched.
  package init(path: String) throws(StoreError) {
    self.path = path
    do {
      try Store.refuseLinks(path)
      migratedFrom = try Store.migrateExisting(path)
      state = Mutex(try Store.opened(path))
    } catch { throw StoreError(error, path: path) }
  }

  private static func opened(_ path: String) throws -> State {
    let connection = try StoreConnection(path: path)
    try Migrations.migrator.migrate(connection.pool)
    // All that can be read is on the disk before anybody believes it.
    try connection.foldLog()
    return State(connection: connection, watch: try FileWatch(path))
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
      try database.execute(
        sql:
          "PRAGMA foreign_keys = ON; PRAGMA cache_size = -4096; PRAGMA wal_autocheckpoint = 0; PRAGMA trusted_schema = OFF"
      )
    }
    return configuration
  }

  private var connection: StoreConnection { state.withLock { $0.connection } }

  /// Runs a transaction: all of it is kept and synced, or nothing. After an error that came when it was kept already,
  /// the store is in doubt, so that whoever remembers what it held reads it again.
  package func write<Result>(_ body: (StoreTransaction) throws -> Result) throws -> Result {
    do {
      let connection = try state.withLock { state in
        if let doubt = state.doubt { throw doubt }
        try state.check()
        return state.connection
      }
      let result = try connection.transaction { database in
        try connection.refuseForeignCommits(database, path)
        return try body(StoreTransaction(database: database, seriesIds: seriesIds))
      }
      // Again, before anybody hears of it.
      try state.withLock { try $0.checkKept() }
      checkpointIfLong(connection)
      return result
    } catch {
      // A transaction that was rolled back may have created series whose ids are remembered.
      seriesIds.forget()
      guard error is DatabaseError || error is StoreError else { throw error }
      throw noting(StoreError(error, path: path))
    }
  }

  // What was written is kept in the log whatever becomes of a checkpoint: its failure is nothing to tell the
  // transaction's caller. That of a disk shows at the next transaction.
  private func checkpointIfLong(_ connection: StoreConnection) {
    guard connection.log.isLong else { return }
    do { try connection.checkpoint() } catch {
      connection.log.noteFailedCheckpoint()
      _ = noting(StoreError(error, path: path))
    }
    state.withLock { $0.watch.noteCheckpoint() }
  }

  private func noting(_ error: StoreError) -> StoreError {
    if error.code == .uncertain { state.withLock { $0.doubt = $0.doubt ?? error } }
    if error.code == .replaced { state.withLock { $0.obstacle = error } }
    return error
  }

  /// Why nothing is believed or taken; nil where all is well.
  package var trouble: StoreError? { state.withLock { $0.doubt ?? $0.obstacle } }

  /// Looks whether something could be taken now, as a transaction does; what is in the way is the `trouble`. For the
  /// one who writes: a look beside a checkpoint would take that for a stranger's.
  package func look() { try? write { _ in } }

  /// Whether the database has to be opened anew before it is written again.
  package var isInDoubt: Bool { state.withLock { $0.doubt != nil } }

  /// Opens the database anew after an error of the disk, and looks whether it is sound. Whoever remembers what it held
  /// reads it again.
  package func openAnew() throws(StoreError) {
    do {
      try state.withLock { try $0.checkIdentity() }
      let queue = try Store.readOnly(path)
      defer { try? queue.close() }
      try queue.read { try Store.refuseDamaged($0) }
      let opened = try Store.opened(path)
      seriesIds.forget()
      state.withLock { $0 = opened }
    } catch { throw StoreError(error, path: path) }
  }

  /// Reads from one consistent snapshot, beside the writer.
  package func read<Result>(_ body: (StoreSnapshot) throws -> Result) throws -> Result {
    do {
      return try connection.pool.read { try body(StoreSnapshot(database: $0, seriesIds: SeriesIds())) }
    } catch let error as DatabaseError { throw noting(StoreError(error, path: path)) }
  }

  /// Reads what the writer has written, without waiting for readers of whom there may be many.
  package func readByWriter<Result>(_ body: (StoreSnapshot) throws -> Result) throws -> Result {
    do {
      return try connection.pool.writeWithoutTransaction { try body(StoreSnapshot(database: $0, seriesIds: seriesIds)) }
    } catch let error as DatabaseError { throw noting(StoreError(error, path: path)) }
  }

  func backUp(to copy: some DatabaseWriter) throws { try connection.pool.backup(to: copy) }

  /// Folds the log into the database and closes it.
  package func close() throws {
    let connection = connection
    if trouble == nil { try? connection.foldLog() }
    try connection.pool.close()
  }
}

extension Store.State {
  /// Looks whether the files are those that are written.
  fileprivate mutating func check() throws(StoreError) { try noting { watch throws(StoreError) in try watch.check() } }

  /// The same after a transaction: it is kept in files that nobody may find again.
  fileprivate mutating func checkKept() throws(StoreError) {
    do { try noting { watch throws(StoreError) in try watch.checkKept() } } catch {
      doubt = error
      throw error
    }
  }

  /// Looks whether they are the same files, whatever a write that failed has left in them.
  fileprivate mutating func checkIdentity() throws(StoreError) {
    try noting { watch throws(StoreError) in try watch.checkIdentity() }
  }

  private mutating func noting(_ look: (inout FileWatch) throws(StoreError) -> Void) throws(StoreError) {
    do { try look(&watch) } catch {
      obstacle = error
      throw error
    }
    obstacle = nil
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

import Foundation

/// Whether the files at the database's path are still those that this process writes. SQLite goes on with files that
/// were deleted, replaced or cut off behind its back, and what it writes then is lost with the process.
///
/// Only the writer's checkpoints write the database itself, so that between two of them its time and size stand still;
/// the log only grows. Two calls of stat(2) tell.
struct FileWatch {
  private struct Face: Equatable {
    let device: UInt64
    let inode: UInt64
    let byteCount: Int64
    let modifiedSeconds: Int
    let modifiedNanoseconds: Int

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      (device, inode, byteCount) = (UInt64(status.st_dev), UInt64(status.st_ino), Int64(status.st_size))
      (modifiedSeconds, modifiedNanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }

    func isSameFile(as other: Face) -> Bool { device == other.device && inode == other.inode }
  }

  private let path: String
  private var database: Face
  private var log: Face

  init(_ path: String) throws(StoreError) {
    self.path = path
    guard let database = Face(path), let log = Face(path + "-wal") else {
      throw StoreError(
        code: .replaced, message: "the database \(path) is gone", cause: String(cString: strerror(errno)))
    }
    (self.database, self.log) = (database, log)
  }

  /// Throws where the files are others, were written by others or could not be opened again, and notes how far the log
  /// has grown.
  mutating func check() throws(StoreError) {
    try checkKept()
    guard access(path, R_OK | W_OK) == 0, access(path + "-wal", R_OK | W_OK) == 0 else {
      throw Self.replaced("\(path) could not be opened any more: \(String(cString: strerror(errno)))")
    }
  }

  /// The same of what was kept in them a moment after that.
  mutating func checkKept() throws(StoreError) {
    let now = try present()
    guard now.database == database else { throw Self.replaced("\(path) was written by another program") }
    log = now.log
  }

  /// Throws where the files are others, or shorter than they were.
  func checkIdentity() throws(StoreError) { _ = try present() }

  private func present() throws(StoreError) -> (database: Face, log: Face) {
    guard let databaseNow = Face(path) else { throw gone(path) }
    guard databaseNow.isSameFile(as: database) else { throw Self.replaced("\(path) is another file now") }
    guard databaseNow.byteCount >= database.byteCount else { throw Self.replaced("\(path) was cut off") }
    guard let logNow = Face(path + "-wal") else { throw gone(path + "-wal") }
    guard logNow.isSameFile(as: log) else { throw Self.replaced("\(path)-wal is another file now") }
    guard logNow.byteCount >= log.byteCount else { throw Self.replaced("\(path)-wal was cut off") }
    return (databaseNow, logNow)
  }

  /// Takes the files as they are now: a checkpoint of our own has written them, as far as it came. Where they are
  /// others, the next look tells.
  mutating func noteCheckpoint() {
    guard let now = Face(path), now.isSameFile(as: database), let logNow = Face(path + "-wal"),
      logNow.isSameFile(as: log)
    else { return }
    (database, log) = (now, logNow)
  }

  private func gone(_ path: String) -> StoreError {
    Self.replaced("\(path) is gone (\(String(cString: strerror(errno))))")
  }

  static func replaced(_ what: String) -> StoreError {
    StoreError(
      code: .replaced,
      message:
        "nothing is taken, because it would be lost: \(what): reviewctl backup FILE still saves what was acknowledged; then put the file back, or restart reviewd on what is there"
    )
  }
}

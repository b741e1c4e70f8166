import CLinux
import Foundation
import Glibc
import ReviewEngine
import ReviewStore

/// Puts a backup in the place of the database.
///
/// Whoever restores may be root, and the state directory belongs to the daemon's user: all that is done there is done
/// with that user's rights, so that nothing that it planted there, such as a link, leads root anywhere.
struct Restoration {
  let stateDirectory: String

  private static let suffixes = ["", "-wal", "-shm"]

  /// - Returns: the folder that holds the database before; nil where there was none.
  func run(from backup: String) throws -> String? {
    let rights = OwnersRights(of: stateDirectory)
    // Holds the lock: a daemon that runs is not disturbed, and none starts meanwhile.
    let directory = try rights.use { try StateDirectory(path: stateDirectory) }
    // Read as whoever restores, who may be the only one that may.
    let source = try Store.Backup(path: backup)
    defer { source.close() }
    return try rights.use { try put(source, directory) }
  }

  private func put(_ source: Store.Backup, _ directory: StateDirectory) throws -> String? {
    let copy = directory.unfinishedPath(.restoring)
    directory.removeUnfinished(.restoring)
    defer { directory.removeUnfinished(.restoring) }
    try source.copy(to: copy)
    let kept = try keepPresent()
    // Its log goes first: beside another database it would spoil that. The database itself is replaced in one step.
    for suffix in Self.suffixes.dropFirst() { unlink(directory.databasePath + suffix) }
    guard rename(copy, directory.databasePath) == 0, Store.sync(stateDirectory) else {
      throw StoreError(
        code: .failed, message: "cannot put it in its place; the database before is in \(kept ?? "no place")",
        cause: String(cString: strerror(errno)))
    }
    return kept
  }

  /// Gives the present files another name in a folder of their own, so that they are there whatever happens.
  private func keepPresent() throws -> String? {
    let files = Self.suffixes.map { "reviewd.sqlite\($0)" }.filter { access("\(stateDirectory)/\($0)", F_OK) == 0 }
    guard !files.isEmpty else { return nil }
    let stamp = SystemClock().now().description.prefix(19).filter { $0.isNumber || $0 == "T" }
    var (folder, number) = ("\(stateDirectory)/before-restore-\(stamp)", 1)
    while access(folder, F_OK) == 0 {
      (folder, number) = ("\(stateDirectory)/before-restore-\(stamp)-\(number)", number + 1)
    }
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    for file in files where link("\(stateDirectory)/\(file)", "\(folder)/\(file)") != 0 {
      throw StoreError(
        code: .failed, message: "cannot keep the database before in \(folder)", cause: String(cString: strerror(errno)))
    }
    guard Store.sync(folder) else {
      throw StoreError(
        code: .failed, message: "cannot keep the database before in \(folder)", cause: String(cString: strerror(errno)))
    }
    return folder
  }
}

/// The rights of the user to whom a directory belongs, for as long as something is done there; one's own where one is
/// not root.
struct OwnersRights {
  private let owner: uid_t
  private let group: gid_t

  /// - Parameter path: where it does not exist yet, one's own rights count.
  init(of path: String) {
    var status = stat()
    (owner, group) = stat(path, &status) == 0 ? (status.st_uid, status.st_gid) : (geteuid(), getegid())
  }

  func use<Result>(_ body: () throws -> Result) throws -> Result {
    guard geteuid() == 0, owner != 0 else { return try body() }
    let (ownGroup, groups) = (getegid(), supplementaryGroups())
    guard setgroups(0, nil) == 0, setegid(group) == 0, seteuid(owner) == 0 else {
      throw StoreError(
        code: .failed, message: "cannot act as the owner of the state directory",
        cause: String(cString: strerror(errno)))
    }
    defer {
      seteuid(0)
      setegid(ownGroup)
      setgroups(groups.count, groups)
    }
    return try body()
  }

  private func supplementaryGroups() -> [gid_t] {
    var groups = [gid_t](repeating: 0, count: max(0, Int(getgroups(0, nil))))
    let count = getgroups(Int32(groups.count), &groups)
    return Array(groups.prefix(max(0, Int(count))))
  }
}

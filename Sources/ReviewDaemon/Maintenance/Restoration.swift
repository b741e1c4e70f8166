import CLinux
import Foundation
import Glibc
import ReviewEngine
import ReviewStore

/// Puts a backup in the place of the database.
struct Restoration {
  let stateDirectory: String

  private static let suffixes = ["", "-wal", "-shm"]

  /// - Returns: the folder that holds the database before; nil where there was none.
  func run(from backup: String) throws -> String? {
    // Holds the lock: a daemon that runs is not disturbed, and none starts meanwhile.
    let directory = try StateDirectory(path: stateDirectory)
    let copy = stateDirectory + "/reviewd.sqlite.restoring"
    unlink(copy)
    defer { unlink(copy) }
    try Store.copy(backup: backup, to: copy)
    chmod(copy, 0o600)
    let kept = try keepPresent()
    guard rename(copy, directory.databasePath) == 0 else {
      throw StoreError(code: .failed, message: "cannot put it in its place", cause: String(cString: strerror(errno)))
    }
    giveToOwner([directory.databasePath, stateDirectory + "/reviewd.lock"] + (kept.map { [$0] } ?? []))
    return kept
  }

  /// Its log goes with it: beside another database it would spoil that.
  private func keepPresent() throws -> String? {
    let files = Self.suffixes.map { "reviewd.sqlite\($0)" }.filter { access("\(stateDirectory)/\($0)", F_OK) == 0 }
    guard !files.isEmpty else { return nil }
    let stamp = SystemClock().now().description.prefix(19).filter { $0.isNumber || $0 == "T" }
    var (folder, number) = ("\(stateDirectory)/before-restore-\(stamp)", 1)
    while access(folder, F_OK) == 0 { (folder, number) = ("\(stateDirectory)/before-restore-\(stamp)-\(number)", number + 1) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    for file in files { try FileManager.default.moveItem(atPath: "\(stateDirectory)/\(file)", toPath: "\(folder)/\(file)") }
    return folder
  }

  /// Whoever restores may be root, and the daemon is not.
  private func giveToOwner(_ paths: [String]) {
    var status = stat()
    guard stat(stateDirectory, &status) == 0 else { return }
    for path in paths { chown(path, status.st_uid, status.st_gid) }
  }
}

import CLinux
import Foundation
import Glibc
import ReviewStore

/// The state directory, locked against a second daemon for as long as this value lives.
final class StateDirectory: Sendable {
  let path: String
  private let lock: Int32

  var databasePath: String { path + "/reviewd.sqlite" }

  /// A file that the program itself makes and that is no use to anybody before it is done. Nobody else has such a name,
  /// so that what a crash left of it can go.
  enum Unfinished: String, CaseIterable {
    case backup = "reviewd.sqlite.being-backed-up"
    case restoring = "reviewd.sqlite.being-restored"
  }

  func unfinishedPath(_ file: Unfinished) -> String { "\(path)/\(file.rawValue)" }

  func removeUnfinished(_ file: Unfinished) {
    for suffix in ["", "-journal", "-wal", "-shm"] { unlink(unfinishedPath(file) + suffix) }
  }

  init(path: String) throws(StoreError) {
    self.path = path
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    } catch {
      throw StoreError(
        code: .readOnly, message: "cannot create the state directory \(path)", cause: String(cString: strerror(errno)))
    }
    let lockPath = path + "/reviewd.lock"
    lock = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard lock >= 0 else {
      throw StoreError(
        code: .readOnly, message: "cannot write in the state directory \(path)", cause: String(cString: strerror(errno))
      )
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw StoreError(
        code: .inUse,
        message:
          "another reviewd (process \(Self.holder(lockPath))) uses \(path): stop it first, or give another --state-directory"
      )
    }
    for file in Unfinished.allCases { removeUnfinished(file) }
    ftruncate(lock, 0)
    let number = Array("\(getpid())\n".utf8)
    _ = write(lock, number, number.count)
  }

  deinit { close(lock) }

  private static func holder(_ path: String) -> String {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.isEmpty ? "unknown" : text.filter { !$0.isWhitespace }
  }
}

import CLinux
import Foundation
import Glibc
import ReviewStore

/// The state directory, locked against a second daemon for as long as this value lives.
final class StateDirectory: Sendable {
  let path: String
  private let lock: Int32

  var databasePath: String { path + "/reviewd.sqlite" }

  init(path: String) throws(StoreError) {
    self.path = path
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    } catch {
      throw StoreError(code: .readOnly, message: "cannot create the state directory \(path)", cause: String(cString: strerror(errno)))
    }
    let lockPath = path + "/reviewd.lock"
    lock = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard lock >= 0 else {
      throw StoreError(code: .readOnly, message: "cannot write in the state directory \(path)", cause: String(cString: strerror(errno)))
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw StoreError(
        code: .inUse,
        message: "another reviewd (process \(Self.holder(lockPath))) uses \(path): stop it first, or give another --state-directory")
    }
    removeInterruptedBackups()
    ftruncate(lock, 0)
    let number = Array("\(getpid())\n".utf8)
    _ = write(lock, number, number.count)
  }

  deinit { close(lock) }

  private func removeInterruptedBackups() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names where name.hasPrefix("backup-") && name.contains(".sqlite") { unlink("\(path)/\(name)") }
  }

  private static func holder(_ path: String) -> String {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.isEmpty ? "unknown" : text.filter { !$0.isWhitespace }
  }
}

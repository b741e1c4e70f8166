import Foundation
import Glibc
import TestSupport
import Testing

/// A small disk of its own, ext4 in a file, in a mount namespace of its own: a copy of the file while it is mounted is
/// what the disk would hold if the power went then.
final class LoopDisk {
  let folder: TemporaryFolder
  private let process = Process()
  private let input = Pipe()

  /// Needs root, for the namespace and the mount.
  static var isPossible: Bool {
    geteuid() == 0 && access("/sbin/mkfs.ext4", X_OK) == 0 && access("/dev/loop-control", R_OK | W_OK) == 0
  }
  static let missing: Comment = "needs root, mkfs.ext4 and loop devices"

  private static let script = """
    set -eu
    cd "$1"
    mkdir disk cut
    truncate -s 24M image
    mkfs.ext4 -q image
    mount -o loop image disk
    sync -f disk
    touch ready
    # Lives for as long as whoever started it.
    cat >/dev/null
    """

  init() throws {
    folder = try TemporaryFolder()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    process.arguments = ["--mount", "--propagation", "private", "--", "/bin/sh", "-c", Self.script, "sh", folder.path]
    process.standardInput = input
    try process.run()
    let end = ContinuousClock.now + .seconds(20)
    while access(folder.path + "/ready", F_OK) != 0, ContinuousClock.now < end, process.isRunning { usleep(2000) }
    try #require(access(folder.path + "/ready", F_OK) == 0, "the disk is not there")
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Put before a program, it sees the disk.
  var prefix: [String] { ["/usr/bin/nsenter", "--target", "\(process.processIdentifier)", "--mount", "--"] }

  /// Where the disk is mounted.
  var path: String { folder.path + "/disk" }

  /// What the disk would hold now without power, asked by a statement of SQL of the database in it.
  func afterPowerCut(_ database: String, _ sql: String) throws -> String {
    let script = """
      set -eu
      cd "$1"
      cp --sparse=always image image.cut
      mount -o loop image.cut cut
      trap 'umount cut' EXIT
      sqlite3 "cut/$2" "$3"
      """
    let outcome = try run(
      prefix[0], Array(prefix.dropFirst()) + ["/bin/bash", "-c", script, "bash", folder.path, database, sql])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome.output.trimmingCharacters(in: .newlines)
  }
}

import Foundation
import Glibc
import Testing

/// Another program that writes in the database and does not end, so that the daemon waits for it.
final class DatabaseLock {
  private let process = Process()

  init(_ path: String) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    let program = """
      import sqlite3, sys, time
      connection = sqlite3.connect(sys.argv[1], isolation_level=None)
      connection.execute("BEGIN IMMEDIATE")
      print("held", flush=True)
      time.sleep(60)
      """
    process.arguments = ["-c", program, path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    _ = try #require(try pipe.fileHandleForReading.read(upToCount: 1))
  }

  deinit { release() }

  func release() {
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}

import CSystemd
import Foundation
import Glibc
import TestSupport
import Testing

/// A real systemd-journald in a mount namespace of its own, whose files can be read from here.
final class PrivateJournal {
  let folder: TemporaryFolder
  private let process = Process()
  private var journal: OpaquePointer?

  /// Needs root, for the namespace.
  static var isPossible: Bool { geteuid() == 0 && access("/lib/systemd/systemd-journald", X_OK) == 0 }

  /// The namespace hides this machine's /run, where its own journal would listen.
  private static let script = """
    set -eu
    mount -t tmpfs -o mode=755,size=256m tmpfs /run
    mkdir -p /run/systemd/journald.conf.d /run/lock /run/log/journal
    printf '[Journal]\\nStorage=volatile\\nReadKMsg=no\\nAudit=no\\nForwardToSyslog=no\\nForwardToWall=no\\nRateLimitIntervalSec=0\\n' \
      >/run/systemd/journald.conf.d/test.conf
    mount --bind "$1" /run/log/journal
    /lib/systemd/systemd-journald &
    echo $! >"$1.pid"
    wait
    """

  init() throws {
    folder = try TemporaryFolder()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    process.arguments = ["--mount", "--propagation", "private", "--", "/bin/sh", "-c", Self.script, "sh", folder.path]
    process.standardError = FileHandle.nullDevice
    // journald tells the service manager that it is ready, as every daemon does.
    let notify = try NotifySocket(path: folder.path + ".notify")
    process.environment = ProcessInfo.processInfo.environment.merging(["NOTIFY_SOCKET": notify.path]) { $1 }
    try process.run()
    try #require(notify.wait(for: "READY=1") != nil, "journald does not start")
    unlink(notify.path)
  }

  deinit {
    if let journal { sd_journal_close(journal) }
    // Not the shell, which inherits blocked signals: it ends when journald does.
    let number = try? String(contentsOfFile: folder.path + ".pid", encoding: .utf8)
    if let number = number.flatMap({ Int32($0.filter(\.isNumber)) }) { kill(number, SIGKILL) }
    process.waitUntilExit()
    unlink(folder.path + ".pid")
  }

  /// Put before a program, it runs beside this journal.
  var prefix: [String] { ["/usr/bin/nsenter", "--target", "\(process.processIdentifier)", "--mount", "--"] }

  /// Waits until an entry with a field is readable, and returns its fields, a name as often as it has values.
  func entry(with match: String, seconds: Double = 10) throws -> [String: [String]] {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      if let found = try entries(with: match).last { return found }
      sched_yield()
    }
    throw MissingEntry(match: match)
  }

  struct MissingEntry: Error { let match: String }

  /// All entries with a field that are there now.
  func entries(with match: String) throws -> [[String: [String]]] {
    let journal = try open()
    sd_journal_process(journal)
    sd_journal_flush_matches(journal)
    _ = match.withCString { sd_journal_add_match(journal, $0, strlen($0)) }
    sd_journal_seek_head(journal)
    var entries: [[String: [String]]] = []
    while sd_journal_next(journal) > 0 { entries.append(fields(journal)) }
    return entries
  }

  private func open() throws -> OpaquePointer {
    if let journal { return journal }
    let machine = (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.first ?? ""
    sd_journal_open_directory(&journal, "\(folder.path)/\(machine)", 0)
    return try #require(journal)
  }

  private func fields(_ journal: OpaquePointer) -> [String: [String]] {
    var fields: [String: [String]] = [:]
    var data: UnsafeRawPointer?
    var length = 0
    sd_journal_restart_data(journal)
    while sd_journal_enumerate_data(journal, &data, &length) > 0, let data {
      let text = String(decoding: UnsafeRawBufferPointer(start: data, count: length), as: UTF8.self)
      guard let equals = text.firstIndex(of: "=") else { continue }
      fields[String(text[..<equals]), default: []].append(String(text[text.index(after: equals)...]))
    }
    return fields
  }
}

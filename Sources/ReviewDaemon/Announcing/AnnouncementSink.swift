import CSystemd
import Glibc
import Logging

/// Where announcements go.
package protocol AnnouncementSink: Sendable {
  /// False where nobody takes them now; they are sent again later.
  func send(_ fields: [(name: String, value: String)]) -> Bool
}

/// The journal.
package struct JournalSink: AnnouncementSink {
  static let socketPath = "/run/systemd/journal/socket"

  /// Whether this machine has, or had when it was booted, a journal.
  package static var isPresent: Bool { sd_booted() > 0 || access(socketPath, F_OK) == 0 }

  package init() {}

  package func send(_ fields: [(name: String, value: String)]) -> Bool {
    // libsystemd reports success where no journal listens.
    guard access(JournalSink.socketPath, W_OK) == 0 else { return false }
    return JournalEntry(fields).send() >= 0
  }
}

/// The log, on machines without a journal.
package struct LogSink: AnnouncementSink {
  let logger: Logger

  package init(logger: Logger) { self.logger = logger }

  package func send(_ fields: [(name: String, value: String)]) -> Bool {
    var metadata: Logger.Metadata = [:]
    for (name, value) in fields where name.hasPrefix("REVIEWD_") {
      let key = name.dropFirst("REVIEWD_".count).lowercased()
      metadata[key] = .string(metadata[key].map { "\($0),\(value)" } ?? value)
    }
    logger.notice("\(fields.first { $0.name == "MESSAGE" }?.value ?? "")", metadata: metadata)
    return true
  }
}

/// One entry of the journal: `NAME=value`, a name as often as it has values.
struct JournalEntry {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  init(_ fields: [(name: String, value: String)]) {
    for (name, value) in fields {
      bytes += name.utf8
      bytes.append(UInt8(ascii: "="))
      bytes += value.utf8
      ends.append(bytes.count)
    }
  }

  /// Negative errno where the journal refused.
  func send() -> Int32 {
    var bytes = bytes
    return bytes.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      var start = 0
      let parts = ends.map { end in
        defer { start = end }
        return iovec(iov_base: base + start, iov_len: end - start)
      }
      return sd_journal_sendv(parts, Int32(parts.count))
    }
  }
}

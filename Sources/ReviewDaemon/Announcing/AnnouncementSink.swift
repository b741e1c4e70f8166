import CSystemd
import Glibc
import Logging
// The compiler takes `stat` and `timespec` for those of the module that it meets first, in the order of the files: this
// one leads it to Glibc's and not to NIO's.
import ReviewStore

/// What became of an announcement.
package enum Delivery: Hashable, Sendable {
  case sent
  /// It will never be taken as it is.
  case refused(String)
  /// Nobody takes any now; it is sent again later.
  case unavailable
}

/// Where announcements go.
package protocol AnnouncementSink: Sendable {
  func send(_ fields: [(name: String, value: String)]) -> Delivery
}

/// The journal.
package struct JournalSink: AnnouncementSink {
  static let socketPath = "/run/systemd/journal/socket"

  /// Whether this machine has, or had when it was booted, a journal.
  package static var isPresent: Bool { sd_booted() > 0 || access(socketPath, F_OK) == 0 }

  package init() {}

  package func send(_ fields: [(name: String, value: String)]) -> Delivery {
    // libsystemd reports success where no journal listens.
    guard access(JournalSink.socketPath, W_OK) == 0 else { return .unavailable }
    return JournalSink.delivery(JournalEntry(fields).send())
  }

  /// What an answer of libsystemd means. Only a journal that is gone or takes nothing at all, and want of
  /// memory or descriptors here, is worth waiting for.
  package static func delivery(_ code: Int32) -> Delivery {
    switch -code {
    case ..<1: .sent
    case ENOENT, ECONNREFUSED, ENOTCONN, ECONNRESET, EPIPE, EAGAIN, EINTR, ENOBUFS, ENOMEM, EMFILE, ENFILE: .unavailable
    case let code: .refused(String(cString: strerror(code)))
    }
  }
}

/// The log, on machines without a journal.
package struct LogSink: AnnouncementSink {
  let logger: Logger

  package init(logger: Logger) { self.logger = logger }

  package func send(_ fields: [(name: String, value: String)]) -> Delivery {
    var metadata: Logger.Metadata = [:]
    for (name, value) in fields where name.hasPrefix("REVIEWD_") {
      let key = name.dropFirst("REVIEWD_".count).lowercased()
      metadata[key] = .string(metadata[key].map { "\($0),\(value)" } ?? value)
    }
    logger.notice("\(fields.first { $0.name == "MESSAGE" }?.value ?? "")", metadata: metadata)
    return .sent
  }
}

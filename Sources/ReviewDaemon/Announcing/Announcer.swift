import Logging
import ReviewEngine
import ReviewStore

/// Empties the outbox: each announcement is sent, then marked as sent, so that it is announced at least once.
struct Announcer {
  let sink: any AnnouncementSink
  let logger: Logger

  private static let batchCount = 200

  /// Sends what waits; false where the rest has to wait.
  func drain(_ store: Store, at now: Instant) -> Bool {
    do {
      while true {
        let waiting = try store.read { try $0.unsent(limit: Self.batchCount) }
        guard !waiting.isEmpty else { return true }
        var sent: [Int64] = []
        for announcement in waiting {
          guard sink.send(try fields(announcement)) else { break }
          sent.append(announcement.id)
        }
        try store.write { try $0.markSent(sent, at: now) }
        if sent.count < waiting.count { return false }
      }
    } catch {
      logger.warning("announcements wait in the outbox: \(error)")
      return false
    }
  }

  private func fields(_ announcement: Announcement) throws -> [(name: String, value: String)] {
    let stored = try announcement.fields().sorted { $0.key < $1.key }.flatMap { name, values in values.map { (name, $0) } }
    return [("SYSLOG_IDENTIFIER", "reviewd"), ("REVIEWD_ANNOUNCEMENT", String(announcement.id)), ("REVIEWD_KIND", announcement.kind)]
      + stored
  }
}

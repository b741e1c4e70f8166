import Logging
import ReviewEngine
import ReviewStore

/// Empties the outbox: each announcement is sent, then marked as sent, so that it is announced at least once. None stops the others: what
/// the journal refuses is sent with less in it, and passed over if that is refused too.
struct Announcer {
  let sink: any AnnouncementSink
  let logger: Logger

  private static let batchCount = 200

  /// What is left after some were sent.
  enum Rest {
    case nothing
    /// More can be sent at once, when others have had their turn.
    case more
    /// The journal takes none now.
    case waits
  }

  /// Sends some of what waits.
  func drain(_ store: Store, at now: Instant) -> Rest {
    do {
      let waiting = try store.read { try $0.unsent(limit: Self.batchCount) }
      guard !waiting.isEmpty else { return .nothing }
      var done: [Int64] = []
      var refusedCount = 0
      for announcement in waiting {
        let delivery = send(announcement)
        if delivery == .unavailable { break }
        if delivery != .sent { refusedCount += 1 }
        done.append(announcement.id)
      }
      try store.write { transaction in
        try transaction.markSent(done, at: now)
        if refusedCount > 0 { try transaction.add(refusedCount, toCounter: "announcements_refused") }
      }
      return done.count < waiting.count ? .waits : waiting.count < Self.batchCount ? .nothing : .more
    } catch {
      logger.warning("announcements wait in the outbox: \(error)")
      return .waits
    }
  }

  private func send(_ announcement: Announcement) -> Delivery {
    let entry = JournalAnnouncement(announcement)
    let first = sink.send(entry.fields)
    guard case .refused(let reason) = first else { return first }
    let second = sink.send(entry.shortened(because: "the journal refused all of it, \(reason)"))
    if case .refused(let reason) = second {
      logger.error("the journal refused announcement \(announcement.id) (\(announcement.kind)), which is passed over: \(reason)")
    }
    return second
  }
}

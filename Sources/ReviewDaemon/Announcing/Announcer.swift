import Logging
import ReviewEngine
import ReviewStore

/// Empties the outbox: each announcement is sent, then marked as sent, so that it is announced at least once. None stops the others: what
/// the journal refuses is sent with less in it, and passed over if that is refused too.
struct Announcer {
  let sink: any AnnouncementSink
  let logger: Logger
  /// What was sent and could not be marked yet.
  private var unmarked: (ids: [Int64], refusedCount: Int) = ([], 0)

  init(sink: any AnnouncementSink, logger: Logger) {
    self.sink = sink
    self.logger = logger
  }

  /// Some milliseconds.
  private static let batchCount = 64

  /// What is left after some were sent.
  enum Rest {
    case nothing
    /// More can be sent at once, when others have had their turn.
    case more
    /// The journal takes none now.
    case waits
  }

  /// Sends some of what waits.
  mutating func drain(_ store: Store, at now: Instant) -> Rest {
    do {
      // What cannot be marked would be sent again and again; nobody else may write for long, and see that the trouble is over.
      if store.trouble != nil { store.look() }
      if let trouble = store.trouble { throw trouble }
      try markSent(store, at: now)
      let waiting = try store.readByWriter { try $0.unsent(limit: Self.batchCount) }
      guard !waiting.isEmpty else { return .nothing }
      for announcement in waiting {
        let delivery = send(announcement)
        if delivery == .unavailable { break }
        if delivery != .sent { unmarked.refusedCount += 1 }
        unmarked.ids.append(announcement.id)
      }
      let sentCount = unmarked.ids.count
      try markSent(store, at: now)
      return sentCount < waiting.count ? .waits : waiting.count < Self.batchCount ? .nothing : .more
    } catch {
      logger.warning("announcements wait in the outbox: \(error)")
      return .waits
    }
  }

  private mutating func markSent(_ store: Store, at now: Instant) throws {
    guard !unmarked.ids.isEmpty else { return }
    try store.write { transaction in
      try transaction.markSent(unmarked.ids, at: now)
      if unmarked.refusedCount > 0 { try transaction.add(unmarked.refusedCount, toCounter: "announcements_refused") }
    }
    unmarked = ([], 0)
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

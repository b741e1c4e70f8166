import ReviewEngine
import ReviewStore

/// What an announcement of the outbox is in the journal.
struct JournalAnnouncement {
  let announcement: Announcement
  /// Nil where what is stored is none.
  private let stored: [String: [String]]?

  init(_ announcement: Announcement) {
    self.announcement = announcement
    stored = try? announcement.fields()
  }

  /// All of it.
  var fields: [(name: String, value: String)] {
    guard let stored else { return shortened(because: "what is stored of it cannot be read") }
    return JournalFields(identity + stored.sorted { $0.key < $1.key }.map { (name: $0.key, values: $0.value) }).fields
  }

  /// The least that tells of it, with a word about what is missing.
  func shortened(because reason: String) -> [(name: String, value: String)] {
    let message = (stored?["MESSAGE"]?.first ?? "Announcement \(announcement.id)").journalText(bytes: 500)
    let messageId = AnnouncementKind(rawValue: announcement.kind)?.messageId
    return JournalFields(
      identity + [
        ("MESSAGE", ["\(message) [shortened: \(reason)]"]), ("MESSAGE_ID", messageId.map { [$0] } ?? []), ("PRIORITY", ["5"]),
        ("REVIEWD_REVIEW", stored?["REVIEWD_REVIEW"] ?? []),
      ]
    ).fields
  }

  private var identity: [(name: String, values: [String])] {
    [
      ("SYSLOG_IDENTIFIER", ["reviewd"]), ("REVIEWD_ANNOUNCEMENT", [String(announcement.id)]), ("REVIEWD_KIND", [announcement.kind]),
    ]
  }
}

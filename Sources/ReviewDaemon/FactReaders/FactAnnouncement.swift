import ReviewEngine
import ReviewStore
import ReviewWords

/// What a fact is in the journal.
struct FactAnnouncement {
  let number: Int64
  let kind: String
  private let messageId: String?
  /// Empty where what is stored of it cannot be read.
  private let fields: [JournalFields.Field]
  private let review: String?

  /// Nil for a fact that the journal is not told of.
  ///
  /// - Parameter count: how many triggers joined at once, where they are told together.
  init?(_ logged: LoggedFact, _ scene: Scene, joining count: Int = 1) {
    guard let told = logged.journalFields(scene, joining: count) else { return nil }
    let kind = AnnouncementKind(logged.fact.content.kind)
    (number, self.kind, messageId, review) = (logged.number, kind.rawValue, kind.messageId, logged.fact.review)
    fields = told.sorted { $0.name < $1.name }
  }

  init(_ unreadable: UnreadableFact) {
    let kind = Fact.Kind(rawValue: unreadable.kind).map { AnnouncementKind($0) }
    (number, self.kind, messageId) = (unreadable.number, kind?.rawValue ?? unreadable.kind, kind?.messageId)
    (fields, review) = ([], unreadable.review)
  }

  /// All of it.
  var all: [(name: String, value: String)] {
    fields.isEmpty ? shortened(because: "what is stored of it cannot be read") : JournalFields(identity + fields).fields
  }

  /// The least that tells of it, with a word about what is missing.
  func shortened(because reason: String) -> [(name: String, value: String)] {
    let message = (fields.first { $0.name == "MESSAGE" }?.values.first ?? "Fact \(number)").journalText(bytes: 500)
    return JournalFields(
      identity + [
        ("MESSAGE", ["\(message) [shortened: \(reason)]"]), ("MESSAGE_ID", messageId.map { [$0] } ?? []),
        ("PRIORITY", ["5"]),
        ("REVIEWD_REVIEW", review.map { [$0] } ?? []),
      ]
    ).fields
  }

  private var identity: [JournalFields.Field] {
    [("SYSLOG_IDENTIFIER", ["reviewd"]), ("REVIEWD_FACT", [String(number)]), ("REVIEWD_KIND", [kind])]
  }
}

extension LoggedFact {
  /// The fields that say what happened; nil for what nobody is told of.
  fileprivate func journalFields(_ scene: Scene, joining count: Int) -> [JournalFields.Field]? {
    switch fact.content {
    case .intervalMoved(let move): return comingFields(move, scene)
    case .rulesRefused, .clockSet, .told: return daemonFields
    case .opened, .joined, .dueMoved, .scheduled, .conducted, .completed, .cancelled:
      guard let review else { return nil }
      var fields = ReviewAnnouncement(fact, review, scene, joining: count).fields
      if let user = fact.by.user { fields.append(("REVIEWD_BY", [user])) }
      return fields
    }
  }

  /// Of a review that is to come; that of an open one tells of itself.
  private func comingFields(_ move: IntervalMove, _ scene: Scene) -> [JournalFields.Field]? {
    guard fact.review == nil, let before = move.from, let subject = fact.subject else { return nil }
    // One that the catalogue has no more is told by its id.
    let services = scene.subject(subject)?.services ?? [Service(id: subject.id, name: subject.id)]
    return ComingAnnouncement(move: move, before: before, services: services, ruleSet: scene.ruleSet).fields
  }

  private var daemonFields: [JournalFields.Field] {
    let kind = AnnouncementKind(fact.content.kind)
    return [
      ("MESSAGE", [fact.content.daemonWords]), ("MESSAGE_ID", [kind.messageId]),
      ("PRIORITY", [kind == .rulesRefused ? "3" : "4"]),
    ]
  }
}

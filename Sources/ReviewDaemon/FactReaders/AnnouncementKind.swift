import ReviewEngine

/// What is announced; each kind has a message id of its own, explained in `systemd/reviewd.catalog`.
package enum AnnouncementKind: String, CaseIterable, Sendable {
  case opened
  case joined
  case dueChanged = "due_changed"
  case scheduled
  case conducted
  case completed
  case cancelled
  case rulesRefused = "rules_refused"
  case clockSet = "clock_set"

  init(_ kind: Fact.Kind) {
    self =
      switch kind {
      case .opened: .opened
      case .joined: .joined
      case .dueMoved, .intervalMoved: .dueChanged
      case .scheduled: .scheduled
      case .conducted: .conducted
      case .completed: .completed
      case .cancelled: .cancelled
      case .rulesRefused: .rulesRefused
      case .clockSet: .clockSet
      }
  }

  package var messageId: String {
    switch self {
    case .opened: "5c1f0f0b8d6e4a5fb2a3d0c6e7914a01"
    case .joined: "5c1f0f0b8d6e4a5fb2a3d0c6e7914a02"
    case .dueChanged: "5c1f0f0b8d6e4a5fb2a3d0c6e7914a03"
    case .scheduled: "5c1f0f0b8d6e4a5fb2a3d0c6e7914a04"
    case .conducted: "5c1f0f0b8d6e4a5fb2a3d0c6e7914a05"
    case .completed: "5c1f0f0b8d6e4a5fb2a3d0c6e7914a06"
    case .cancelled: "5c1f0f0b8d6e4a5fb2a3d0c6e7914a07"
    case .rulesRefused: "5c1f0f0b8d6e4a5fb2a3d0c6e7914a08"
    case .clockSet: "5c1f0f0b8d6e4a5fb2a3d0c6e7914a09"
    }
  }
}

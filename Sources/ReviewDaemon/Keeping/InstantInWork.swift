import ReviewEngine

/// An instant that is worked off in portions, each a transaction of its own, so that nobody waits for all of it:
/// subjects do not see one another. It is still one decision: what happens to a subject meanwhile waits until the
/// instant was evaluated for it.
struct InstantInWork {
  /// Tells it from one that was begun anew while something was asked for it.
  let number: Int
  let occasion: Occasion
  /// What was answered for subjects that wait.
  var answers = Answers()
  /// The rules whose grid has this instant.
  let rules: [Rule]
  /// Whether it stands on the grid, so that a crash must not evaluate it twice.
  let isOnGrid: Bool
  let isLate: Bool
  /// Whether its rules ask elsewhere: what happens meanwhile does not wait for it.
  let isElsewhere: Bool
  /// The keys of the subjects, services by id before customers by id.
  private let order: [SubjectID]
  private var next = 0
  /// The subject through which all were evaluated before.
  private let start: SubjectID?
  /// Those that were not evaluated yet.
  private var waiting: Set<SubjectID>

  init(
    _ occasion: Occasion, number: Int, rules: [Rule] = [], isOnGrid: Bool = false, isLate: Bool = false,
    isElsewhere: Bool = false,
    subjects: [SubjectID], through start: SubjectID? = nil
  ) {
    self.occasion = occasion
    self.number = number
    self.rules = rules
    self.isOnGrid = isOnGrid
    self.isLate = isLate
    self.isElsewhere = isElsewhere
    order = subjects
    self.start = start
    waiting = Set(subjects)
  }

  var isDone: Bool { waiting.isEmpty }

  func isWaiting(_ key: SubjectID) -> Bool { waiting.contains(key) }

  /// All that it is evaluated for.
  var subjects: [SubjectID] { order }

  /// The keys of the next portion, at most so many.
  func portion(_ count: Int) -> [SubjectID] { Array(order[next...].lazy.filter { waiting.contains($0) }.prefix(count)) }

  /// Counts some subjects as evaluated.
  ///
  /// - Returns: where it stood before, to go back to.
  mutating func take(_ keys: [SubjectID]) -> Int {
    let before = next
    for key in keys { waiting.remove(key) }
    while next < order.count, !waiting.contains(order[next]) { next += 1 }
    return before
  }

  /// Takes that back, because they were not evaluated after all.
  mutating func putBack(_ keys: [SubjectID], to before: Int) {
    for key in keys { waiting.insert(key) }
    next = before
  }

  /// How far it is worked off.
  var progress: Progress { Progress(isDone: isDone, through: next == 0 ? start : order[next - 1]) }

  struct Progress {
    let isDone: Bool
    /// The subject through which all were evaluated; nil where the first one waits.
    let through: SubjectID?
  }
}

/// How long one transaction may go on, and how much is looked at for it. Where nobody waits it is longer, because what
/// it writes costs less the more it is.
struct Portion {
  private let start = ContinuousClock.now
  private let isAwaited: () -> Bool

  private static let longestWait = Duration.milliseconds(6)
  private static let longest = Duration.milliseconds(25)

  /// - Parameter isAwaited: whether others wait for it to be over.
  init(isAwaited: @escaping () -> Bool) { self.isAwaited = isAwaited }

  /// More than fits into one.
  static let largestSubjectCount = 1024
  static let largestEventCount = 256

  var isOver: Bool {
    let duration = ContinuousClock.now - start
    return duration >= Self.longest || duration >= Self.longestWait && isAwaited()
  }
}

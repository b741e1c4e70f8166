import DequeModule
import ReviewEngine

/// Instants of the rules that ask elsewhere, one after another: each waits here for its answers, and nothing waits for
/// it.
struct AwaitedInstants {
  /// The rules that ask elsewhere.
  var rules: Set<String> = []
  /// Subjects whose factors are asked for.
  private(set) var factors: Set<SubjectID> = []
  private var line = Deque<(Instant) -> InstantInWork>()
  private var first: InstantInWork?
  private var state = State.waits

  private enum State { case waits, asked, answered }

  /// - Parameter instant: made when its turn comes, as of then, because each holds all of its subjects.
  mutating func append(_ instant: @escaping (Instant) -> InstantInWork) { line.append(instant) }

  /// The same for subjects whose factors wait.
  mutating func append(factorsOf subjects: [SubjectID], _ instant: @escaping (Instant) -> InstantInWork) {
    factors.formUnion(subjects)
    line.append(instant)
  }

  /// The instant to ask for now; nil where one is asked for already, or none waits.
  mutating func next(at now: Instant) -> InstantInWork? {
    guard state == .waits else { return nil }
    if first == nil { first = line.popFirst().map { $0(now) } }
    if first != nil { state = .asked }
    return first
  }

  /// - Returns: whether it was waited for.
  mutating func note(_ answers: Answers, for number: Int) -> Bool {
    guard state == .asked, first?.number == number else { return false }
    first?.answers.merge(answers)
    state = .answered
    return true
  }

  /// The instant whose answers have come.
  mutating func takeAnswered() -> InstantInWork? {
    guard state == .answered else { return nil }
    defer { (first, state) = (nil, .waits) }
    return first
  }

  /// Lets an instant be asked for again, because something changed since.
  mutating func putBack(_ instant: InstantInWork) { first = instant }

  mutating func end(factorsOf subjects: [SubjectID]) { factors.subtract(subjects) }
}

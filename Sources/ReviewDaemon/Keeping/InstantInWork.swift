import ReviewEngine

/// An instant that is worked off in portions, each a transaction of its own, so that nobody waits for all of it: subjects do not see one
/// another. It is still one decision: what happens to a subject meanwhile waits until the instant was evaluated for it.
struct InstantInWork {
  let occasion: Occasion
  /// The rules whose grid has this instant.
  let rules: [Rule]
  /// Whether it stands on the grid, so that a crash must not evaluate it twice.
  let isOnGrid: Bool
  let isLate: Bool
  /// The keys of the subjects, services by id before customers by id.
  private let order: [String]
  private var next = 0
  /// Those that were not evaluated yet.
  private var waiting: Set<String>

  init(_ occasion: Occasion, rules: [Rule] = [], isOnGrid: Bool = false, isLate: Bool = false, subjects: [String]) {
    self.occasion = occasion
    self.rules = rules
    self.isOnGrid = isOnGrid
    self.isLate = isLate
    order = subjects
    waiting = Set(subjects)
  }

  var isDone: Bool { waiting.isEmpty }

  func isWaiting(_ key: String) -> Bool { waiting.contains(key) }

  /// The keys of the next portion, at most so many.
  func portion(_ count: Int) -> [String] { Array(order[next...].lazy.filter { waiting.contains($0) }.prefix(count)) }

  /// The same instant after some subjects were evaluated.
  func without(_ keys: [String]) -> InstantInWork {
    var rest = self
    rest.waiting.subtract(keys)
    while rest.next < order.count, !rest.waiting.contains(order[rest.next]) { rest.next += 1 }
    return rest
  }

  /// The subject through which all were evaluated; nil where the first one waits.
  var through: String? { next == 0 ? nil : order[next - 1] }
}

/// How many subjects, or events, or series make a portion: as many as took about as long as nobody minds.
struct PortionSize {
  private(set) var count = 32

  private static let range = 4...4096
  private static let aim = Duration.milliseconds(10)

  /// Learns from a portion that took some time.
  mutating func note(_ done: Int, took duration: Duration) {
    guard done > 0 else { return }
    let factor = min(4, max(0.25, Self.aim / max(duration, .microseconds(10))))
    count = min(max(Int(Double(done) * factor), Self.range.lowerBound), Self.range.upperBound)
  }
}

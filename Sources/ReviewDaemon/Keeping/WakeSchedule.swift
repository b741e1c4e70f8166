import HeapModule
import ReviewEngine

/// When each subject needs an evaluation of its own, the earliest first.
struct WakeSchedule {
  private struct Wake: Comparable {
    let instant: Instant
    let subject: SubjectID

    static func < (left: Wake, right: Wake) -> Bool { (left.instant, left.subject) < (right.instant, right.subject) }
  }

  private var heap = Heap<Wake>()
  private var current: [SubjectID: Instant] = [:]

  /// Sets or takes away a subject's instant. What it had before stays in the heap until it comes to the top.
  mutating func set(_ instant: Instant?, for subject: SubjectID) {
    guard current[subject] != instant else { return }
    current[subject] = instant
    if let instant { heap.insert(Wake(instant: instant, subject: subject)) }
  }

  /// The earliest instant that still stands.
  mutating func next() -> Instant? {
    while let wake = heap.min {
      if current[wake.subject] == wake.instant { return wake.instant }
      heap.removeMin()
    }
    return nil
  }

  /// The keys of the subjects whose instant has come, services by id before customers by id.
  mutating func take(through instant: Instant) -> [SubjectID] {
    var subjects: [SubjectID] = []
    while let next = next(), next <= instant, let wake = heap.popMin() {
      current[wake.subject] = nil
      subjects.append(wake.subject)
    }
    return subjects.sorted()
  }
}

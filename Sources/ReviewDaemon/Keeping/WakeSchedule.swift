import HeapModule
import ReviewEngine

/// When each subject needs an evaluation of its own, the earliest first.
struct WakeSchedule {
  private struct Wake: Comparable {
    let instant: Instant
    let service: String

    static func < (left: Wake, right: Wake) -> Bool { (left.instant, left.service) < (right.instant, right.service) }
  }

  private var heap = Heap<Wake>()
  private var current: [String: Instant] = [:]

  /// Sets or takes away a subject's instant. What it had before stays in the heap until it comes to the top.
  mutating func set(_ instant: Instant?, for service: String) {
    guard current[service] != instant else { return }
    current[service] = instant
    if let instant { heap.insert(Wake(instant: instant, service: service)) }
  }

  /// The earliest instant that still stands.
  mutating func next() -> Instant? {
    while let wake = heap.min {
      if current[wake.service] == wake.instant { return wake.instant }
      heap.removeMin()
    }
    return nil
  }

  /// The subjects whose instant has come, in the order of their ids.
  mutating func take(through instant: Instant) -> [String] {
    var services: [String] = []
    while let next = next(), next <= instant, let wake = heap.popMin() {
      current[wake.service] = nil
      services.append(wake.service)
    }
    return services.sorted()
  }
}

import HeapModule

/// When something has to be evaluated next: for the loop, which sleeps until then, and for a simulation, which goes
/// there at once. It is kept as things happen, so that what did not change is not looked at.
package struct Scheduler: Sendable {
  private struct Expected: Comparable {
    let instant: Instant
    let subject: SubjectID

    static func < (left: Expected, right: Expected) -> Bool {
      (left.instant, left.subject) < (right.instant, right.subject)
    }
  }

  /// How often the grids of the rules have an instant, each once, with how many rules have it.
  private var grids: [(step: Elapsed, ruleCount: Int)] = []
  /// Through which instant all grids were evaluated, or passed over.
  package private(set) var gridThrough: Instant
  private var heap = Heap<Expected>()
  private var current: [SubjectID: Instant] = [:]

  /// - Parameter rules: those whose grids count.
  package init(_ rules: [Rule], gridThrough: Instant) {
    self.gridThrough = gridThrough
    for step in rules.compactMap(\.gridStep) {
      if let index = grids.firstIndex(where: { $0.step == step }) {
        grids[index].ruleCount += 1
      } else {
        grids.append((step, 1))
      }
    }
  }

  /// The earliest instant at which anything has to be evaluated.
  package mutating func next() -> Instant? {
    guard let own = nextOwnInstant() else { return nextGridInstant }
    return min(own, nextGridInstant ?? own)
  }

  // MARK: Grids

  /// The next instant at which any rule asks its conditions.
  package var nextGridInstant: Instant? { grids.lazy.map { gridThrough.nextGridInstant(every: $0.step) }.min() }

  package var hasGrid: Bool { !grids.isEmpty }

  /// Goes on behind an instant.
  ///
  /// - Returns: how many instants that passes, over all rules.
  @discardableResult
  package mutating func passGrids(through instant: Instant) -> Int {
    guard instant > gridThrough else { return 0 }
    let passed = grids.reduce(0) { count, grid in
      let steps = instant.milliseconds / grid.step.milliseconds - gridThrough.milliseconds / grid.step.milliseconds
      return count + Int(steps) * grid.ruleCount
    }
    gridThrough = instant
    return passed
  }

  // MARK: Subjects

  /// Sets or takes away the instant of a subject. What it had before stays in the heap until it comes to the top.
  package mutating func expect(_ instant: Instant?, for subject: SubjectID) {
    guard current[subject] != instant else { return }
    current[subject] = instant
    if let instant { heap.insert(Expected(instant: instant, subject: subject)) }
  }

  /// The earliest instant of a subject that still stands.
  package mutating func nextOwnInstant() -> Instant? {
    while let expected = heap.min {
      if current[expected.subject] == expected.instant { return expected.instant }
      heap.removeMin()
    }
    return nil
  }

  /// Takes the subjects whose instant has come: services by id before customers by id.
  package mutating func take(through instant: Instant) -> [SubjectID] {
    var subjects: [SubjectID] = []
    while let next = nextOwnInstant(), next <= instant, let expected = heap.popMin() {
      current[expected.subject] = nil
      subjects.append(expected.subject)
    }
    return subjects.sorted()
  }
}

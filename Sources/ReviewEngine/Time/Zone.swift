import Algorithms

/// Where days begin and end and what a clock on the wall shows: a time zone of the IANA database.
///
/// It is read once, from bytes (`Zone+TZif.swift`), and asked a great many times; a time of a wall clock that a change
/// of the clocks skips moves forward by what is skipped, and of one that comes twice the first is meant (RFC 5545,
/// section 3.3.5).
package final class Zone: Sendable {
  /// One change of the clocks.
  struct Transition: Sendable {
    let instant: Instant
    let offsetBefore: Int64
    let offsetAfter: Int64

    /// Milliseconds on the wall from which on the offset after it counts: the end of what is skipped, or of the first
    /// of what comes twice.
    var wall: Int64 { instant.milliseconds + max(offsetBefore, offsetAfter) }
  }

  package static let utc = Zone(id: "UTC", firstOffset: 0, transitions: [])

  /// As the IANA database names it: `Europe/Madrid`.
  package let id: String
  private let firstOffset: Int64
  private let transitions: [Transition]

  /// - Parameters:
  ///   - firstOffset: milliseconds east of UTC before the first transition.
  ///   - transitions: in the order of time.
  init(id: String, firstOffset: Int64, transitions: [Transition]) {
    self.id = id
    self.firstOffset = firstOffset
    self.transitions = transitions
  }

  /// Milliseconds east of UTC at an instant.
  package func offset(at instant: Instant) -> Int64 {
    let next = firstTransition { $0.instant > instant }
    return next == 0 ? firstOffset : transitions[next - 1].offsetAfter
  }

  /// The day that an instant falls on.
  package func day(of instant: Instant) -> Day {
    Day(number: Int((instant.milliseconds + offset(at: instant)).flooredDivision(by: millisecondsPerDay)))
  }

  /// Milliseconds that a clock on the wall has run since midnight.
  package func clock(at instant: Instant) -> Int64 {
    let wall = instant.milliseconds + offset(at: instant)
    return wall - wall.flooredDivision(by: millisecondsPerDay) * millisecondsPerDay
  }

  /// The instant at which a clock on the wall shows a time of a day.
  ///
  /// - Parameter clock: milliseconds since midnight.
  package func instant(on day: Day, clock: Int64 = 0) -> Instant {
    let wall = Int64(day.number) * millisecondsPerDay + clock
    return Instant(milliseconds: wall - offset(before: firstTransition { $0.wall > wall }))
  }

  /// The first instant of a day; of a day that a zone skipped, the first after it.
  package func start(of day: Day) -> Instant {
    let wall = Int64(day.number) * millisecondsPerDay
    let next = firstTransition { $0.wall > wall }
    let midnight = Instant(milliseconds: wall - offset(before: next))
    guard next < transitions.count, transitions[next].instant < midnight else { return midnight }
    return transitions[next].instant
  }

  /// The first instant after a day.
  package func end(of day: Day) -> Instant { start(of: day + 1) }

  private func offset(before index: Int) -> Int64 { index == 0 ? firstOffset : transitions[index - 1].offsetAfter }

  private func firstTransition(where isLater: (Transition) -> Bool) -> Int {
    transitions.partitioningIndex(where: isLater)
  }
}

let millisecondsPerDay: Int64 = 86_400_000

extension Zone: Hashable {
  package static func == (left: Zone, right: Zone) -> Bool { left.id == right.id }

  package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension Zone: CustomStringConvertible {
  package var description: String { id }
}

/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z, the resolution of everything stored.
package struct Instant: Hashable, Comparable, Sendable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  package init(seconds: Int64) { milliseconds = seconds * 1000 }

  package static let distantPast = Instant(milliseconds: -(1 << 52))
  package static let distantFuture = Instant(milliseconds: 1 << 52)

  package static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }

  package static func + (instant: Instant, elapsed: Elapsed) -> Instant {
    Instant(milliseconds: instant.milliseconds + elapsed.milliseconds)
  }

  package static func - (instant: Instant, elapsed: Elapsed) -> Instant {
    Instant(milliseconds: instant.milliseconds - elapsed.milliseconds)
  }

  package static func - (later: Instant, earlier: Instant) -> Elapsed {
    Elapsed(milliseconds: later.milliseconds - earlier.milliseconds)
  }

  /// The first multiple of `step` since the Unix epoch that is later than this instant.
  package func nextGridInstant(every step: Elapsed) -> Instant {
    Instant(milliseconds: (milliseconds.flooredDivision(by: step.milliseconds) + 1) * step.milliseconds)
  }

  /// Whether this instant is a multiple of `step` since the Unix epoch.
  package func isOnGrid(every step: Elapsed) -> Bool { milliseconds % step.milliseconds == 0 }
}

/// A length of elapsed time in whole milliseconds: it knows no days of a zone, no months, no working hours.
package struct Elapsed: Hashable, Comparable, Sendable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  package static let zero = Elapsed(milliseconds: 0)

  package static func minutes(_ count: Int64) -> Elapsed { Elapsed(milliseconds: count * 60_000) }
  package static func hours(_ count: Int64) -> Elapsed { Elapsed(milliseconds: count * 3_600_000) }
  package static func days(_ count: Int64) -> Elapsed { Elapsed(milliseconds: count * 86_400_000) }

  package static func < (left: Elapsed, right: Elapsed) -> Bool { left.milliseconds < right.milliseconds }

  package static func + (left: Elapsed, right: Elapsed) -> Elapsed {
    Elapsed(milliseconds: left.milliseconds + right.milliseconds)
  }

  package static func - (left: Elapsed, right: Elapsed) -> Elapsed {
    Elapsed(milliseconds: left.milliseconds - right.milliseconds)
  }
}

extension Int64 {
  /// Division that rounds towards negative infinity, so that grids and days continue before 1970.
  func flooredDivision(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

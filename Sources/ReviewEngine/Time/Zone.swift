/// Where the days of a service begin and end. Services have no calendar yet, and one without a calendar counts in UTC.
package struct Zone: Hashable, Sendable {
  package static let utc = Zone()

  /// The day that an instant falls on.
  package func day(of instant: Instant) -> Day {
    Day(number: Int(instant.milliseconds.flooredDivision(by: 86_400_000)))
  }

  /// The first instant of a day.
  package func start(of day: Day) -> Instant { Instant(milliseconds: Int64(day.number) * 86_400_000) }

  /// The first instant after a day.
  package func end(of day: Day) -> Instant { start(of: day + 1) }
}

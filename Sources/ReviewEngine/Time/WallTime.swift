/// A day, and where one is given a time, as a calendar and a clock on some wall show them.
package struct WallTime: Hashable, Sendable {
  package let day: Day
  /// Milliseconds since midnight; nil for a day alone.
  package let clock: Int64?

  package init(day: Day, clock: Int64? = nil) {
    self.day = day
    self.clock = clock
  }

  /// Reads `2026-03-01`, or `2026-03-01T10:00` with seconds or without and with a space for the `T`; nil for a time
  /// with a zone and for anything else.
  package init?(_ text: some StringProtocol) {
    let read = Array(text.utf8).withUnsafeBytes { bytes -> WallTime? in
      var reader = DigitReader(bytes: bytes)
      guard let day = reader.day() else { return nil }
      if reader.isAtEnd { return WallTime(day: day) }
      guard reader.skip(UInt8(ascii: "T")) || reader.skip(UInt8(ascii: " ")) || reader.skip(UInt8(ascii: "t")),
        let clock = reader.clock(), reader.isAtEnd
      else { return nil }
      return WallTime(day: day, clock: clock)
    }
    guard let read else { return nil }
    self = read
  }
}

extension Zone {
  /// The instant of a time on the walls of this zone; the first one of a day.
  package func instant(of wall: WallTime) -> Instant {
    wall.clock.map { instant(on: wall.day, clock: $0) } ?? start(of: wall.day)
  }

  /// Reads a time: RFC 3339, or on the walls of this zone where it says no other.
  package func instant(_ text: String) -> Instant? { WallTime(text).map { instant(of: $0) } ?? Instant(text) }
}

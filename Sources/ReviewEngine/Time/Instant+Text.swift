extension Instant: CustomStringConvertible {
  /// RFC 3339 in UTC, with milliseconds only where there are some: `2026-03-01T10:00:00Z`.
  package var description: String {
    let seconds = milliseconds.flooredDivision(by: 1000)
    let day = Day(number: Int(seconds.flooredDivision(by: 86_400)))
    let second = Int(seconds - Int64(day.number) * 86_400)
    let fraction = Int(milliseconds - seconds * 1000)
    let clock = "\(twoDigits(second / 3600)):\(twoDigits(second / 60 % 60)):\(twoDigits(second % 60))"
    return "\(day)T\(clock)\(fraction == 0 ? "" : "." + threeDigits(fraction))Z"
  }

  /// Reads RFC 3339 (`2026-03-01T10:00:00.250+01:00`, seconds optional, a space for the `T`) or a bare date, which is
  /// its first instant in UTC; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let parsed = text.utf8.withContiguousStorageIfAvailable { Instant(utf8: UnsafeRawBufferPointer($0)) }
    guard let instant = parsed ?? Array(text.utf8).withUnsafeBytes({ Instant(utf8: $0) }) else { return nil }
    self = instant
  }

  /// The same for bytes of UTF-8, without an allocation: imports read millions of these.
  package init?(utf8 bytes: UnsafeRawBufferPointer) {
    var reader = DigitReader(bytes: bytes)
    guard let day = reader.day() else { return nil }
    let midnight = Int64(day.number) * 86_400_000
    if reader.isAtEnd {
      milliseconds = midnight
      return
    }
    guard reader.skip(UInt8(ascii: "T")) || reader.skip(UInt8(ascii: " ")) || reader.skip(UInt8(ascii: "t")),
      let clock = reader.clock(), let offset = reader.zoneOffset(), reader.isAtEnd
    else { return nil }
    milliseconds = midnight + clock - offset
  }
}

func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

private func threeDigits(_ number: Int) -> String { number < 100 ? "0\(twoDigits(number))" : "\(number)" }

/// Reads fixed-width decimal fields of RFC 3339 from bytes.
struct DigitReader {
  let bytes: UnsafeRawBufferPointer
  var position = 0

  var isAtEnd: Bool { position == bytes.count }

  mutating func skip(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  mutating func number(digits: Int) -> Int? {
    guard position + digits <= bytes.count else { return nil }
    var value = 0
    for index in position..<position + digits {
      let digit = Int(bytes[index]) - 48
      guard digit >= 0, digit <= 9 else { return nil }
      value = value * 10 + digit
    }
    position += digits
    return value
  }

  mutating func day() -> Day? {
    guard let year = number(digits: 4), skip(UInt8(ascii: "-")), let month = number(digits: 2), skip(UInt8(ascii: "-")),
      let dayOfMonth = number(digits: 2)
    else { return nil }
    return Day(year: year, month: month, dayOfMonth: dayOfMonth)
  }

  /// Milliseconds since midnight of `HH:MM[:SS[.fraction]]`; digits beyond the third of a fraction are dropped.
  mutating func clock() -> Int64? {
    guard let hour = number(digits: 2), hour < 24, skip(UInt8(ascii: ":")), let minute = number(digits: 2), minute < 60
    else { return nil }
    var milliseconds = Int64(hour * 3600 + minute * 60) * 1000
    guard skip(UInt8(ascii: ":")) else { return milliseconds }
    guard let second = number(digits: 2), second < 60 else { return nil }
    milliseconds += Int64(second) * 1000
    guard skip(UInt8(ascii: ".")) else { return milliseconds }
    guard let fraction = fraction() else { return nil }
    return milliseconds + fraction
  }

  private mutating func fraction() -> Int64? {
    let start = position
    var value: Int64 = 0
    while let digit = number(digits: 1) {
      if position - start <= 3 { value = value * 10 + Int64(digit) }
    }
    guard position > start else { return nil }
    for _ in min(3, position - start)..<3 { value *= 10 }
    return value
  }

  /// Milliseconds east of UTC of `Z` or `±HH:MM`.
  mutating func zoneOffset() -> Int64? {
    if skip(UInt8(ascii: "Z")) || skip(UInt8(ascii: "z")) { return 0 }
    let sign: Int64 = skip(UInt8(ascii: "+")) ? 1 : -1
    guard sign == 1 || skip(UInt8(ascii: "-")) else { return nil }
    guard let hour = number(digits: 2), hour < 24, skip(UInt8(ascii: ":")), let minute = number(digits: 2), minute < 60
    else { return nil }
    return sign * Int64(hour * 60 + minute) * 60_000
  }
}

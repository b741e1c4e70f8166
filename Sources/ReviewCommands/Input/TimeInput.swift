import ArgumentParser
import Foundation
import ReviewEngine

/// Times as people write them: ISO 8601, `2026-03-01`, `2026-03-01 10:00`, `now`, `tomorrow 10:00`, `-2d`, `+3h`.
struct TimeInput: ExpressibleByArgument {
  let instant: Instant

  init?(argument: String) {
    let now = Saying().now
    guard let instant = TimeInput.read(argument, now: now) else { return nil }
    self.instant = instant
  }

  static func read(_ text: String, now: Instant) -> Instant? {
    if let instant = Instant(text) { return instant }
    // A time without a zone is in the service's, which is UTC.
    if text.count >= 16, let instant = Instant(text + "Z") { return instant }
    if text == "now" { return now }
    if let sign = text.first, sign == "-" || sign == "+", let span = SpanInput.read(String(text.dropFirst())) {
      return sign == "-" ? now - span : now + span
    }
    return named(text, now: now)
  }

  private static func named(_ text: String, now: Instant) -> Instant? {
    let words = text.split(separator: " ")
    let days = ["yesterday": -1, "today": 0, "tomorrow": 1]
    guard (1...2).contains(words.count), let offset = days[String(words[0])] else { return nil }
    let day = Zone.utc.day(of: now) + offset
    return words.count == 1 ? Zone.utc.start(of: day) : Instant("\(day)T\(words[1])Z")
  }

  static let help = "2026-03-01, 2026-03-01T10:00:00Z, 'tomorrow 10:00', now or -2d"
}

/// A day: a date, or any time on it.
struct DayInput: ExpressibleByArgument {
  let day: Day

  init?(argument: String) {
    guard let time = TimeInput(argument: argument) else { return nil }
    day = Zone.utc.day(of: time.instant)
  }
}

/// A span such as 90min, 12h, 14d, 2w, 6mo or 1y; a month is 30 days and a year 365.
struct SpanInput: ExpressibleByArgument {
  let elapsed: Elapsed

  init?(argument: String) {
    guard let elapsed = SpanInput.read(argument), elapsed < .days(365 * 1000) else { return nil }
    self.elapsed = elapsed
  }

  static func read(_ text: String) -> Elapsed? {
    let digits = text.prefix { $0.isNumber }
    guard let count = Int64(digits), count < 1_000_000 else { return nil }
    switch text.dropFirst(digits.count) {
    case "min", "m": return .minutes(count)
    case "h": return .hours(count)
    case "d": return .days(count)
    case "w": return .days(count * 7)
    case "mo": return .days(count * 30)
    case "y": return .days(count * 365)
    default: return nil
    }
  }
}

import ArgumentParser
import Foundation
import ReviewEngine

/// Times as people write them: ISO 8601, `2026-03-01`, `2026-03-01 10:00`, `now`, `tomorrow 10:00`, `-2d`, `+3h`. One
/// without a zone is on the wall of the service's zone, which only the verb knows.
struct TimeInput: ExpressibleByArgument {
  private let text: String

  init?(argument: String) {
    guard TimeInput.read(argument, now: Saying().now, in: .utc) != nil else { return nil }
    text = argument
  }

  /// Whether it is the same instant in every zone.
  var isAbsolute: Bool {
    Instant(text) != nil && WallTime(text) == nil || text == "now" || text.hasPrefix("+") || text.hasPrefix("-")
  }

  func instant(in zone: Zone) -> Instant {
    let now = Saying().now
    return TimeInput.read(text, now: now, in: zone) ?? now
  }

  static func read(_ text: String, now: Instant, in zone: Zone) -> Instant? {
    if let instant = zone.instant(text) { return instant }
    if text == "now" { return now }
    if let sign = text.first, sign == "-" || sign == "+", let span = SpanInput.read(String(text.dropFirst())) {
      return sign == "-" ? now - span : now + span
    }
    return named(text, now: now, in: zone)
  }

  private static func named(_ text: String, now: Instant, in zone: Zone) -> Instant? {
    let words = text.split(separator: " ")
    let days = ["yesterday": -1, "today": 0, "tomorrow": 1]
    guard (1...2).contains(words.count), let offset = days[String(words[0])] else { return nil }
    let day = zone.day(of: now) + offset
    return words.count == 1 ? zone.start(of: day) : WallTime("\(day)T\(words[1])").map { zone.instant(of: $0) }
  }

  static let help = "2026-03-01, 2026-03-01T10:00:00Z, 'tomorrow 10:00', now or -2d"
}

/// A day: a date, or any time on it, in the service's zone.
struct DayInput: ExpressibleByArgument {
  private let time: TimeInput

  init?(argument: String) {
    guard let time = TimeInput(argument: argument) else { return nil }
    self.time = time
  }

  func day(in zone: Zone) -> Day { zone.day(of: time.instant(in: zone)) }
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

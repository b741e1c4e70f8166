/// Why a text is no amount of the kind asked for; the message names what would be.
package struct AmountError: Error, Equatable {
  package let message: String

  package init(message: String) { self.message = message }
}

extension DayAmount {
  /// Reads `2 weeks`, `1 month`, `1 quarter`, `1 year`, `5 working days`.
  package init(_ text: String) throws(AmountError) {
    let (count, unit) = try splitAmount(text)
    switch unit {
    case "day": self = .days(count)
    case "week": self = .weeks(count)
    case "month": self = .months(count)
    case "quarter": self = .months(count * 3)
    case "year": self = .months(count * 12)
    case "working day": self = .workingDays(count)
    case "minute", "hour", "working hour":
      throw AmountError(
        message: "'\(text)' is not a number of whole days: write days, weeks, months, quarters, years or working days")
    default: throw AmountError(message: unknownUnit(unit, in: text, known: dayUnits))
    }
  }
}

extension WorkingAmount {
  /// Reads `5 working days`, `8 working hours`.
  package init(_ text: String) throws(AmountError) {
    let (count, unit) = try splitAmount(text)
    switch unit {
    case "working day": self = .days(count)
    case "working hour": self = .hours(count)
    default: throw AmountError(message: "'\(text)' is not working time: write working hours or working days")
    }
  }
}

extension Elapsed {
  /// Reads `90 minutes`, `12 hours`, `30 days`, `2 weeks`.
  package init(_ text: String) throws(AmountError) {
    let (count, unit) = try splitAmount(text)
    guard let length = elapsedUnits[unit] else {
      if dayUnits.contains(unit) || unit == "working hour" {
        throw AmountError(message: "'\(text)' is not elapsed time: write minutes, hours, days or weeks")
      }
      throw AmountError(message: unknownUnit(unit, in: text, known: Array(elapsedUnits.keys)))
    }
    self.init(milliseconds: Int64(count) * length)
  }
}

private let elapsedUnits: [String: Int64] = [
  "minute": 60_000, "hour": 3_600_000, "day": 86_400_000, "week": 604_800_000,
]
private let dayUnits = ["day", "week", "month", "quarter", "year", "working day"]

/// More than a century is a slip of the finger, and days beyond the year 9999 have no date.
private let largestCounts = [
  "minute": 52_596_000, "hour": 876_600, "working hour": 876_600, "day": 36_525, "working day": 36_525, "week": 5_218,
  "month": 1_200,
  "quarter": 400, "year": 100,
]

private func splitAmount(_ text: String) throws(AmountError) -> (count: Int, unit: String) {
  let words = text.split(separator: " ", omittingEmptySubsequences: true)
  guard words.count >= 2, words.count <= 3, let count = Int(words[0]), words[0].allSatisfy(\.isNumber) else {
    let meant = writtenTogether(text).map { "write '\($0)'" } ?? "write a number and a unit, such as '2 weeks'"
    throw AmountError(message: "'\(text)' is not an amount: \(meant)")
  }
  guard count > 0 else { throw AmountError(message: "'\(text)' is no time at all: write at least 1") }
  let unit = words[1...].joined(separator: " ")
  let singular = unit.hasSuffix("s") ? String(unit.dropLast()) : unit
  guard count <= largestCounts[singular] ?? 100 else { throw AmountError(message: "'\(text)' is more than a century") }
  return (count, singular)
}

/// What was meant by `7d` or `90min`; nil for anything else.
private func writtenTogether(_ text: String) -> String? {
  let digits = text.prefix { $0.isASCII && $0.isNumber }
  guard !digits.isEmpty, let count = Int(digits) else { return nil }
  let written = text.dropFirst(digits.count).trimmingPrefix(" ")
  let singular = written.hasSuffix("s") ? String(written.dropLast()) : String(written)
  let unit = foreignUnits[singular.lowercased()] ?? (foreignUnits.values.contains(singular) ? singular : nil)
  return unit.map { counted(count, $0) }
}

/// Units by the names that others give them.
private let foreignUnits = [
  "m": "minute", "min": "minute", "h": "hour", "hr": "hour", "d": "day", "w": "week", "wk": "week", "mo": "month",
  "mon": "month", "q": "quarter", "y": "year", "yr": "year", "fortnight": "week", "wd": "working day",
  "bd": "working day", "business day": "working day", "work day": "working day", "workday": "working day",
  "weekday": "working day", "business hour": "working hour", "office hour": "working hour",
]

private func unknownUnit(_ unit: String, in text: String, known: [String]) -> String {
  let foreign = foreignUnits[unit].flatMap { known.contains($0) ? $0 : nil }
  let meant = (foreign ?? nearest(to: unit, in: known)).map { ": did you mean '\($0)s'?" } ?? ""
  return "'\(text)' has an unknown unit '\(unit)'\(meant)"
}

/// A civil day of the proleptic Gregorian calendar, counted from 1970-01-01; it belongs to no zone until a `Zone` is
/// asked.
package struct Day: Hashable, Comparable, Sendable {
  package var number: Int

  package init(number: Int) { self.number = number }

  /// Nil where the month has no such day.
  package init?(year: Int, month: Int, dayOfMonth: Int) {
    guard (1...12).contains(month), dayOfMonth >= 1, dayOfMonth <= Day.length(ofMonth: month, year: year) else {
      return nil
    }
    number = Day.number(year: year, month: month, dayOfMonth: dayOfMonth)
  }

  /// Reads `2026-03-01`; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let day = Array(text.utf8).withUnsafeBytes { bytes -> Day? in
      var reader = DigitReader(bytes: bytes)
      guard let day = reader.day(), reader.isAtEnd else { return nil }
      return day
    }
    guard let day else { return nil }
    self = day
  }

  package static func < (left: Day, right: Day) -> Bool { left.number < right.number }

  package static func + (day: Day, count: Int) -> Day { Day(number: day.number + count) }

  package static func - (later: Day, earlier: Day) -> Int { later.number - earlier.number }

  /// Year, month 1–12, day of the month 1–31.
  package var civil: (year: Int, month: Int, dayOfMonth: Int) {
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    let shifted = number + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  /// 0 is Monday.
  package var weekday: Int { ((number + 3) % 7 + 7) % 7 }

  /// The same day of the month `count` months later, or the last day of a month that is too short for it.
  package func adding(months count: Int) -> Day {
    let (year, month, dayOfMonth) = civil
    let total = year * 12 + month - 1 + count
    let newYear = Int(Int64(total).flooredDivision(by: 12))
    let newMonth = total - newYear * 12 + 1
    let clamped = min(dayOfMonth, Day.length(ofMonth: newMonth, year: newYear))
    return Day(number: Day.number(year: newYear, month: newMonth, dayOfMonth: clamped))
  }

  static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  // The same source, days_from_civil.
  static func number(year: Int, month: Int, dayOfMonth: Int) -> Int {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + dayOfMonth - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

extension Day: CustomStringConvertible {
  /// ISO 8601: `2026-03-01`.
  package var description: String {
    let (year, month, dayOfMonth) = civil
    guard (0...9999).contains(year) else { return "\(year)-\(twoDigits(month))-\(twoDigits(dayOfMonth))" }
    // A review has half a dozen of them, each written several times.
    return String(unsafeUninitializedCapacity: 10) { text in
      var rest = (year * 100 + month) * 100 + dayOfMonth
      for place in [9, 8, 6, 5, 3, 2, 1, 0] {
        text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      }
      (text[4], text[7]) = (UInt8(ascii: "-"), UInt8(ascii: "-"))
      return 10
    }
  }
}

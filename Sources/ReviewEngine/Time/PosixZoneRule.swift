/// The rule for the changes of the clocks in all years to come: the `TZ` string of POSIX with the extensions of RFC
/// 8536, section 3.3.1, such as `CET-1CEST,M3.5.0,M10.5.0/3`.
struct PosixZoneRule {
  /// A day of any year, and the time on the wall at which the clocks change.
  struct Change {
    enum Date {
      /// `Jn`, 1…365: 29 February is never counted.
      case dayWithoutLeap(Int)
      /// `n`, 0…365
      case dayOfYear(Int)
      /// `Mm.w.d`: the w-th weekday (0 is Sunday) of a month, 5 the last.
      case weekday(month: Int, week: Int, weekday: Int)
    }

    let date: Date
    let clock: Int64

    func day(in year: Int) -> Day {
      let newYear = Day(number: Day.number(year: year, month: 1, dayOfMonth: 1))
      switch date {
      case .dayOfYear(let number): return newYear + number
      case .dayWithoutLeap(let number): return newYear + (number - 1 + (number > 59 && Day.isLeap(year) ? 1 : 0))
      case .weekday(let month, let week, let weekday):
        let first = Day(number: Day.number(year: year, month: month, dayOfMonth: 1))
        let found = first + ((weekday + 6) % 7 - first.weekday + 7) % 7 + (week - 1) * 7
        return found.civil.month == month ? found : found + -7
      }
    }
  }

  let standardOffset: Int64
  private var summer: (offset: Int64, begins: Change, ends: Change)?

  static let lastYear = 2400

  init(_ text: String) throws(ZoneError) {
    var reader = PosixReader(text: Array(text.utf8))
    guard reader.name(), let standard = reader.signedTime() else {
      throw ZoneError(description: "the rule '\(text)' is damaged")
    }
    standardOffset = -standard
    guard !reader.isAtEnd else { return }
    guard reader.name() else { throw ZoneError(description: "the rule '\(text)' is damaged") }
    let offset = reader.peek == UInt8(ascii: ",") ? standardOffset + 3_600_000 : reader.signedTime().map { -$0 }
    guard let offset, let begins = reader.change(), let ends = reader.change(), reader.isAtEnd else {
      throw ZoneError(description: "the rule '\(text)' is damaged")
    }
    summer = (offset, begins, ends)
  }

  /// The changes after an instant at which the offset was `offset`.
  func transitions(after instant: Instant, from offset: Int64) -> [Zone.Transition] {
    guard let summer else {
      return offset == standardOffset
        ? []
        : [
          Zone.Transition(
            instant: instant + Elapsed(milliseconds: 1), offsetBefore: offset, offsetAfter: standardOffset)
        ]
    }
    let firstYear = max(1900, Zone.utc.day(of: instant).civil.year)
    var transitions: [Zone.Transition] = []
    var before = offset
    for year in firstYear...max(firstYear, Self.lastYear) {
      let changes = [
        (at(summer.begins, year, offset: standardOffset), summer.offset),
        (at(summer.ends, year, offset: summer.offset), standardOffset),
      ].sorted { $0.0 < $1.0 }
      for (time, after) in changes where time > instant {
        if after != before {
          transitions.append(Zone.Transition(instant: time, offsetBefore: before, offsetAfter: after))
        }
        before = after
      }
    }
    return transitions
  }

  private func at(_ change: Change, _ year: Int, offset: Int64) -> Instant {
    Instant(milliseconds: Int64(change.day(in: year).number) * millisecondsPerDay + change.clock - offset)
  }
}

private struct PosixReader {
  let text: [UInt8]
  var position = 0

  init(text: [UInt8]) { self.text = text }

  var isAtEnd: Bool { position == text.count }
  var peek: UInt8? { position < text.count ? text[position] : nil }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// An abbreviation, which says nothing here: three letters and more, or anything in `<>`.
  mutating func name() -> Bool {
    let start = position
    if skip("<") {
      while let next = peek, next != UInt8(ascii: ">") { position += 1 }
      return skip(">")
    }
    while let next = peek, next >= 65, next <= 90 || next >= 97, next <= 122 { position += 1 }
    return position - start >= 3
  }

  mutating func number() -> Int? {
    var value: Int?
    while let next = peek, next >= 48, next <= 57, value ?? 0 < 10_000 {
      value = (value ?? 0) * 10 + Int(next) - 48
      position += 1
    }
    return value
  }

  /// Milliseconds of `[+-]hh[:mm[:ss]]`, where hours may be −167…167.
  mutating func signedTime() -> Int64? {
    let isNegative = skip("-")
    if !isNegative { _ = skip("+") }
    guard let hours = number() else { return nil }
    let minutes = skip(":") ? number() ?? 0 : 0
    let seconds = skip(":") ? number() ?? 0 : 0
    let milliseconds = Int64(hours * 3600 + minutes * 60 + seconds) * 1000
    return isNegative ? -milliseconds : milliseconds
  }

  mutating func change() -> PosixZoneRule.Change? {
    guard skip(","), let date = date() else { return nil }
    guard skip("/") else { return PosixZoneRule.Change(date: date, clock: 2 * 3_600_000) }
    return signedTime().map { PosixZoneRule.Change(date: date, clock: $0) }
  }

  private mutating func date() -> PosixZoneRule.Change.Date? {
    if skip("J") { return number().map { .dayWithoutLeap($0) } }
    guard skip("M") else { return number().map { .dayOfYear($0) } }
    guard let month = number(), skip("."), let week = number(), skip("."), let weekday = number(),
      (1...12).contains(month),
      (1...5).contains(week), (0...6).contains(weekday)
    else { return nil }
    return .weekday(month: month, week: week, weekday: weekday)
  }
}

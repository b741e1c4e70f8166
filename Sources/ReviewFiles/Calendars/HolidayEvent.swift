import ReviewEngine

/// One `VEVENT` of a file of holidays, property by property.
struct HolidayEvent {
  let line: Int
  private(set) var hasStart = false
  private(set) var start: Day?
  private var end: Day?
  private var lengthDays: Int?
  private(set) var rule: String?
  private(set) var added: [Day] = []
  private(set) var excluded: Set<Day> = []
  private(set) var isCancelled = false

  init(line: Int) { self.line = line }

  mutating func read(_ name: String, _ value: String, _ line: Int, _ document: YamlDocument) {
    switch name {
    case "DTSTART":
      hasStart = true
      start = day(value, name, line, document)
    case "DTEND": end = lastDay(value, line, document)
    case "DURATION": lengthDays = duration(value, line, document)
    case "RRULE": rule = value
    case "RDATE": added += value.split(separator: ",").compactMap { day($0, name, line, document) }
    case "EXDATE": excluded.formUnion(value.split(separator: ",").compactMap { day($0, name, line, document) })
    case "STATUS": isCancelled = value.uppercased() == "CANCELLED"
    default: break
    }
  }

  /// How many days it touches: one at least. Both days are of the years 0 to 9999.
  func length(from start: Day) -> Int { max(1, lengthDays ?? end.map { $0 - start + 1 } ?? 1) }

  private func day(_ value: some StringProtocol, _ name: String, _ line: Int, _ document: YamlDocument) -> Day? {
    let digits = value.utf8.prefix(8)
    let isNumber = digits.count == 8 && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    // Eight digits: any number has room in an `Int`.
    let number = isNumber ? digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } : 0
    if isNumber, let day = Day(year: number / 10000, month: number / 100 % 100, dayOfMonth: number % 100) { return day }
    document.report(line: line, column: 1, "\(name) must be a date such as 20261225, not '\(value)'")
    return nil
  }

  /// An end at midnight, or without a time, does not touch the day that it names.
  private func lastDay(_ value: String, _ line: Int, _ document: YamlDocument) -> Day? {
    guard let day = day(value, "DTEND", line, document) else { return nil }
    let time = value.dropFirst(9).prefix(6)
    return time.isEmpty || time.allSatisfy { $0 == "0" } ? day + -1 : day
  }

  private func duration(_ value: String, _ line: Int, _ document: YamlDocument) -> Int? {
    // By hand: a regular expression is compiled anew for each line of each file.
    let digits = value.dropFirst().dropLast()
    let isCount =
      (1...4).contains(digits.utf8.count)
      && digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    if value.hasPrefix("P"), isCount, let count = Int(digits), let unit = ["D": 1, "W": 7][value.suffix(1)] {
      return count * unit
    }
    if value.hasPrefix("PT"), value.utf8.count > 2, value.dropFirst(2).allSatisfy({ "0123456789HMS".contains($0) }) {
      return 1
    }
    document.report(line: line, column: 1, "DURATION must be days or weeks such as P1D, not '\(value)'")
    return nil
  }
}

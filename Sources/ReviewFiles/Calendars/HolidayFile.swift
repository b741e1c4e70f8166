import ReviewEngine

/// The days of an iCalendar file (RFC 5545): each event is a holiday, on all days that it touches.
///
/// Read are `DTSTART`, `DTEND` (the first day after), `DURATION` in days or weeks, `RRULE`, `RDATE` and `EXDATE`; an event that is
/// cancelled is none. A time of day is cut off: a holiday is a day.
struct HolidayFile {
  let document: YamlDocument
  private static let largestDayCount = 100_000

  init(_ file: SourceFile) { document = YamlDocument(path: file.path, plainText: file.text) }

  private struct Event {
    var line = 0
    var hasStart = false
    var start: Day?
    var end: Day?
    var lengthDays: Int?
    var rule: String?
    var added: [Day] = []
    var excluded: Set<Day> = []
    var isCancelled = false
  }

  func days() -> Set<Day> {
    var days = Set<Day>()
    var event: Event?
    var isCalendar = false
    for (number, line) in unfolded() {
      let (name, value) = property(line)
      switch (name, value.uppercased()) {
      case ("BEGIN", "VCALENDAR"): isCalendar = true
      case ("BEGIN", "VEVENT"): event = Event(line: number)
      case ("END", "VEVENT"):
        if let event { days.formUnion(self.days(of: event)) }
        event = nil
      default: if event != nil { read(name, value, number, into: &event!) }
      }
    }
    if !isCalendar { document.report(line: 1, column: 1, "this is no iCalendar file: BEGIN:VCALENDAR is missing") }
    if let event { document.report(line: event.line, column: 1, "the event that begins here has no END:VEVENT") }
    return days
  }

  /// Lines with those that go on with a space joined to the one before (RFC 5545, section 3.1).
  private func unfolded() -> [(number: Int, text: String)] {
    var lines: [(number: Int, text: String)] = []
    for (index, line) in document.lines.enumerated() {
      if let first = line.first, first == " " || first == "\t", !lines.isEmpty {
        lines[lines.count - 1].text += line.dropFirst()
      } else {
        lines.append((index + 1, String(line)))
      }
    }
    return lines
  }

  /// The name without parameters, and the value. No parameter that days need holds a colon.
  private func property(_ line: String) -> (name: String, value: String) {
    guard let colon = line.firstIndex(of: ":") else { return ("", "") }
    let name = line[..<colon].split(separator: ";").first ?? ""
    return (name.uppercased(), String(line[line.index(after: colon)...]))
  }

  private func read(_ name: String, _ value: String, _ line: Int, into event: inout Event) {
    switch name {
    case "DTSTART":
      event.hasStart = true
      event.start = day(value, name, line)
    case "DTEND": event.end = lastDay(value, line)
    case "DURATION": event.lengthDays = length(value, line)
    case "RRULE": event.rule = value
    case "RDATE": event.added += value.split(separator: ",").compactMap { day(String($0), name, line) }
    case "EXDATE": event.excluded.formUnion(value.split(separator: ",").compactMap { day(String($0), name, line) })
    case "STATUS": event.isCancelled = value.uppercased() == "CANCELLED"
    default: break
    }
  }

  private func day(_ value: String, _ name: String, _ line: Int) -> Day? {
    let digits = value.prefix(8)
    if digits.count == 8, let number = Int(digits), let day = Day(year: number / 10000, month: number / 100 % 100, dayOfMonth: number % 100)
    {
      return day
    }
    document.report(line: line, column: 1, "\(name) must be a date such as 20261225, not '\(value)'")
    return nil
  }

  /// An end at midnight, or without a time, does not touch the day that it names.
  private func lastDay(_ value: String, _ line: Int) -> Day? {
    guard let day = day(value, "DTEND", line) else { return nil }
    let time = value.dropFirst(9).prefix(6)
    return time.isEmpty || time.allSatisfy { $0 == "0" } ? day + -1 : day
  }

  private func length(_ value: String, _ line: Int) -> Int? {
    if let match = value.wholeMatch(of: /P([0-9]{1,4})([DW])/), let count = Int(match.1) { return count * (match.2 == "W" ? 7 : 1) }
    if value.wholeMatch(of: /PT[0-9HMS]+/) != nil { return 1 }
    document.report(line: line, column: 1, "DURATION must be days or weeks such as P1D, not '\(value)'")
    return nil
  }

  private func days(of event: Event) -> Set<Day> {
    guard !event.isCancelled else { return [] }
    guard let start = event.start else {
      if !event.hasStart { document.report(line: event.line, column: 1, "the event that begins here has no DTSTART") }
      return []
    }
    let length = max(1, event.lengthDays ?? event.end.map { $0 - start + 1 } ?? 1)
    var days = Set<Day>()
    for first in starts(of: event, start) + event.added where !event.excluded.contains(first) {
      for offset in 0..<length { days.insert(first + offset) }
      if days.count > Self.largestDayCount {
        document.report(line: event.line, column: 1, "the event that begins here has more than \(Self.largestDayCount) days")
        return []
      }
    }
    return days
  }

  private func starts(of event: Event, _ start: Day) -> [Day] {
    guard let rule = event.rule else { return [start] }
    do {
      let recurrence = try Recurrence(rule, start: Recurrence.Moment(day: start, minute: 0))
      return recurrence.occurrences(in: .utc).map(\.day)
    } catch {
      document.report(line: event.line, column: 1, "the RRULE of the event that begins here: \(error.message)")
      return []
    }
  }
}

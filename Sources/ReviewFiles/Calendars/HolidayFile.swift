import ReviewEngine

/// The days of an iCalendar file (RFC 5545): each event is a holiday, on all days that it touches from 1970 to 2200.
///
/// Read are `DTSTART`, `DTEND` (the first day after), `DURATION` in days or weeks, `RRULE`, `RDATE` and `EXDATE`; an
/// event that is cancelled is none. A time of day is cut off: a holiday is a day.
struct HolidayFile {
  let document: YamlDocument

  static let largestEventCount = 10_000
  /// Of all events together, where each day counts as often as an event names it.
  static let largestDayCount = 1_000_000
  /// Days that the recurrence rules of a file may look at.
  static let largestExaminedDayCount = 5_000_000
  private static let years = Day(number: 0)...Day(number: Day.number(ofLastDayIn: Recurrence.lastYear))

  init(_ file: SourceFile) { document = YamlDocument(file) }

  /// What was read so far.
  private struct Reading {
    var days = Set<Day>()
    var event: HolidayEvent?
    var isCalendar = false
    var eventCount = 0
    var dayCount = 0
    var examinedDayCount = 0
    /// Set where a limit is reached: what comes after it is not read.
    var isOver = false
  }

  func days() -> Set<Day> {
    guard document.errorCount == 0 else { return [] }
    var reading = Reading()
    var line = (number: 1, text: "")
    for number in 1...document.lines.count where !reading.isOver {
      let bytes = document.lines.line(number)
      // A line that begins with a space goes on with the one before (RFC 5545, section 3.1).
      if let first = bytes.first, first == 0x20 || first == 0x09, !line.text.isEmpty {
        line.text += String(decoding: bytes.dropFirst(), as: UTF8.self)
      } else {
        read(line.text, line.number, into: &reading)
        line = (number, String(decoding: bytes, as: UTF8.self))
      }
    }
    if !reading.isOver { read(line.text, line.number, into: &reading) }
    if !reading.isCalendar {
      document.report(line: 1, column: 1, "this is no iCalendar file: BEGIN:VCALENDAR is missing")
    }
    if let event = reading.event, !reading.isOver {
      document.report(line: event.line, column: 1, "the event that begins here has no END:VEVENT")
    }
    return reading.days
  }

  private func read(_ text: String, _ line: Int, into reading: inout Reading) {
    let (name, value) = property(text)
    switch (name, value.uppercased()) {
    case ("BEGIN", "VCALENDAR"): reading.isCalendar = true
    case ("BEGIN", "VEVENT"): reading.event = HolidayEvent(line: line)
    case ("END", "VEVENT"):
      if let event = reading.event { add(event, to: &reading) }
      reading.event = nil
    default: reading.event?.read(name, value, line, document)
    }
  }

  /// The name without parameters, and the value. No parameter that days need holds a colon.
  private func property(_ line: String) -> (name: String, value: String) {
    guard let colon = line.firstIndex(of: ":") else { return ("", "") }
    let name = line[..<colon].split(separator: ";", maxSplits: 1).first ?? ""
    return (name.uppercased(), String(line[line.index(after: colon)...]))
  }

  // MARK: Days

  private func add(_ event: HolidayEvent, to reading: inout Reading) {
    reading.eventCount += 1
    guard reading.eventCount <= Self.largestEventCount else {
      return stop("a file of holidays has at most \(Self.largestEventCount) events", event, &reading)
    }
    guard !event.isCancelled else { return }
    guard let start = event.start else {
      if !event.hasStart { document.report(line: event.line, column: 1, "the event that begins here has no DTSTART") }
      return
    }
    let length = event.length(from: start)
    for first in starts(of: event, start, length, &reading) + event.added where !event.excluded.contains(first) {
      // The length is that of a few thousand years at most, which a day can be moved by.
      let (from, through) = (max(first, Self.years.lowerBound), min(first + (length - 1), Self.years.upperBound))
      guard from <= through else { continue }
      reading.dayCount += through - from + 1
      guard reading.dayCount <= Self.largestDayCount else {
        return stop("the events up to this one have more than \(Self.largestDayCount) days", event, &reading)
      }
      for offset in 0...(through - from) { reading.days.insert(from + offset) }
    }
  }

  private func stop(_ message: String, _ event: HolidayEvent, _ reading: inout Reading) {
    document.report(line: event.line, column: 1, message)
    reading.isOver = true
  }

  /// The first days of an event that touches the years that count.
  private func starts(of event: HolidayEvent, _ start: Day, _ length: Int, _ reading: inout Reading) -> [Day] {
    guard let rule = event.rule else { return [start] }
    do {
      let recurrence = try Recurrence(rule, start: Recurrence.Moment(day: start, minute: 0))
      var occurrences = recurrence.occurrences(in: .utc, from: Self.years.lowerBound + (1 - length))
      var days: [Day] = []
      while let moment = occurrences.next() {
        days.append(moment.day)
        if reading.examinedDayCount + occurrences.examinedDayCount > Self.largestExaminedDayCount { break }
      }
      reading.examinedDayCount += occurrences.examinedDayCount
      guard reading.examinedDayCount <= Self.largestExaminedDayCount else {
        stop(
          "the recurring events up to this one look at more than \(Self.largestExaminedDayCount) days", event, &reading)
        return []
      }
      return days
    } catch {
      document.report(line: event.line, column: 1, "the RRULE of the event that begins here: \(error.message)")
      return []
    }
  }
}

extension Day {
  fileprivate static func number(ofLastDayIn year: Int) -> Int {
    Day(year: year, month: 12, dayOfMonth: 31)?.number ?? 0
  }
}

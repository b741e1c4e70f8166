import ReviewEngine

/// Reads the `calendars` of a file in calendars.d.
struct CalendarReader {
  let document: YamlDocument
  let declarations: Declarations

  private static let weekdays = CalendarNames.shortWeekdays.map { $0.lowercased() }

  func calendar(_ node: Node) {
    guard let fields = Fields(node, document, "a calendar") else { return }
    let idNode = fields.required("id")
    let id = document.identifier(idNode, "a calendar's id")
    let zone = zone(fields.required("zone"))
    let hours = hours(fields.optional("hours"))
    let holidays = holidays(fields.optional("holidays"))
    fields.finish()
    guard let id, declarations.claim(id, "calendar", at: idNode, in: document) else { return }
    declarations.calendars.append(
      WorkingCalendar(
        id: id, zone: zone ?? .utc, hours: hours, holidays: holidays.days, yearlyHolidays: holidays.yearly))
  }

  private func zone(_ node: Node?) -> Zone? {
    guard let name = document.text(node, "'zone'") else { return nil }
    if let known = declarations.zones[name] { return known }
    do {
      let zone = try ZoneDirectory.system.zone(name, document.suggestions)
      declarations.zones[name] = zone
      return zone
    } catch {
      document.report(at: node, error.description)
      return nil
    }
  }

  // MARK: Hours

  private func hours(_ node: Node?) -> [[WorkingCalendar.Span]]? {
    guard let pairs = document.mapping(node, "'hours'", example: "{mon-fri: [\"09:00-17:00\"]}") else { return nil }
    var hours: [[WorkingCalendar.Span]] = Array(repeating: [], count: 7)
    var given = Set<Int>()
    // What is wrong with one of them is told, and not that nobody works then.
    var isBroken = false
    for (name, keyNode, value) in pairs {
      let (spans, days) = (spans(value), weekdays(name, keyNode))
      if days.isEmpty || spans.isEmpty && !value.isEmptyList { isBroken = true }
      for weekday in days {
        if !given.insert(weekday).inserted { document.report(at: keyNode, "\(Self.weekdays[weekday]) is given twice") }
        hours[weekday] = spans
      }
    }
    if hours.allSatisfy(\.isEmpty), !isBroken {
      document.report(at: node, "'hours' leaves no day of the week on which anybody works")
    }
    return hours
  }

  /// `fri`, or `mon-thu`, which may go round the end of the week.
  private func weekdays(_ name: String, _ node: Node) -> [Int] {
    let ends = name.split(separator: "-", omittingEmptySubsequences: false).map {
      Self.weekdays.firstIndex(of: String($0))
    }
    guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil else {
      document.report(
        at: node,
        "'\(name)' is no day of the week, such as fri, and no stretch of them, such as mon-thu"
          + document.suggestions.meant(name, among: Self.weekdays))
      return []
    }
    return (0...(last - first + 7) % 7).map { (first + $0) % 7 }
  }

  private func spans(_ node: Node) -> [WorkingCalendar.Span] {
    let spans = (document.oneOrMore(node) ?? []).compactMap { node in span(node).map { (node, $0) } }
    for ((_, earlier), (node, later)) in zip(spans, spans.dropFirst()) where later.startMinute < earlier.endMinute {
      document.report(at: node, "working hours must follow one another: this begins before the ones before it end")
    }
    return spans.map(\.1)
  }

  private func span(_ node: Node) -> WorkingCalendar.Span? {
    guard let text = document.text(node, "working hours") else { return nil }
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(minute)
    guard ends.count == 2, let start = ends[0], let end = ends[1] else {
      document.report(at: node, "working hours must be such as \"09:00-17:30\", not '\(text)'")
      return nil
    }
    guard start < end else {
      document.report(at: node, "working hours must end after they begin, on the same day: '\(text)'")
      return nil
    }
    return WorkingCalendar.Span(startMinute: start, endMinute: end)
  }

  /// Minutes since midnight of `09:00`; 24:00 is the end of the day.
  private func minute(_ text: Substring) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy { ("0"..."9").contains($0) } }),
      let hour = Int(parts[0]),
      let minute = Int(parts[1]), minute < 60, hour < 24 || hour == 24 && minute == 0
    else { return nil }
    return hour * 60 + minute
  }

  // MARK: Holidays

  private func holidays(_ node: Node?) -> (days: Set<Day>, yearly: Set<WorkingCalendar.YearlyDay>) {
    guard let node, let fields = Fields(node, document, "'holidays'", example: "{dates: [2026-12-25]}") else {
      return ([], [])
    }
    var days = Set(
      (document.list(fields.optional("dates"), "'dates'") ?? []).compactMap { document.day($0, "a holiday") })
    let yearly = (document.list(fields.optional("yearly"), "'yearly'") ?? []).compactMap(yearlyDay)
    for node in document.list(fields.optional("ics"), "'ics'") ?? [] {
      guard let name = document.text(node, "the name of a file") else { continue }
      guard let imported = declarations.holidayFiles[name] else {
        let near = document.suggestions.meant(name, among: declarations.holidayFiles.keys.sorted())
        document.report(at: node, "there is no file '\(name)' beside this one in calendars.d\(near)")
        continue
      }
      guard declarations.claimHolidays(imported.count) else {
        document.report(at: node, "all calendars together have at most \(Declarations.largestHolidayCount) holidays")
        break
      }
      days.formUnion(imported)
    }
    fields.finish()
    return (days, Set(yearly))
  }

  private func yearlyDay(_ node: Node) -> WorkingCalendar.YearlyDay? {
    guard let text = document.text(node, "a yearly holiday") else { return nil }
    // 2000 was a leap year, so that 29 February is a day.
    guard text.count == 5, let day = Day("2000-\(text)") else {
      document.report(at: node, "a yearly holiday must be a month and a day such as \"12-25\", not '\(text)'")
      return nil
    }
    return WorkingCalendar.YearlyDay(month: day.civil.month, dayOfMonth: day.civil.dayOfMonth)
  }
}

import ReviewEngine

extension Recurrence {
  /// `every month on the first Tuesday at 10:00, from 2026-01-01`.
  package var sentence: String {
    let unit = [Frequency.yearly: "year", .monthly: "month", .weekly: "week", .daily: "day"][frequency] ?? ""
    var parts = [interval == 1 ? "every \(unit)" : "every \(interval) \(unit)s"]
    if !months.isEmpty { parts.append("in \(list(months.map { CalendarNames.months[$0 - 1] }))") }
    if !monthDays.isEmpty { parts.append("on the \(list(monthDays.map(Self.dayOfMonth))) of the month") }
    if !weekdays.isEmpty { parts.append("on \(list(weekdays.map(Self.words)))") }
    if !positions.isEmpty { parts.append("of these the \(list(positions.map(Self.ordinal)))") }
    if !hours.isEmpty || !minutes.isEmpty { parts.append("at \(list(times))") }
    return parts.joined(separator: " ") + ", from \(start.day)" + end
  }

  private var end: String {
    if let count { return ", \(count) times" }
    switch until {
    case nil: return ""
    case .moment(let moment): return ", until \(moment.day)"
    case .instant(let instant): return ", until \(instant)"
    }
  }

  private var times: [String] {
    (hours.isEmpty ? [start.minute / 60] : hours).flatMap { hour in
      (minutes.isEmpty ? [start.minute % 60] : minutes).map {
        "\(hour < 10 ? "0" : "")\(hour):\($0 < 10 ? "0" : "")\($0)"
      }
    }
  }

  private static func words(_ rule: WeekdayRule) -> String {
    guard let ordinal = rule.ordinal else { return CalendarNames.weekdays[rule.weekday] }
    return "the \(self.ordinal(ordinal)) \(CalendarNames.weekdays[rule.weekday])"
  }

  private static func dayOfMonth(_ number: Int) -> String { number > 0 ? suffixed(number) : "\(ordinal(number)) day" }

  private static func ordinal(_ number: Int) -> String {
    let names = ["first", "second", "third", "fourth", "fifth"]
    if number == -1 { return "last" }
    if number < 0 { return "\(ordinal(-number)) to last" }
    return number <= names.count ? names[number - 1] : suffixed(number)
  }

  private static func suffixed(_ number: Int) -> String {
    let isTeen = (11...13).contains(number % 100)
    let ending = isTeen ? "th" : [1: "st", 2: "nd", 3: "rd"][number % 10] ?? "th"
    return "\(number)\(ending)"
  }

  private func list(_ words: [String]) -> String {
    words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " and " + words[words.count - 1]
  }
}

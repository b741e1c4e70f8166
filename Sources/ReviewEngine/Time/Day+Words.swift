extension Day {
  /// `15 Jan`, with the year where it is not that of `other`: `15 Jan 2025`.
  package func short(besides other: Day) -> String {
    let (year, month, dayOfMonth) = civil
    return "\(dayOfMonth) \(CalendarNames.shortMonths[month - 1])" + (year == other.civil.year ? "" : " \(year)")
  }
}

extension Instant {
  /// As a clock in a zone shows it: `2026-11-22 10:00 Europe/Madrid`.
  package func words(in zone: Zone) -> String {
    let minute = Int(zone.clock(at: self) / 60_000)
    return "\(zone.day(of: self)) \(twoDigits(minute / 60)):\(twoDigits(minute % 60)) \(zone.id)"
  }
}

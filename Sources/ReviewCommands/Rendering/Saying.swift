import Foundation
import ReviewEngine

/// Times as a person says them.
struct Saying {
  let now: Instant
  private let zone: Zone

  init(now: Instant = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)), zone: Zone = .utc) {
    self.now = now
    self.zone = zone
  }

  /// The same in the zone of a service.
  func inZone(_ name: String) -> Saying {
    name == zone.id ? self : Saying(now: now, zone: ReviewCommands.zone(named: name))
  }

  var today: Day { zone.day(of: now) }

  /// `in 3 days, Tue 24 Nov`
  func due(_ text: String) -> String {
    guard let day = Day(text) else { return text }
    return "\(distance(day)), \(date(day))"
  }

  private func distance(_ day: Day) -> String {
    switch day - today {
    case 0: "today"
    case 1: "tomorrow"
    case -1: "yesterday"
    case let days where days > 0: "in \(counted(days, "day"))"
    case let days: "\(counted(-days, "day")) ago"
    }
  }

  /// `Tue 24 Nov`, with the year where it is not this one.
  func date(_ day: Day) -> String {
    let (year, month, dayOfMonth) = day.civil
    let suffix = year == today.civil.year ? "" : " \(year)"
    return "\(CalendarNames.shortWeekdays[day.weekday]) \(dayOfMonth) \(CalendarNames.shortMonths[month - 1])\(suffix)"
  }

  func date(ofDay text: String) -> String { Day(text).map(date) ?? text }

  /// `Tue 24 Nov 10:00`
  func time(_ text: String) -> String {
    guard let instant = Instant(text) else { return text }
    let wall = Instant(milliseconds: zone.clock(at: instant))
    return "\(date(zone.day(of: instant))) \(wall.description.dropFirst(11).prefix(5))"
  }

  func urgency(due text: String, state: String) -> Urgency {
    guard let day = Day(text), state != "completed", state != "cancelled" else { return .faint }
    if day < today { return .late }
    if state == "scheduled" || state == "conducted" { return .planned }
    return day - today <= 3 ? .soon : .normal
  }
}

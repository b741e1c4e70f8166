/// The names of weekdays and months, from which all shorter ones are made.
package enum CalendarNames {
  /// From Monday, as `Day.weekday` counts.
  package static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

  /// From January, which is month 1 and stands at 0.
  package static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]

  /// `Mon`
  package static let shortWeekdays = weekdays.map { String($0.prefix(3)) }

  /// `Jan`
  package static let shortMonths = months.map { String($0.prefix(3)) }

  /// `MO`, as iCalendar writes them (RFC 5545, 3.3.10).
  package static let codesOfWeekdays = weekdays.map { $0.prefix(2).uppercased() }
}

/// The text of one file that an administrator wrote.
package struct SourceFile: Hashable, Sendable {
  /// The folder it lies in says what it may declare.
  package enum Kind: String, CaseIterable, Sendable {
    case rules = "rules.d"
    case services = "services.d"
    case calendars = "calendars.d"
  }

  package let kind: Kind
  /// As shown in messages.
  package let path: String
  package let text: String
  /// Why the file could not be read; it is one finding among the others.
  package let obstacle: String?

  package init(kind: Kind, path: String, text: String, obstacle: String? = nil) {
    self.kind = kind
    self.path = path
    self.text = text
    self.obstacle = obstacle
  }
}

extension SourceFile {
  /// The last part of the path.
  var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// Whether it holds holidays in iCalendar's form, for calendars to name.
  var isHolidayFile: Bool { kind == .calendars && path.hasSuffix(".ics") }
}

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
  /// Whether the text is that of another file, which those who see what is wrong here may not be allowed to read.
  package let isLink: Bool
  /// Whether findings say only where they are.
  private(set) var hidesLines = false

  package init(kind: Kind, path: String, text: String, obstacle: String? = nil, isLink: Bool = false) {
    self.kind = kind
    self.path = path
    self.text = text
    self.obstacle = obstacle
    self.isLink = isLink
  }
}

extension SourceFile {
  /// The last part of the path.
  var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// Whether it holds holidays in iCalendar's form, for calendars to name.
  var isHolidayFile: Bool { kind == .calendars && path.hasSuffix(".ics") }

  /// The same file, of whose text nothing is said if it is a link.
  var hidingLink: SourceFile {
    var file = self
    file.hidesLines = isLink
    return file
  }

  /// What is said in the place of a finding in a file that is a link.
  static let hiddenLine =
    "this file is a link, and what it leads to is not shown to callers: 'reviewctl rules check DIR' as somebody who may read it says what is wrong"
}

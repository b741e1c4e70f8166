import ReviewEngine

/// How urgent a line is, which is also its colour.
enum Urgency {
  case late, soon, planned, normal, faint

  fileprivate var style: Style? {
    switch self {
    case .late: .red
    case .soon: .yellow
    case .planned: .green
    case .normal: nil
    case .faint: .faint
    }
  }
}

/// How a part of a line looks. It stands in the line as one of Unicode's noncharacters, and becomes a sequence of the
/// terminal only when the line is printed: sequences that a text brings along are written out instead.
enum Style: UInt32, CaseIterable {
  case plain = 0xfdd0
  case bold, faint, red, green, yellow

  /// The numbers of ECMA-48's SELECT GRAPHIC RENDITION.
  private var code: String {
    switch self {
    case .plain: "0"
    case .bold: "1"
    case .faint: "2"
    case .red: "31"
    case .green: "32"
    case .yellow: "33"
    }
  }

  fileprivate func on(_ text: String) -> String { Style.mark(self) + text + Style.mark(.plain) }

  private static func mark(_ style: Style) -> String {
    Unicode.Scalar(style.rawValue).map { String(Character($0)) } ?? ""
  }

  /// A line as it is printed.
  static func shown(_ line: String, _ terminal: Terminal = .output) -> String {
    guard terminal.hasColour else { return line.visible }
    var (shown, part) = ("", "")
    for scalar in line.unicodeScalars {
      if let style = Style(rawValue: scalar.value) {
        shown += part.visible + "\u{1b}[\(style.code)m"
        part = ""
      } else {
        part.unicodeScalars.append(scalar)
      }
    }
    return shown + part.visible
  }
}

extension String {
  func coloured(_ urgency: Urgency, _ terminal: Terminal = .output) -> String {
    guard terminal.hasColour, let style = urgency.style else { return self }
    return style.on(self)
  }

  func bold(_ terminal: Terminal = .output) -> String { terminal.hasColour ? Style.bold.on(self) : self }
}

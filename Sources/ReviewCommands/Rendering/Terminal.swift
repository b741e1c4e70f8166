import CLinux
import Foundation
import Glibc

/// What is known of the terminal that is written to.
struct Terminal: Sendable {
  let isInteractive: Bool
  let width: Int
  let hasColour: Bool

  static let standardWidth = 80

  /// Standard output.
  static let output = Terminal(descriptor: STDOUT_FILENO)
  static let error = Terminal(descriptor: STDERR_FILENO)

  private init(descriptor: Int32) {
    isInteractive = isatty(descriptor) == 1
    let environment = ProcessInfo.processInfo.environment
    var size = winsize()
    let measured = isInteractive && ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
    width = environment["COLUMNS"].flatMap { Int($0) } ?? measured ?? (isInteractive ? Self.standardWidth : Int.max)
    hasColour = isInteractive && environment["NO_COLOR"]?.isEmpty ?? true && environment["TERM"] != "dumb"
  }
}

/// How urgent a line is, which is also its colour.
enum Urgency {
  case late, soon, planned, normal, faint

  fileprivate var code: String? {
    switch self {
    case .late: "31"
    case .soon: "33"
    case .planned: "32"
    case .normal: nil
    case .faint: "2"
    }
  }
}

extension String {
  func coloured(_ urgency: Urgency, _ terminal: Terminal = .output) -> String {
    guard terminal.hasColour, let code = urgency.code else { return self }
    return "\u{1b}[\(code)m\(self)\u{1b}[0m"
  }

  func bold(_ terminal: Terminal = .output) -> String { terminal.hasColour ? "\u{1b}[1m\(self)\u{1b}[0m" : self }

  /// The text without what would move a terminal's cursor or change its colours: texts come from other people's tools.
  var printable: String {
    guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
    return String(
      String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? ($0 == "\n" ? " " : "\u{fffd}") : $0 }))
  }

  /// Columns on a terminal, by the C library's wcwidth.
  var displayWidth: Int { unicodeScalars.reduce(0) { $0 + $1.displayWidth } }

  /// The text cut to a width, with an ellipsis where something is missing.
  func fitted(to width: Int) -> String {
    guard displayWidth > width else { return self }
    var (text, used) = ("", 0)
    for scalar in unicodeScalars {
      guard used + scalar.displayWidth <= max(0, width - 1) else { break }
      text.unicodeScalars.append(scalar)
      used += scalar.displayWidth
    }
    return text + "…"
  }

  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - displayWidth)) }

  /// Lines of at most `width` columns, broken between words.
  func wrapped(to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in printable.split(separator: " ") {
      if !line.isEmpty, line.displayWidth + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + (line.isEmpty ? [] : [line])
  }
}

extension Unicode.Scalar {
  fileprivate var displayWidth: Int { value < 0x7f ? 1 : max(0, Int(wcwidth(wchar_t(value)))) }
}

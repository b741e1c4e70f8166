import CLinux
import Foundation
import Glibc
import ReviewEngine

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
    let measured =
      isInteractive && ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
    let given = environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    width = given ?? measured ?? (isInteractive ? Self.standardWidth : Int.max)
    hasColour = isInteractive && environment["NO_COLOR"]?.isEmpty ?? true && environment["TERM"] != "dumb"
  }
}

extension String {
  /// Columns on a terminal, by the C library's wcwidth.
  var displayWidth: Int { unicodeScalars.reduce(0) { $0 + $1.displayWidth } }

  /// The text as it is shown, cut to a width, with an ellipsis where something is missing.
  func fitted(to width: Int) -> String {
    let shown = visible
    guard shown.displayWidth > width else { return shown }
    var (text, used) = ("", 0)
    for scalar in shown.unicodeScalars {
      guard used + scalar.displayWidth <= max(0, width - 1) else { break }
      text.unicodeScalars.append(scalar)
      used += scalar.displayWidth
    }
    return text + "…"
  }

  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - displayWidth)) }

  /// The text as it is shown, in lines of at most `width` columns, broken between words.
  func wrapped(to width: Int) -> [String] {
    var lines: [String] = []
    var (line, used) = ("", 0)
    for word in visible.split(separator: " ") {
      let wordWidth = String(word).displayWidth
      if !line.isEmpty, used + 1 + wordWidth > width {
        lines.append(line)
        (line, used) = ("", 0)
      }
      used += wordWidth + (line.isEmpty ? 0 : 1)
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + (line.isEmpty ? [] : [line])
  }
}

extension Unicode.Scalar {
  fileprivate var displayWidth: Int { value < 0x7f ? 1 : max(0, Int(wcwidth(wchar_t(value)))) }
}

extension Unicode.Scalar {
  /// Whether it steers a terminal (C0, DEL, C1), turns the direction of a text, breaks a line in some readers only, or
  /// is not seen at all. Line feed and tab are among them.
  package var isHidden: Bool {
    switch value {
    case 0x00...0x1f, 0x7f...0x9f: true
    // Soft hyphen, combining grapheme joiner, Arabic letter mark, fillers, vowel inherents, Mongolian separators.
    case 0xad, 0x34f, 0x61c, 0x115f...0x1160, 0x17b4...0x17b5, 0x180b...0x180f: true
    // Zero width, marks of direction, line and paragraph separators, embeddings, invisible operators, isolates.
    case 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f: true
    // Noncharacters, of which the journal makes a blob.
    case 0xfdd0...0xfdef,
      _ where value & 0xfffe == 0xfffe:
      true
    case 0x3164, 0xfeff, 0xffa0, 0xfff9...0xfffb, 0x1bca0...0x1bca3, 0x1d173...0x1d17a, 0xe0000...0xe0fff: true
    default: false
    }
  }
}

extension StringProtocol {
  /// The text with what is hidden written out, such as `\u{202e}`, so that it does nothing and can be seen. Line feeds
  /// and tabs are written as spaces: a text that comes from outside makes no line of its own.
  package var visible: String { visible { $0 == "\n" || $0 == "\t" ? " " : nil } }

  /// The same, but its lines stay lines.
  package var visibleLines: String { visible { $0 == "\n" ? "\n" : $0 == "\t" ? " " : nil } }

  /// Whether it is of ASCII's visible characters and spaces alone.
  package var isPlain: Bool {
    let isVisible = { (byte: UInt8) in byte >= 0x20 && byte < 0x7f }
    return utf8.withContiguousStorageIfAvailable { $0.allSatisfy(isVisible) } ?? utf8.allSatisfy(isVisible)
  }

  private func visible(_ replacement: (Unicode.Scalar) -> String?) -> String {
    // Nearly all are of letters that everybody sees, and are looked at once.
    if isPlain { return String(self) }
    guard unicodeScalars.contains(where: { $0.isHidden }) else { return String(self) }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if scalar.isHidden {
        text += replacement(scalar) ?? "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }
}

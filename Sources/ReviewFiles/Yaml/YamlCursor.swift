/// Why a text is no YAML, or none of the YAML that files of reviewd are written in.
package struct YamlMistake: Error {
  let mark: Mark
  package let message: String

  /// What the grammar does not allow.
  static func syntax(_ message: String, at mark: Mark) -> YamlMistake { YamlMistake(mark: mark, message: "not valid YAML: \(message)") }
}

/// A place in the bytes of a file that moves forward, and knows its line and column.
struct YamlCursor {
  let bytes: [UInt8]
  private(set) var position = 0
  private var line = 1
  /// From 0, in Unicode scalars.
  private(set) var column = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var mark: Mark { Mark(line: line, column: column + 1, byte: position) }

  var isAtEnd: Bool { position >= bytes.count }

  /// 0 beyond the end; no file has it elsewhere, since it is hidden.
  func peek(_ offset: Int = 0) -> UInt8 { position + offset < bytes.count ? bytes[position + offset] : 0 }

  func isAt(_ character: Unicode.Scalar) -> Bool { !isAtEnd && bytes[position] == UInt8(ascii: character) }

  var isAtBlank: Bool { isAt(" ") || isAt("\t") }
  var isAtBreak: Bool { isAt("\n") || isAt("\r") }
  var isAtEndOfLine: Bool { isAtEnd || isAtBreak }

  /// Whether what comes next ends a word: a blank, a line's end, the file's end.
  func isSpace(_ offset: Int) -> Bool { [0, 0x20, 0x09, 0x0a, 0x0d].contains(peek(offset)) }

  /// An indicator counts only before a space: `- a` is an item, `-a` a text.
  func isAtIndicator(_ character: Unicode.Scalar) -> Bool { isAt(character) && isSpace(1) }

  /// `---` or `...` at the beginning of a line.
  func isAtDocumentMark(_ character: Unicode.Scalar) -> Bool {
    column == 0 && (0..<3).allSatisfy { peek($0) == UInt8(ascii: character) } && isSpace(3)
  }

  var isAtDocumentMark: Bool { isAtDocumentMark("-") || isAtDocumentMark(".") }

  /// Moves over one byte that ends no line.
  mutating func advance(_ count: Int = 1) {
    for _ in 0..<count where position < bytes.count {
      // The bytes after the first of a scalar are 10xxxxxx.
      if bytes[position] & 0xc0 != 0x80 { column += 1 }
      position += 1
    }
  }

  /// Moves over a line's end: a carriage return, a line feed, or both.
  mutating func advanceLine() {
    guard isAtBreak else { return }
    position += isAt("\r") && peek(1) == 0x0a ? 2 : 1
    line += 1
    column = 0
  }

  mutating func skipBlanks() { while isAtBlank { advance() } }

  mutating func skipToEndOfLine() { while !isAtEndOfLine { advance() } }

  /// Moves over blanks, line ends and comments to whatever is next; whether a line began on the way with a tab among its indentation,
  /// and where.
  mutating func skipToContent() -> Mark? {
    var (tab, isIndentation) = (nil as Mark?, column == 0)
    while true {
      if isAtBlank {
        if isIndentation, tab == nil, isAt("\t") { tab = mark }
        advance()
      } else if isAtBreak {
        advanceLine()
        (tab, isIndentation) = (nil, true)
      } else if isAt("#") {
        skipToEndOfLine()
      } else {
        return isAtEnd ? nil : tab
      }
    }
  }
}

/// Texts without quotes and within them, over one line or several.
extension YamlParser {
  /// A text without quotes, as far as it goes.
  ///
  /// - Parameter parent: it goes on in lines that are indented further than this column; nil within brackets, where indentation is nothing.
  mutating func plainScalar(parent: Int?) throws(YamlMistake) -> Node {
    let mark = cursor.mark
    var text: [UInt8] = []
    var end = cursor
    while true {
      let start = cursor.position
      end = try plainLine(isInFlow: parent == nil)
      text += cursor.bytes[start..<end.position]
      guard cursor.isAtBreak, let lineCount = try continuation(parent: parent) else { break }
      text += folded(lineCount)
    }
    cursor = end
    return try scalar(text, .plain, at: mark)
  }

  /// Moves over the rest of a text on its line; where its last letter ends.
  private mutating func plainLine(isInFlow: Bool) throws(YamlMistake) -> YamlCursor {
    var end = cursor
    while !cursor.isAtEndOfLine {
      if cursor.isAtIndicator(":") { break }
      if isInFlow {
        if isFlowIndicator(cursor.peek()) { break }
        if cursor.isAt(":"), isFlowIndicator(cursor.peek(1)) || cursor.peek(1) == UInt8(ascii: "?") {
          throw .syntax("a ':' needs a space after it", at: cursor.mark)
        }
      }
      if cursor.isAtBlank {
        cursor.skipBlanks()
        if cursor.isAt("#") { break }
      } else {
        cursor.advance()
        end = cursor
      }
    }
    return end
  }

  private func isFlowIndicator(_ byte: UInt8) -> Bool { ",[]{}".utf8.contains(byte) }

  /// Moves to the line in which a text without quotes goes on, and says how many line ends lie between; nil where it does not go on.
  private mutating func continuation(parent: Int?) throws(YamlMistake) -> Int? {
    var lineCount = 0
    while cursor.isAtBreak {
      cursor.advanceLine()
      lineCount += 1
      while cursor.isAtBlank {
        if let parent, cursor.isAt("\t"), cursor.column <= parent { return try tabOrEnd() }
        cursor.advance()
      }
    }
    if cursor.isAtEnd || cursor.isAt("#") || cursor.isAtDocumentMark { return nil }
    if cursor.isAtIndicator(":") || parent == nil && isFlowIndicator(cursor.peek()) { return nil }
    return parent.map { cursor.column > $0 } ?? true ? lineCount : nil
  }

  // A tab on a line of its own means nothing; before a text it is taken for indentation.
  private mutating func tabOrEnd() throws(YamlMistake) -> Int? {
    let tab = cursor.mark
    cursor.skipBlanks()
    if cursor.isAtEndOfLine || cursor.isAt("#") { return nil }
    throw .syntax("a tab: indent with spaces", at: tab)
  }

  /// One line end is a space, and each further one a line feed.
  private func folded(_ lineCount: Int) -> [UInt8] { lineCount == 1 ? [0x20] : Array(repeating: 0x0a, count: lineCount - 1) }

  // MARK: Quotes

  mutating func quotedScalar() throws(YamlMistake) -> Node {
    let (mark, quote) = (cursor.mark, cursor.peek())
    cursor.advance()
    var text: [UInt8] = []
    // Blanks at the end of a line are nothing, unless they are escaped.
    var keptCount = 0
    while true {
      if cursor.isAtEnd || cursor.isAtDocumentMark { throw .syntax("the text that begins here has no closing quote", at: mark) }
      if cursor.isAtBreak {
        text.removeLast(text.count - keptCount)
        text += folded(skipLines())
      } else if cursor.isAtBlank {
        text.append(cursor.peek())
        cursor.advance()
        continue
      } else if cursor.peek() == quote {
        guard quote == UInt8(ascii: "'"), cursor.peek(1) == quote else { break }
        text.append(quote)
        cursor.advance(2)
      } else if cursor.isAt("\\"), quote == UInt8(ascii: "\"") {
        try escape(into: &text)
      } else {
        text.append(cursor.peek())
        cursor.advance()
      }
      keptCount = text.count
    }
    cursor.advance()
    return try scalar(text, .quoted, at: mark)
  }

  /// Moves over line ends and the blanks after each; how many there were.
  private mutating func skipLines() -> Int {
    var count = 0
    while cursor.isAtBreak {
      cursor.advanceLine()
      if cursor.isAtDocumentMark { return count + 1 }
      cursor.skipBlanks()
      count += 1
    }
    return count
  }

  private static let escapes: [UInt8: Unicode.Scalar] = [
    UInt8(ascii: "0"): "\0", UInt8(ascii: "a"): "\u{7}", UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "t"): "\t", 0x09: "\t",
    UInt8(ascii: "n"): "\n", UInt8(ascii: "v"): "\u{b}", UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "r"): "\r", UInt8(ascii: "e"): "\u{1b}",
    0x20: " ", UInt8(ascii: "\""): "\"", UInt8(ascii: "/"): "/", UInt8(ascii: "\\"): "\\",
    UInt8(ascii: "N"): "\u{85}", UInt8(ascii: "_"): "\u{a0}", UInt8(ascii: "L"): "\u{2028}", UInt8(ascii: "P"): "\u{2029}",
  ]

  private mutating func escape(into text: inout [UInt8]) throws(YamlMistake) {
    let mark = cursor.mark
    cursor.advance()
    if cursor.isAtBreak {
      // The line goes on in the next one.
      text += Array(repeating: 0x0a, count: skipLines() - 1)
      return
    }
    let letter = cursor.peek()
    if let scalar = Self.escapes[letter] {
      cursor.advance()
      text += Array(String(scalar).utf8)
      return
    }
    let digitCount = [UInt8(ascii: "x"): 2, UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8][letter]
    guard let digitCount, let scalar = hexadecimal(digitCount) else {
      throw .syntax("this is no escape that quoted texts have, such as \\n or \\u00e9; a backslash itself is \\\\", at: mark)
    }
    cursor.advance(1 + digitCount)
    text += Array(String(scalar).utf8)
  }

  /// The scalar of so many digits after this byte.
  private func hexadecimal(_ digitCount: Int) -> Unicode.Scalar? {
    let digits = String(decoding: (1...digitCount).map { cursor.peek($0) }, as: UTF8.self)
    guard digits.utf8.count == digitCount, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
    return UInt32(digits, radix: 16).flatMap { Unicode.Scalar($0) }
  }
}

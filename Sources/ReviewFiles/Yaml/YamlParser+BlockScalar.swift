/// Texts of several lines after `|`, which keeps the lines, and `>`, which joins them.
extension YamlParser {
  private enum Chomping { case strip, clip, keep }

  mutating func blockScalar(parent: Int) throws(YamlMistake) -> Node {
    let (mark, isLiteral) = (cursor.mark, cursor.isAt("|"))
    cursor.advance()
    let (chomping, increment) = try header()
    cursor.skipToEndOfLine()
    cursor.advanceLine()
    var indent = increment.map { max(0, parent) + $0 }
    var breaks = leadingBreaks(&indent, parent: parent)
    var (text, lineBreak, wasBlank) = ([] as [UInt8], 0, false)
    while cursor.column == indent, !cursor.isAtEnd {
      let isBlank = cursor.isAtBlank
      let joins = !isLiteral && lineBreak == 1 && !wasBlank && !isBlank
      text += joins ? (breaks == 0 ? [0x20] : []) : Array(repeating: 0x0a, count: lineBreak)
      text += Array(repeating: 0x0a, count: breaks)
      let start = cursor.position
      cursor.skipToEndOfLine()
      text += cursor.bytes[start..<cursor.position]
      (wasBlank, lineBreak) = (isBlank, cursor.isAtBreak ? 1 : 0)
      cursor.advanceLine()
      breaks = leadingBreaks(&indent, parent: parent)
    }
    if chomping != .strip { text += Array(repeating: 0x0a, count: lineBreak) }
    if chomping == .keep { text += Array(repeating: 0x0a, count: breaks) }
    cursor = lineStart
    return try scalar(text, .block, at: mark)
  }

  /// What stands after `|`: whether line ends at the end are kept, and how far the lines are indented where that is said.
  private mutating func header() throws(YamlMistake) -> (Chomping, Int?) {
    var (chomping, increment) = (Chomping.clip, nil as Int?)
    for _ in 0..<2 {
      if cursor.isAt("+") || cursor.isAt("-"), chomping == .clip {
        chomping = cursor.isAt("+") ? .keep : .strip
        cursor.advance()
      } else if (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(cursor.peek()), increment == nil {
        increment = Int(cursor.peek() - UInt8(ascii: "0"))
        cursor.advance()
      }
    }
    cursor.skipBlanks()
    if cursor.isAtEndOfLine || cursor.isAt("#") { return (chomping, increment) }
    throw .syntax("the text begins on the line after '|' or '>'", at: cursor.mark)
  }

  /// Moves over empty lines and the indentation of the next one; how many line ends there were. Where nothing said how far the text is
  /// indented, its first line does.
  private mutating func leadingBreaks(_ indent: inout Int?, parent: Int) -> Int {
    var (count, widest) = (0, 0)
    lineStart = cursor
    while true {
      while cursor.isAt(" "), indent.map({ cursor.column < $0 }) ?? true { cursor.advance() }
      widest = max(widest, cursor.column)
      guard cursor.isAtBreak else { break }
      cursor.advanceLine()
      lineStart = cursor
      count += 1
    }
    indent = indent ?? max(widest, parent + 1, 1)
    return count
  }
}

/// Mappings and lists by their indentation.
extension YamlParser {
  /// What begins here, in a column to the right of `parent`'s.
  mutating func blockNode(parent: Int) throws(YamlMistake) -> Node {
    try deeper { (parser) throws(YamlMistake) in
      if parser.cursor.isAtIndicator("-") { return try parser.blockSequence(isIndented: true) }
      let (mark, column) = (parser.cursor.mark, parser.cursor.column)
      let node = try parser.oneNode(parent: parent)
      guard node.isKey, parser.isAtValue(afterKeyAt: mark) else {
        try parser.endValue(node)
        return node
      }
      return try parser.blockMapping(firstKey: node, column: column)
    }
  }

  /// A value that begins on the line of its key: it can be no block of its own.
  private mutating func inlineNode(parent: Int) throws(YamlMistake) -> Node {
    if cursor.isAtIndicator("-") { throw .syntax("a list begins on a line of its own", at: cursor.mark) }
    let node = try oneNode(parent: parent)
    try endValue(node)
    return node
  }

  /// A text, or what stands in brackets.
  private mutating func oneNode(parent: Int) throws(YamlMistake) -> Node {
    try refuseSpecial()
    switch cursor.peek() {
    case UInt8(ascii: "["), UInt8(ascii: "{"): return try flowNode()
    case UInt8(ascii: "|"), UInt8(ascii: ">"): return try blockScalar(parent: parent)
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return try quotedScalar()
    default: return try plainScalar(parent: parent)
    }
  }

  private mutating func endValue(_ node: Node) throws(YamlMistake) {
    // A block of text ends with its lines.
    if node.scalar?.style == .block { return }
    if node.scalar == nil {
      cursor.skipBlanks()
      if cursor.isAtIndicator(":") { throw YamlMistake(mark: node.mark, message: "a key must be a plain word") }
    }
    try endLine()
  }

  /// Whether the text that began at `mark` is a key: it is followed, on its line, by a colon.
  private mutating func isAtValue(afterKeyAt mark: Mark) -> Bool {
    cursor.skipBlanks()
    return cursor.isAtIndicator(":") && cursor.mark.line == mark.line
  }

  private mutating func blockMapping(firstKey: Node, column: Int) throws(YamlMistake) -> Node {
    var pairs: [(key: Node, value: Node)] = []
    var key = firstKey
    while true {
      cursor.advance()
      pairs.append((key, try blockValue(column: column)))
      let next = try nextColumn()
      if next < column { return try mapping(pairs, at: firstKey.mark) }
      if next > column { throw .syntax("this line is indented further than the keys before it", at: cursor.mark) }
      key = try blockKey()
    }
  }

  private mutating func blockKey() throws(YamlMistake) -> Node {
    let mark = cursor.mark
    if cursor.isAtIndicator("-") { throw .syntax("a key is expected here, not an item of a list", at: mark) }
    let node = try oneNode(parent: cursor.column)
    guard node.isKey else { throw YamlMistake(mark: mark, message: "a key must be a plain word") }
    guard isAtValue(afterKeyAt: mark) else { throw .syntax("a key is expected here, with ':' after it", at: mark) }
    return node
  }

  private mutating func blockValue(column: Int) throws(YamlMistake) -> Node {
    let mark = cursor.mark
    cursor.skipBlanks()
    guard cursor.isAtEndOfLine || cursor.isAt("#") else { return try inlineNode(parent: column) }
    let next = try nextColumn()
    if next > column { return try blockNode(parent: column) }
    // The items of a list may stand below the first letter of its key.
    if next == column, cursor.isAtIndicator("-") {
      return try deeper { (parser) throws(YamlMistake) in try parser.blockSequence(isIndented: false) }
    }
    return try empty(at: mark)
  }

  private mutating func blockSequence(isIndented: Bool) throws(YamlMistake) -> Node {
    let (mark, column) = (cursor.mark, cursor.column)
    var elements: [Node] = []
    while true {
      cursor.advance()
      elements.append(try blockItem(column: column))
      let next = try nextColumn()
      if next == column, cursor.isAtIndicator("-") { continue }
      if next < column || next == column && !isIndented { return try sequence(elements, at: mark) }
      throw .syntax("did not find expected '-' indicator", at: cursor.mark)
    }
  }

  private mutating func blockItem(column: Int) throws(YamlMistake) -> Node {
    let mark = cursor.mark
    cursor.skipBlanks()
    guard cursor.isAtEndOfLine || cursor.isAt("#") else { return try blockNode(parent: column) }
    return try nextColumn() > column ? try blockNode(parent: column) : try empty(at: mark)
  }
}

extension Node {
  /// Whether it can be a key: a text on one line.
  fileprivate var isKey: Bool { scalar.map { $0.style != .block } ?? false }
}

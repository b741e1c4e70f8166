/// Lists and mappings in brackets.
extension YamlParser {
  mutating func flowNode() throws(YamlMistake) -> Node {
    try deeper { (parser) throws(YamlMistake) in
      try parser.refuseSpecial()
      let cursor = parser.cursor
      // What only means something after a space in blocks always does in brackets.
      if cursor.isAt("?") { throw YamlMistake(mark: cursor.mark, message: "a key must be a plain word: leave the '?' out") }
      if cursor.isAt(":") { throw .syntax("there is no key before ':'", at: cursor.mark) }
      if cursor.isAtIndicator("-") { throw .syntax("an item in brackets has no '-' before it", at: cursor.mark) }
      switch cursor.peek() {
      case UInt8(ascii: "["): return try parser.flowSequence()
      case UInt8(ascii: "{"): return try parser.flowMapping()
      case UInt8(ascii: "\""), UInt8(ascii: "'"): return try parser.quotedScalar()
      case UInt8(ascii: "|"), UInt8(ascii: ">"): throw .syntax("a block of text has no place in brackets", at: cursor.mark)
      default: return try parser.plainScalar(parent: nil)
      }
    }
  }

  /// Moves to what is next within the brackets that `mark` opened.
  private mutating func nextInFlow(from mark: Mark, _ closing: String) throws(YamlMistake) {
    _ = cursor.skipToContent()
    if cursor.isAtEnd || cursor.isAtDocumentMark {
      throw .syntax("the bracket that opens here is never closed: '\(closing)' is missing", at: mark)
    }
  }

  private mutating func flowSequence() throws(YamlMistake) -> Node {
    let mark = cursor.mark
    cursor.advance()
    var elements: [Node] = []
    while true {
      try nextInFlow(from: mark, "]")
      if cursor.isAt("]") { break }
      elements.append(try flowElement(from: mark))
      try separate(from: mark, "]")
    }
    cursor.advance()
    return try sequence(elements, at: mark)
  }

  /// An item; `a: b` without braces is a mapping of one key.
  private mutating func flowElement(from mark: Mark) throws(YamlMistake) -> Node {
    let node = try flowNode()
    try nextInFlow(from: mark, "]")
    guard cursor.isAt(":") else { return node }
    return try mapping([(try key(node), try flowValue(from: mark, "]"))], at: node.mark)
  }

  private mutating func flowMapping() throws(YamlMistake) -> Node {
    let mark = cursor.mark
    cursor.advance()
    var pairs: [(key: Node, value: Node)] = []
    while true {
      try nextInFlow(from: mark, "}")
      if cursor.isAt("}") { break }
      let node = try flowNode()
      let end = cursor.mark
      try nextInFlow(from: mark, "}")
      if cursor.isAt(":") {
        pairs.append((try key(node), try flowValue(from: mark, "}")))
      } else {
        guard node.scalar != nil else { throw YamlMistake(mark: node.mark, message: "a key must be a plain word") }
        pairs.append((node, try empty(at: end)))
      }
      try separate(from: mark, "}")
    }
    cursor.advance()
    return try mapping(pairs, at: mark)
  }

  private func key(_ node: Node) throws(YamlMistake) -> Node {
    guard node.scalar != nil else { throw YamlMistake(mark: node.mark, message: "a key must be a plain word") }
    guard node.mark.line == cursor.mark.line else { throw .syntax("a key and its ':' stand on one line", at: node.mark) }
    return node
  }

  private mutating func flowValue(from mark: Mark, _ closing: String) throws(YamlMistake) -> Node {
    cursor.advance()
    let end = cursor.mark
    try nextInFlow(from: mark, closing)
    return cursor.isAt(",") || cursor.isAt("]") || cursor.isAt("}") ? try empty(at: end) : try flowNode()
  }

  private mutating func separate(from mark: Mark, _ closing: Unicode.Scalar) throws(YamlMistake) {
    try nextInFlow(from: mark, String(closing))
    if cursor.isAt(closing) { return }
    guard cursor.isAt(",") else { throw .syntax("did not find expected ',' or '\(closing)'", at: cursor.mark) }
    cursor.advance()
  }
}

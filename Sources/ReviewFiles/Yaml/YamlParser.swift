/// Reads the YAML that files of reviewd are written in: mappings whose keys are words, lists, and texts, in block and flow style.
///
/// Anchors, aliases, tags, directives and keys that are no words are refused where they stand, before anything is made of them; with
/// bounds on levels and values the time and the memory that a file takes follow from its size.
package struct YamlParser {
  var cursor: YamlCursor
  private var levelCount = 0
  private var valueCount = 0
  /// Where the line began that ended a block of text.
  var lineStart: YamlCursor
  /// Keys that are given twice, at the second; of each mapping only the first ones.
  package private(set) var duplicates: [YamlMistake] = []

  static let largestLevelCount = 64
  static let largestValueCount = 150_000

  package init(_ bytes: [UInt8]) {
    cursor = YamlCursor(bytes)
    lineStart = cursor
  }

  /// The one document of a file; nil where there is nothing in it.
  package mutating func document() throws(YamlMistake) -> Node? {
    var column = try nextColumn()
    if cursor.isAt("%") { throw YamlMistake(mark: cursor.mark, message: "directives such as '%YAML' are not allowed: delete the line") }
    let hasMark = cursor.isAtDocumentMark("-")
    let mark = cursor.mark
    if hasMark {
      cursor.advance(3)
      cursor.skipBlanks()
      guard cursor.isAtEndOfLine || cursor.isAt("#") else {
        throw .syntax("what follows '---' begins on a line of its own", at: cursor.mark)
      }
      column = try nextColumn()
    }
    if !hasMark, cursor.isAtDocumentMark(".") { throw .syntax("there is nothing before '...'", at: mark) }
    guard column >= 0 else { return try finish(hasMark ? empty(at: mark) : nil) }
    return try finish(try blockNode(parent: -1))
  }

  private mutating func finish(_ node: Node?) throws(YamlMistake) -> Node? {
    _ = try nextColumn()
    while cursor.isAtDocumentMark(".") {
      cursor.advance(3)
      try endLine()
      _ = try nextColumn()
    }
    if cursor.isAtEnd { return node }
    let isAnother = cursor.isAtDocumentMark("-")
    throw .syntax(isAnother ? "another document begins here: a file is one" : "this belongs to nothing before it", at: cursor.mark)
  }

  // MARK: Bounds

  /// Counts a value and the levels that it lies in; what follows is read one level deeper.
  mutating func deeper<Value>(_ read: (inout YamlParser) throws(YamlMistake) -> Value) throws(YamlMistake) -> Value {
    levelCount += 1
    defer { levelCount -= 1 }
    guard levelCount <= Self.largestLevelCount else {
      throw .syntax("too many levels inside one another: at most \(Self.largestLevelCount)", at: cursor.mark)
    }
    return try read(&self)
  }

  private mutating func count(at mark: Mark) throws(YamlMistake) {
    valueCount += 1
    guard valueCount <= Self.largestValueCount else {
      throw YamlMistake(mark: mark, message: "a file holds at most \(Self.largestValueCount) values and keys: split it")
    }
  }

  mutating func scalar(_ bytes: some Collection<UInt8>, _ style: Node.Scalar.Style, at mark: Mark) throws(YamlMistake) -> Node {
    try count(at: mark)
    return .scalar(Node.Scalar(string: String(decoding: bytes, as: UTF8.self), style: style, mark: mark))
  }

  /// What a key without a value has.
  mutating func empty(at mark: Mark) throws(YamlMistake) -> Node { try scalar([], .plain, at: mark) }

  mutating func sequence(_ elements: [Node], at mark: Mark) throws(YamlMistake) -> Node {
    try count(at: mark)
    return .sequence(Node.Sequence(elements: elements, mark: mark))
  }

  private static let largestShownDuplicateCount = 10

  mutating func mapping(_ pairs: [(key: Node, value: Node)], at mark: Mark) throws(YamlMistake) -> Node {
    try count(at: mark)
    var seen = Set<String>()
    let twice = pairs.filter { !seen.insert($0.key.scalar?.string ?? "").inserted }.map(\.key)
    for (index, key) in twice.prefix(Self.largestShownDuplicateCount).enumerated() {
      let isLast = index + 1 == Self.largestShownDuplicateCount
      let more = isLast && twice.count > index + 1 ? ", and \(twice.count - index - 1) more keys of this mapping are" : ""
      duplicates.append(YamlMistake(mark: key.mark, message: "the key '\(key.scalar?.string ?? "")' is given twice\(more)"))
    }
    return .mapping(Node.Mapping(pairs: pairs, mark: mark))
  }

  // MARK: Lines

  /// Moves to what is next and says in which column, from 0, it begins; −1 where the document ends.
  mutating func nextColumn() throws(YamlMistake) -> Int {
    if let tab = cursor.skipToContent() { throw .syntax("a tab: indent with spaces", at: tab) }
    return cursor.isAtEnd || cursor.isAtDocumentMark ? -1 : cursor.column
  }

  /// Nothing but a comment may follow on the line.
  mutating func endLine() throws(YamlMistake) {
    cursor.skipBlanks()
    if cursor.isAtEndOfLine || cursor.isAt("#") { return }
    throw .syntax(
      cursor.isAtIndicator(":") ? "mapping values are not allowed in this context" : "nothing may follow here on the same line",
      at: cursor.mark)
  }

  /// What YAML has and these files do not.
  func refuseSpecial() throws(YamlMistake) {
    switch cursor.peek() {
    case UInt8(ascii: "&"), UInt8(ascii: "*"):
      throw YamlMistake(mark: cursor.mark, message: "anchors and aliases are not allowed: write the value out")
    case UInt8(ascii: "!"): throw YamlMistake(mark: cursor.mark, message: "tags are not allowed: leave the word with '!' out")
    case UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"), UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"):
      throw .syntax("nothing can begin with '\(Character(Unicode.Scalar(cursor.peek())))': put the text in quotes", at: cursor.mark)
    default: break
    }
    if cursor.isAtIndicator("?") { throw YamlMistake(mark: cursor.mark, message: "a key must be a plain word: leave the '?' out") }
    if cursor.isAtIndicator(":") { throw .syntax("there is no key before ':'", at: cursor.mark) }
  }
}

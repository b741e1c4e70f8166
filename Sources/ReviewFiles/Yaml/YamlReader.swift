/// Reads the YAML that files of reviewd are written in: mappings whose keys are words, lists, and texts, in block and
/// flow style.
///
/// Anchors, aliases, tags, directives and keys that are no words are refused where they stand, before anything is made
/// of them; with bounds on levels and values the time and the memory that a file takes follow from its size.
package struct YamlReader {
  private let events: YamlEvents
  private var levelCount = 0
  private var valueCount = 0
  /// Keys that are given twice, at the second; of each mapping only the first ones.
  package private(set) var duplicates: [YamlMistake] = []

  static let largestLevelCount = 64
  static let largestValueCount = 150_000
  private static let largestShownDuplicateCount = 10

  /// - Parameter bytes: UTF-8.
  package init(_ bytes: [UInt8]) throws(YamlMistake) { events = try YamlEvents(bytes) }

  /// The one document of a file; nil where there is nothing in it.
  package mutating func document() throws(YamlMistake) -> Node? {
    _ = try events.next()
    let (start, mark) = try events.next()
    guard case .document(let hasDirectives) = start else { return nil }
    if hasDirectives {
      throw YamlMistake(mark: mark, message: "directives such as '%YAML' are not allowed: delete the line")
    }
    let (event, place) = try events.next()
    let node = try node(event, at: place)
    _ = try events.next()
    let (end, next) = try events.next()
    guard case .streamEnd = end else { throw .syntax("another document begins here: a file is one", at: next) }
    return node
  }

  private mutating func node(_ event: YamlEvents.Event, at mark: Mark) throws(YamlMistake) -> Node {
    valueCount += 1
    guard valueCount <= Self.largestValueCount else {
      throw YamlMistake(mark: mark, message: "a file holds at most \(Self.largestValueCount) values and keys: split it")
    }
    switch event {
    case .scalar(let scalar): return .scalar(scalar)
    case .sequence: return try sequence(at: mark)
    case .mapping: return try mapping(at: mark)
    default: throw .anchorOrAlias(at: mark)
    }
  }

  private mutating func sequence(at mark: Mark) throws(YamlMistake) -> Node {
    try enter(at: mark)
    var elements: [Node] = []
    while true {
      let (event, place) = try events.next()
      if case .sequenceEnd = event { break }
      elements.append(try node(event, at: place))
    }
    levelCount -= 1
    return .sequence(Node.Sequence(elements: elements, mark: mark))
  }

  private mutating func mapping(at mark: Mark) throws(YamlMistake) -> Node {
    try enter(at: mark)
    var pairs: [(key: Node, value: Node)] = []
    while true {
      let (event, place) = try events.next()
      if case .mappingEnd = event { break }
      pairs.append((try key(event, at: place), try value()))
    }
    levelCount -= 1
    noteDuplicates(of: pairs)
    return .mapping(Node.Mapping(pairs: pairs, mark: mark))
  }

  private mutating func key(_ event: YamlEvents.Event, at mark: Mark) throws(YamlMistake) -> Node {
    switch event {
    case .sequence, .mapping: throw YamlMistake(mark: mark, message: "a key must be a plain word")
    default: return try node(event, at: mark)
    }
  }

  private mutating func value() throws(YamlMistake) -> Node {
    let (event, mark) = try events.next()
    return try node(event, at: mark)
  }

  private mutating func enter(at mark: Mark) throws(YamlMistake) {
    levelCount += 1
    if levelCount > Self.largestLevelCount {
      throw .syntax("too many levels inside one another: at most \(Self.largestLevelCount)", at: mark)
    }
  }

  private mutating func noteDuplicates(of pairs: [(key: Node, value: Node)]) {
    var seen = Set<String>()
    let twice = pairs.filter { !seen.insert($0.key.scalar?.string ?? "").inserted }.map(\.key)
    for (index, key) in twice.prefix(Self.largestShownDuplicateCount).enumerated() {
      let isLast = index + 1 == Self.largestShownDuplicateCount
      let more =
        isLast && twice.count > index + 1 ? ", and \(twice.count - index - 1) more keys of this mapping are" : ""
      duplicates.append(
        YamlMistake(mark: key.mark, message: "the key '\(key.scalar?.string ?? "")' is given twice\(more)"))
    }
  }
}

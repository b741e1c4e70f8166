/// Makes of files that are right others that are nearly so: by their tokens, lines and indentation, with what has
/// brought readers down.
package struct FileMutations {
  private var generator: SeededGenerator
  private let corpus: [String]

  package init(seed: UInt64, corpus: [String]) {
    generator = SeededGenerator(seed: seed)
    self.corpus = corpus
  }

  /// A text of the corpus after a few changes; one of twenty grows to about `largestByteCount`.
  package mutating func next(largestByteCount: Int) -> String {
    var text = corpus.randomElement(using: &generator) ?? ""
    for _ in 0..<Int.random(in: 1...5, using: &generator) { change(&text) }
    if Int.random(in: 0..<20, using: &generator) == 0 { grow(&text, to: largestByteCount) }
    return text
  }

  private mutating func change(_ text: inout String) {
    switch Int.random(in: 0..<8, using: &generator) {
    case 0: changeToken(&text)
    case 1: changeNumber(&text)
    case 2: indent(&text)
    case 3: moveLine(&text)
    case 4: repeatKey(&text)
    case 5: nest(&text)
    case 6: insert(Self.oddities.randomElement(using: &generator) ?? "", &text)
    default: splice(&text)
    }
  }

  // MARK: Tokens

  private static let oddities = [
    "\r", "\u{85}", "\u{2028}", "\u{2029}", "\u{202e}", "\u{1b}[2J", "\0", "\u{feff}", "\u{200b}", "\t", "é",
    "\u{10ffff}", "\u{e000}",
    "&a ", "*a", "!!x ",
    "? ", "- - - ", ": ", "|\n", ">-\n", "\"", "'", "[[[", "{{{", "]]", "}}", "\\x", "\"\\u202e\"", "\"\\e\"",
    "(a+)+b: 1\n(a+)+b: 1\n",
    "<<: *a\n", "---\n", "...\n",
    "%YAML 9\n", "# ", "~", "null", "0o7", "1e999999999", ".inf", "-0", "\n\n\n", "{? a: b}", "[a: b]", "e\u{301}",
  ]

  private static let numbers = [
    "0", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "99999999999999999999999999",
    "1e400",
    "0.0000000000000000001", "٣", "2147483648",
    "0001-01-01", "9999-12-31", "2026-02-30", "00000000", "99991231", "FREQ=DAILY;INTERVAL=1000;COUNT=100000",
    "FREQ=YEARLY;BYSETPOS=-366;BYDAY=MO",
    "52596000 minutes", "1200 months", "24:00", "P9999W", "16010101", "1x99999", "-167:59:59",
  ]

  private mutating func insert(_ piece: String, _ text: inout String) {
    text.insert(contentsOf: piece, at: index(in: text))
  }

  private mutating func index(in text: String) -> String.Index {
    // By bytes: to walk over the letters of 1 MiB for each change is long.
    let offset = Int.random(in: 0...text.utf8.count, using: &generator)
    return String.Index(text.utf8.index(text.utf8.startIndex, offsetBy: offset), within: text.unicodeScalars)
      ?? text.endIndex
  }

  private mutating func changeToken(_ text: inout String) {
    let words = text.split(whereSeparator: { " \n:,[]{}".contains($0) })
    guard let word = words.randomElement(using: &generator), let other = words.randomElement(using: &generator) else {
      return
    }
    text.replaceSubrange(word.startIndex..<word.endIndex, with: other)
  }

  private mutating func changeNumber(_ text: inout String) {
    let words = text.split(whereSeparator: { " \n:,[]{}\"".contains($0) }).filter { $0.contains { $0.isNumber } }
    guard let word = words.randomElement(using: &generator) else { return }
    text.replaceSubrange(word.startIndex..<word.endIndex, with: Self.numbers.randomElement(using: &generator) ?? "0")
  }

  // MARK: Lines

  private mutating func line(of text: String) -> Range<String.Index>? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.randomElement(using: &generator).map { $0.startIndex..<$0.endIndex }
  }

  private mutating func indent(_ text: inout String) {
    guard let line = line(of: text) else { return }
    let spaces = String(repeating: " ", count: Int.random(in: 0...6, using: &generator))
    let content = text[line].drop { $0 == " " }
    text.replaceSubrange(line, with: spaces + content)
  }

  private mutating func moveLine(_ text: inout String) {
    guard let line = line(of: text) else { return }
    let moved = String(text[line])
    if Bool.random(using: &generator) { text.removeSubrange(line) }
    guard let place = self.line(of: text) else { return }
    text.insert(contentsOf: "\(moved)\n", at: place.lowerBound)
  }

  private mutating func repeatKey(_ text: inout String) {
    guard let line = line(of: text) else { return }
    let count = [1, 2, 30].randomElement(using: &generator) ?? 1
    text.insert(contentsOf: String(repeating: "\(text[line])\n", count: count), at: line.lowerBound)
  }

  // MARK: Structure

  private mutating func nest(_ text: inout String) {
    let (opening, closing) =
      [("[", "]"), ("{a: ", "}"), ("- ", ""), ("{all_of: [", "]}"), ("? ", ""), ("{", "}"), ("\n a:", "")]
      .randomElement(using: &generator) ?? ("[", "]")
    let count = [3, 20, 70, 2000].randomElement(using: &generator) ?? 3
    let isClosed = Bool.random(using: &generator)
    let inner = isClosed ? "a" + String(repeating: closing, count: count) : ""
    insert(String(repeating: opening, count: count) + inner, &text)
  }

  /// A piece of another file.
  private mutating func splice(_ text: inout String) {
    let other = corpus.randomElement(using: &generator) ?? ""
    let ends = [index(in: other), index(in: other)].sorted()
    let piece = String(other[ends[0]..<ends[1]].prefix(2000))
    insert(piece, &text)
  }

  /// A few lines of the text, or a piece of one, again and again.
  private mutating func grow(_ text: inout String, to byteCount: Int) {
    guard let line = line(of: text), text.utf8.count < byteCount else { return }
    let piece =
      Bool.random(using: &generator) ? "\(text[line])\n" : Self.oddities.randomElement(using: &generator) ?? "a"
    let count = (byteCount - text.utf8.count) / max(1, piece.utf8.count)
    text.insert(contentsOf: String(repeating: piece, count: count), at: line.lowerBound)
  }
}

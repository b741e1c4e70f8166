import ReviewEngine

/// Fields as the journal takes them: so many, so long, and nothing hidden in them, since it shows a text with a control
/// character as "blob data". What is left out is counted in a field of its own.
package struct JournalFields {
  /// A name with its values.
  package typealias Field = (name: String, values: [String])

  package private(set) var fields: [(name: String, value: String)] = []

  /// libsystemd sends two pieces for each, and the kernel takes 1,024 at once.
  static let largestCount = 200
  static let largestValueCount = 100
  static let largestValueBytes = 4 << 10
  static let largestMessageBytes = 2 << 10

  /// - Parameter fields: values by name, in the order in which they are sent.
  package init(_ fields: [Field]) {
    let known = fields.filter { Self.isName($0.name) && !$0.values.isEmpty }
    var largest = Self.largestValueCount
    // Each name that loses some of its values has one more field, with how many.
    while largest > 1,
      known.reduce(0, { $0 + min($1.values.count, largest) + ($1.values.count > largest ? 1 : 0) }) > Self.largestCount
    {
      largest /= 2
    }
    for (name, values) in known {
      for value in values.prefix(largest) { add(name, value) }
      if values.count > largest { add("\(name)S_LEFT_OUT", String(values.count - largest)) }
    }
    let excess = self.fields.count - Self.largestCount
    if excess > 0 {
      self.fields = self.fields.prefix(Self.largestCount - 1) + [("REVIEWD_FIELDS_LEFT_OUT", String(excess + 1))]
    }
  }

  private mutating func add(_ name: String, _ value: String) {
    fields.append(
      (name, value.journalText(bytes: name == "MESSAGE" ? Self.largestMessageBytes : Self.largestValueBytes)))
  }

  /// Capital letters, digits and underscores, beginning with a letter: what begins with an underscore only the journal
  /// itself may set.
  private static func isName(_ name: String) -> Bool {
    guard (1...50).contains(name.utf8.count), name.utf8.first.map({ (65...90).contains($0) }) ?? false else {
      return false
    }
    return name.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") }
  }
}

extension StringProtocol {
  /// The text on one line, with what is hidden in it written out, cut to so many bytes.
  func journalText(bytes largest: Int) -> String {
    if utf8.count <= largest, isPlain { return String(self) }
    return prefix(bytes: largest).visible.withoutNoncharacters.cut(toBytes: largest)
  }

  /// The same, but its lines stay lines. Those after the first are set in, so that none looks like an entry of its own.
  package func journalLines(bytes largest: Int) -> String {
    prefix(bytes: largest).visibleLines.withoutNoncharacters.replacing("\n", with: "\n  ").cut(toBytes: largest)
  }

  /// A beginning that is one byte longer than the limit where something is missing.
  private func prefix(bytes largest: Int) -> String {
    utf8.count <= largest ? String(self) : String(decoding: utf8.prefix(largest + 1), as: UTF8.self)
  }

  private func cut(toBytes largest: Int) -> String {
    guard utf8.count > largest else { return String(self) }
    let ellipsis = "…"
    var (text, count) = ("", ellipsis.utf8.count)
    for scalar in unicodeScalars {
      count += UTF8.width(scalar)
      if count > largest { break }
      text.unicodeScalars.append(scalar)
    }
    return text + ellipsis
  }

  // The journal takes a text with one of these for bytes that are no text.
  private var withoutNoncharacters: String {
    guard unicodeScalars.contains(where: \.isNoncharacter) else { return String(self) }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if scalar.isNoncharacter {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isNoncharacter: Bool { (0xfdd0...0xfdef).contains(value) || value & 0xfffe == 0xfffe }
}

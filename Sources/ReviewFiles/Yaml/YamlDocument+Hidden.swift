import ReviewEngine

/// What nobody sees, or what makes a line look like another one, has no place in files that people answer for.
extension YamlDocument {
  private static let largestHiddenCount = 10

  /// Whether there is a hidden character in the file; the first ones are reported.
  func reportHidden() -> Bool {
    let places = hiddenPlaces()
    for place in places { report(line: place.line, column: place.column, "\(place.scalar.hiddenWords): delete it") }
    return !places.isEmpty
  }

  private func hiddenPlaces() -> [(scalar: Unicode.Scalar, line: Int, column: Int)] {
    var places: [(scalar: Unicode.Scalar, line: Int, column: Int)] = []
    for number in 1...lines.count {
      let line = lines.line(number)
      if line.allSatisfy({ $0 == 0x09 || (0x20..<0x7f).contains($0) }) { continue }
      for (index, scalar) in String(decoding: line, as: UTF8.self).unicodeScalars.enumerated()
      where scalar.isHidden && scalar != "\t" {
        places.append((scalar, number, index + 1))
        if places.count == Self.largestHiddenCount { return places }
      }
    }
    return places
  }

  /// Whether a value that was read holds something hidden, which only an escape can have put there; it is reported.
  func reportHidden(_ text: String, _ what: String, at node: Node?, allowsLines: Bool) -> Bool {
    let isPlain: (Unicode.Scalar) -> Bool = { !$0.isHidden || $0 == "\t" || $0 == "\n" && allowsLines }
    guard let scalar = text.unicodeScalars.first(where: { !isPlain($0) }) else { return false }
    report(
      at: node,
      scalar == "\n"
        ? "\(what) must be on one line" : "\(what) holds something hidden: \(scalar.hiddenWords): leave it out")
    return true
  }
}

extension Unicode.Scalar {
  /// `U+202E turns the direction of the text`
  var hiddenWords: String {
    let digits = String(value, radix: 16, uppercase: true)
    return "U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits) \(hiddenEffect)"
  }

  private var hiddenEffect: String {
    switch value {
    case 0x85, 0x2028, 0x2029, 0x0a, 0x0d: "ends a line for some readers and not for others"
    case 0x00...0x1f, 0x7f...0x9f: "is a control character"
    case 0x61c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: "turns the direction of the text"
    default: "cannot be seen"
    }
  }
}

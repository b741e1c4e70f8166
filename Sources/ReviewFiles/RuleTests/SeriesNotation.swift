import ReviewEngine

/// Why a text is no series.
struct SeriesNotationError: Error {
  let message: String
}

/// Values at equal steps as Prometheus' unit tests write them (its documentation, "Unit testing for rules", `series`):
/// `1 2 _ 4x2` is 1, 2, nothing, 4, 4, 4; `1+2x3` is 1, 3, 5, 7; `_x3` is nothing three times.
enum SeriesNotation {
  static let largestValueCount = 100_000

  /// Nil where nothing is given at a step.
  static func values(_ text: String) throws(SeriesNotationError) -> [DecimalValue?] {
    var values: [DecimalValue?] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      values += try expanded(word)
      if values.count > largestValueCount {
        throw SeriesNotationError(message: "more than \(largestValueCount) values")
      }
    }
    return values
  }

  private static func expanded(_ word: Substring) throws(SeriesNotationError) -> [DecimalValue?] {
    let parts = word.split(separator: "x", omittingEmptySubsequences: false)
    guard parts.count <= 2, let times = parts.count == 2 ? Int(parts[1]) : 0, times >= 0, times <= largestValueCount
    else {
      throw SeriesNotationError(message: "'\(word)' is no value, such as 3.9, _, 4x2 or 1+2x3")
    }
    if parts[0] == "_" { return Array(repeating: nil, count: max(1, times)) }
    let (start, step) = try terms(parts[0], of: word)
    if step != nil, parts.count == 1 {
      throw SeriesNotationError(message: "'\(word)' does not say how often: write \(word)x3")
    }
    var value = start
    var values: [DecimalValue?] = [value]
    for _ in 0..<times {
      guard let next = step.map({ sum(value, $0) }) ?? value else {
        throw SeriesNotationError(message: "'\(word)' has too many digits")
      }
      value = next
      values.append(value)
    }
    return values
  }

  /// `1`, `1+2`, `1-2`, where a sign at the beginning belongs to the first number.
  private static func terms(_ text: Substring, of word: Substring) throws(SeriesNotationError) -> (
    DecimalValue, DecimalValue?
  ) {
    let sign = text.dropFirst().firstIndex { $0 == "+" || $0 == "-" }
    let first = text[..<(sign ?? text.endIndex)]
    let second = sign.map { text[$0] == "+" ? text[text.index(after: $0)...] : text[$0...] }
    guard let start = DecimalValue(first.first == "+" ? first.dropFirst() : first),
      second == nil || DecimalValue(second ?? "") != nil
    else {
      throw SeriesNotationError(message: "'\(word)' is no value, such as 3.9, _, 4x2 or 1+2x3")
    }
    return (start, second.flatMap { DecimalValue($0) })
  }

  private static func sum(_ left: DecimalValue, _ right: DecimalValue) -> DecimalValue? {
    let scale = max(left.scale, right.scale)
    guard let first = left.mantissa(atScale: scale), let second = right.mantissa(atScale: scale) else { return nil }
    let (sum, overflow) = first.addingReportingOverflow(second)
    return overflow ? nil : DecimalValue(mantissa: sum, scale: scale)
  }
}

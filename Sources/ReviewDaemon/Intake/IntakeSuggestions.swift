import ReviewEngine

/// What was meant by names that nobody declared: looked for once a name and a few times a request, as it costs a comparison with every
/// name that there is.
struct IntakeSuggestions {
  private var known: [String: String] = [:]

  private static let largestCount = 20

  /// `: did you mean 'x'?`, or nothing.
  mutating func meant(_ written: String, among candidates: @autoclosure () -> [String]) -> String {
    if let known = known[written] { return known }
    guard known.count < Self.largestCount, !written.isEmpty, written.utf8.count <= IntakeLimits.nameBytes else { return "" }
    let words = ReviewEngine.meant(written, among: candidates())
    known[written] = words
    return words
  }
}

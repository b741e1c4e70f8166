/// Suggests the words that misspelt ones may have meant, for each name once and for a few names of a request: comparing
/// is long where there are thousands of candidates, and a sender who misspells one name misspells it in every line.
package struct Suggestions {
  private let largestCount: Int
  private var answers: [String: String] = [:]

  package init(largestCount: Int = 20) { self.largestCount = largestCount }

  /// `: did you mean 'x'?`, or nothing where nothing is near, or enough was suggested.
  ///
  /// A name stands for one list of candidates: words of different kinds have `Suggestions` of their own, or are asked
  /// for once.
  package mutating func meant(_ written: String, among candidates: () -> [String]) -> String {
    if let answer = answers[written] { return answer }
    guard answers.count < largestCount, !written.isEmpty else { return "" }
    let answer = ReviewEngine.meant(written, among: candidates())
    answers[written] = answer
    return answer
  }
}

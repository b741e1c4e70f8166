import ReviewEngine

/// The suggestions for all files that are read together: a file of misspelt words gets a few, and the others are
/// refused without.
final class FileSuggestions {
  private var leftCount = 20

  /// `: did you mean 'x'?`, or nothing where nothing is near, or enough was suggested.
  func meant(_ written: String, among candidates: @autoclosure () -> [String]) -> String {
    guard leftCount > 0 else { return "" }
    leftCount -= 1
    return ReviewEngine.meant(written, among: candidates())
  }
}

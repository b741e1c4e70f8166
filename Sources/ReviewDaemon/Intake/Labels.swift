/// Why a text is no list of labels.
struct LabelError: Error {
  let reason: String
}

/// The labels of a series in the one way in which they are stored: `key=value` pairs by key, separated by semicolons.
enum Labels {
  static let largestCount = 32

  /// Reads `key=value;key=value`.
  static func canonical(_ text: String) throws(LabelError) -> String {
    if text.isEmpty { return "" }
    var labels: [String: String] = [:]
    for pair in text.split(separator: ";") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else { throw LabelError(reason: "'\(pair)' is not a label: write key=value;key=value") }
      labels[String(parts[0])] = String(parts[1])
    }
    return try canonical(labels)
  }

  static func canonical(_ labels: [String: String]) throws(LabelError) -> String {
    guard labels.count <= largestCount else { throw LabelError(reason: "more than \(largestCount) labels") }
    for (key, value) in labels where key.contains("=") || key.contains(";") || value.contains(";") {
      throw LabelError(reason: "the label '\(key)' holds one of the separators '=' and ';'")
    }
    return labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ";")
  }
}

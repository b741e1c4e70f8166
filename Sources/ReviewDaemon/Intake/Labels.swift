/// The labels of a series in the one way in which they are stored: `key=value` pairs by key, separated by semicolons.
enum Labels {
  /// Reads `key=value;key=value`.
  static func canonical(_ text: String) throws(LineError) -> String {
    if text.isEmpty { return "" }
    try checkSize(text)
    var labels: [String: String] = [:]
    for pair in text.split(separator: ";") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw LineError(reason: "'\(pair.quoted)' is not a label: write key=value;key=value")
      }
      labels[String(parts[0])] = String(parts[1])
    }
    return try canonical(labels)
  }

  static func canonical(_ labels: [String: String]) throws(LineError) -> String {
    guard labels.count <= IntakeLimits.labelCount else {
      throw LineError(reason: "more than \(IntakeLimits.labelCount) labels")
    }
    let sorted = labels.sorted { $0.key < $1.key }
    for (key, value) in sorted { try check(key, value) }
    let text = sorted.map { "\($0.key)=\($0.value)" }.joined(separator: ";")
    try checkSize(text)
    return text
  }

  private static func check(_ key: String, _ value: String) throws(LineError) {
    guard !key.isEmpty else { throw LineError(reason: "a label has no name") }
    guard key.utf8.count <= IntakeLimits.labelNameBytes else {
      throw LineError(
        reason: "the name of a label is longer than \(IntakeLimits.labelNameBytes) bytes: '\(key.quoted)'")
    }
    guard value.utf8.count <= IntakeLimits.labelValueBytes else {
      throw LineError(
        reason: "the value of the label '\(key.quoted)' is longer than \(IntakeLimits.labelValueBytes) bytes")
    }
    if key.contains("=") || key.contains(";") || value.contains(";") {
      throw LineError(reason: "the label '\(key.quoted)' holds one of the separators '=' and ';'")
    }
    guard !key.utf8.contains(0), !value.utf8.contains(0) else {
      throw LineError(reason: "the label '\(key.quoted)' holds a NUL character")
    }
  }

  private static func checkSize(_ text: String) throws(LineError) {
    guard text.utf8.count <= IntakeLimits.labelsBytes else {
      throw LineError(reason: "the labels are longer than \(IntakeLimits.labelsBytes) bytes")
    }
  }
}

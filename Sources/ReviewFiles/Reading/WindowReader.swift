import ReviewEngine

/// Reads `in_last`, `in` and `since`.
struct WindowReader {
  let document: YamlDocument

  private static let keys = ["in_last", "in", "since"]

  /// The window that the fields give; every statistic but `latest` needs one, and so does a count, whose statistic is
  /// nil.
  func window(_ fields: Fields, statistic: Statistic?) -> Window? {
    let given = Self.keys.compactMap { key in fields.optional(key).map { (key, $0) } }
    if given.count > 1 {
      document.report(at: fields.keyNode(given[1].0), "one window at a time: '\(given[0].0)' is given too")
    }
    if statistic == .latest {
      if let first = given.first {
        document.report(
          at: fields.keyNode(first.0), "'latest' has no window: give another 'statistic', or leave the window out")
      }
    } else if given.isEmpty, !fields.isMisspelt(["in_last", "since"]) {
      document.report(
        at: fields.node,
        "\(fields.subject) over \(statistic.map { "'\($0.name)'" } ?? "a count") needs a window: 'in_last', 'in' or 'since'"
      )
    }
    guard let (key, node) = given.first else { return nil }
    switch key {
    case "in_last": return document.elapsed(node, "'in_last'").map { .inLast($0) }
    case "in": return period(node)
    default: return since(node)
    }
  }

  private func period(_ node: Node) -> Window? {
    guard let text = document.text(node, "'in'") else { return nil }
    if let period = Period(rawValue: text) { return .current(period) }
    if text.hasPrefix("last_"), let period = Period(rawValue: String(text.dropFirst(5))) { return .last(period) }
    let words = Period.allCases.map(\.rawValue)
    document.report(at: node, document.notOne(of: words + words.map { "last_\($0)" }, "'in'", text))
    return nil
  }

  private func since(_ node: Node) -> Window? {
    switch document.text(node, "'since'") {
    case "last_review": return .sinceLastReview
    case "any_review": return .sinceAnyReview
    case let text?:
      document.report(at: node, document.notOne(of: ["last_review", "any_review"], "'since'", text))
      return nil
    case nil: return nil
    }
  }
}

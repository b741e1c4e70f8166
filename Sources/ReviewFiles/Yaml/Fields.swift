import ReviewEngine

/// The keys of one YAML mapping: each is asked for once, and what nobody asked for is a mistake.
final class Fields {
  let node: Node
  let document: YamlDocument
  /// What the mapping describes, with its article: `a rule`.
  let subject: String
  private let pairs: [(key: Node, value: Node)]
  private var known: [String] = []
  private var notYet: [String] = []

  /// Nil, with a diagnostic, where the node is no mapping.
  ///
  /// - Parameter example: a short one, for those who wrote something else.
  init?(_ node: Node, _ document: YamlDocument, _ subject: String, example: String? = nil) {
    guard case .mapping(let mapping) = node else {
      document.report(
        at: node, "\(subject) must be a mapping of keys to values\(example.map { ", such as \($0)" } ?? "")")
      return nil
    }
    self.node = node
    self.document = document
    self.subject = subject
    pairs = mapping.pairs
  }

  /// The value of an optional key.
  func optional(_ key: String) -> Node? {
    known.append(key)
    return pairs.first { $0.key.scalar?.string == key }?.value
  }

  /// The value of a required key.
  func required(_ key: String) -> Node? {
    if let value = optional(key) { return value }
    if !isMisspelt([key]) { document.report(at: node, "\(subject) needs '\(key)'") }
    return nil
  }

  func keyNode(_ key: String) -> Node? { pairs.first { $0.key.scalar?.string == key }?.key }

  /// The keys of a mapping; none for anything else.
  static func keys(of node: Node) -> [String] { node.mapping?.compactMap { $0.key.scalar?.string } ?? [] }

  /// Keys in the order in which they are written.
  var keys: [String] { pairs.compactMap(\.key.scalar?.string) }

  /// Whether one of the keys that are missing is there with a slip of the finger, which is reported as an unknown key
  /// and is not to be reported twice.
  func isMisspelt(_ missing: [String]) -> Bool {
    keys.prefix(Self.largestComparedCount).contains {
      !missing.contains($0) && (ForeignWords.key(for: $0, among: missing) ?? nearest(to: $0, in: missing)) != nil
    }
  }

  /// Of a mapping with more keys than anything has, only the first are compared with what is missing.
  static let largestComparedCount = 100

  /// Keys that the language has and this version does not.
  func notSupportedYet(_ keys: String...) { notYet += keys }

  /// Reports every key that nobody asked for.
  func finish() {
    for (key, _) in pairs {
      guard let name = key.scalar?.string else {
        document.report(at: key, "a key must be a plain word")
        continue
      }
      if known.contains(name) { continue }
      if notYet.contains(name) {
        document.report(at: key, "'\(name)' is not supported yet")
      } else {
        let near =
          ForeignWords.key(for: name, among: known).map { ": did you mean '\($0)'?" }
          ?? document.suggestions.meant(name, among: known + notYet)
        document.report(at: key, "unknown key '\(name)' in \(subject)\(near)")
      }
    }
  }
}

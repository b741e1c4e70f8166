import ReviewEngine

/// Readers of single values: each returns nil after it reported what is wrong.
extension YamlDocument {
  /// Text, unless YAML 1.1 would have read it as something else; on one line, but where lines are allowed.
  func text(_ node: Node?, _ what: String, allowsLines: Bool = false) -> String? {
    guard let node else { return nil }
    guard case .scalar(let scalar) = node else {
      report(at: node, "\(what) must be a single value")
      return nil
    }
    if scalar.style == .plain, let reading = yaml11Reading(scalar.string) {
      let what = scalar.string.isEmpty ? "\(what) is empty: put a text that begins with '#' in quotes" : nil
      report(at: node, what ?? "'\(scalar.string)' reads as \(reading): put it in quotes")
      return nil
    }
    // A block of text ends with a line end that nobody meant.
    let text = scalar.style == .block ? scalar.string.trimmingSuffix { $0 == "\n" } : scalar.string
    guard !text.isEmpty else {
      report(at: node, "\(what) must not be empty")
      return nil
    }
    return reportHidden(text, what, at: node, allowsLines: allowsLines) ? nil : text
  }

  private func yaml11Reading(_ text: String) -> String? {
    switch text.lowercased() {
    case "": "nothing"
    case "yes", "no", "on", "off", "y", "n", "true", "false": "true or false in YAML 1.1"
    case "null", "~": "nothing"
    case ".inf", "+.inf", "-.inf", ".nan": "no finite number"
    default:
      sexagesimal(text) ? "a number to the base of 60 in YAML 1.1" : octal(text) ? "an octal number in YAML 1.1" : nil
    }
  }

  // These three look at bytes: a regular expression would be compiled anew for each value of each file.

  /// `[-+]?[0-9]+(:[0-5]?[0-9])+`
  private func sexagesimal(_ text: String) -> Bool {
    let parts = unsigned(text).split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count > 1, let first = parts.first, !first.isEmpty, first.allSatisfy(isDigit) else { return false }
    return parts.dropFirst().allSatisfy { part in
      part.allSatisfy(isDigit)
        && (part.count == 1 || part.count == 2 && part.first.map { $0 <= UInt8(ascii: "5") } ?? false)
    }
  }

  /// `[-+]?0[0-7_]+`
  private func octal(_ text: String) -> Bool {
    let digits = unsigned(text)
    guard digits.count > 1, digits.first == UInt8(ascii: "0") else { return false }
    return digits.dropFirst().allSatisfy {
      (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) || $0 == UInt8(ascii: "_")
    }
  }

  private func unsigned(_ text: String) -> Substring.UTF8View {
    let isSigned = text.utf8.first == UInt8(ascii: "-") || text.utf8.first == UInt8(ascii: "+")
    return (isSigned ? text.dropFirst() : text[...]).utf8
  }

  private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// `[a-z0-9][a-z0-9_-]*`
  private func isIdentifier(_ text: String) -> Bool {
    func isPlain(_ byte: UInt8) -> Bool { isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    guard let first = text.utf8.first, isPlain(first) else { return false }
    return text.utf8.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
  }

  /// The id of something.
  func identifier(_ node: Node?, _ what: String) -> String? {
    guard let id = text(node, what) else { return nil }
    guard isIdentifier(id) else {
      report(
        at: node, "\(what) '\(id)' must be lower-case letters, digits, '-' and '_', beginning with a letter or digit")
      return nil
    }
    return id
  }

  func decimal(_ node: Node?, _ what: String) -> DecimalValue? {
    guard let text = text(node, what) else { return nil }
    guard node?.scalar?.style == .plain, let value = DecimalValue(text) else {
      let isQuoted = DecimalValue(text) != nil
      report(
        at: node,
        isQuoted ? "\(what) must be a number: write \(text) without quotes" : "\(what) must be a number, not '\(text)'")
      return nil
    }
    return value
  }

  func count(_ node: Node?, _ what: String) -> Int? {
    guard let text = text(node, what) else { return nil }
    guard node?.scalar?.style == .plain, let value = Int(text), value >= 0 else {
      report(at: node, "\(what) must be a whole number, not '\(text)'")
      return nil
    }
    return value
  }

  func boolean(_ node: Node?, _ what: String) -> Bool? {
    guard let node else { return nil }
    switch (node.scalar?.style, node.scalar?.string) {
    case (.plain, "true"): return true
    case (.plain, "false"): return false
    default:
      report(at: node, "\(what) must be true or false, not '\(node.scalar?.string ?? "a list or mapping")'")
      return nil
    }
  }

  func day(_ node: Node?, _ what: String) -> Day? {
    guard let text = text(node, what) else { return nil }
    guard let day = Day(text) else {
      report(at: node, "\(what) must be a date such as 2026-03-01, not '\(text)'")
      return nil
    }
    return day
  }

  func elapsed(_ node: Node?, _ what: String) -> Elapsed? {
    guard let text = text(node, what) else { return nil }
    do { return try Elapsed(text) } catch { return failed(node, what, error) }
  }

  func dayAmount(_ node: Node?, _ what: String) -> DayAmount? {
    guard let text = text(node, what) else { return nil }
    do { return try DayAmount(text) } catch { return failed(node, what, error) }
  }

  private func failed<Value>(_ node: Node?, _ what: String, _ error: AmountError) -> Value? {
    report(at: node, "\(what): \(error.message)")
    return nil
  }

  /// One of the words of an enumeration.
  func choice<Choice: RawRepresentable & CaseIterable>(_ node: Node?, _ what: String, _: Choice.Type = Choice.self)
    -> Choice?
  where Choice.RawValue == String {
    guard let text = text(node, what) else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    let words = Choice.allCases.map(\.rawValue)
    report(at: node, notOne(of: words, what, text))
    return nil
  }

  func notOne(of words: [String], _ what: String, _ text: String) -> String {
    "\(what) must be one of \(words.joined(separator: ", ")), not '\(text)'" + suggestions.meant(text, among: words)
  }

  /// A list, with each element's node.
  func list(_ node: Node?, _ what: String) -> [Node]? {
    guard let node else { return nil }
    guard case .sequence(let sequence) = node else {
      report(at: node, "\(what) must be a list")
      return nil
    }
    return sequence.elements
  }

  /// A single value, or a list of them.
  func oneOrMore(_ node: Node?, allowsEmpty: Bool = false) -> [Node]? {
    guard let node else { return nil }
    if case .sequence(let sequence) = node {
      if sequence.elements.isEmpty, !allowsEmpty { report(at: node, "the list is empty") }
      return sequence.elements
    }
    return [node]
  }

  /// The items of a mapping, with keys as text.
  ///
  /// - Parameter example: a short one, for those who wrote something else.
  func mapping(_ node: Node?, _ what: String, example: String? = nil) -> [(key: String, keyNode: Node, value: Node)]? {
    guard let node else { return nil }
    guard case .mapping(let mapping) = node else {
      report(at: node, "\(what) must be a mapping of keys to values\(example.map { ", such as \($0)" } ?? "")")
      return nil
    }
    return mapping.pairs.compactMap { key, value in text(key, "a key").map { ($0, key, value) } }
  }
}

import ReviewEngine

extension Trigger {
  /// In a few words, what asked for the review.
  package var summary: String { evidence.summary }
}

extension Evidence {
  /// In a few words, what was found.
  package var summary: String {
    if let event { return event.summary }
    if let interval { return interval.arithmetic }
    if let reason { return reason }
    return (findings ?? []).tellingWords
  }
}

extension [Finding] {
  /// What the findings that are not false say; where all are, what they all say.
  fileprivate var tellingWords: String {
    let telling = filter { $0.verdict != .false }
    return (telling.isEmpty ? self : telling).map(\.summary).joined(separator: "; ")
  }
}

extension IntervalEvidence {
  /// The whole arithmetic: `every 3 months from 15 Jan (the day of the last review) = 90 days, × 0.5 dissatisfied
  /// (customer satisfaction averaged 3.35 since 15 Jan, below 3.5) = 45 days, due 1 Mar`.
  package var arithmetic: String {
    let shortDue = Day(due).map { due in due.short(besides: Day(anchor) ?? due) } ?? due
    if anchorMeaning == IntervalEvidence.recurrenceMeaning {
      let moved =
        occurrence.flatMap { Day($0) }.map { ", moved from \($0.short(besides: Day(due) ?? $0)) to a working day" }
        ?? ""
      return "\(every), due \(shortDue)\(moved)"
    }
    var text = "every \(every) from \(anchor) (\(anchorMeaning))"
    guard let baseDays, let days, let factors else { return "\(text), due \(shortDue)" }
    text += " = \(counted(baseDays, "day"))"
    let applied = factors.filter { $0.verdict == .true }
    for factor in applied { text += ", × \(factor.multiplyBy) \(factor.words)\(factor.why)" }
    if let limit { text += ", \(limit)" }
    if !applied.isEmpty || limit != nil { text += " = \(counted(days, "day"))" }
    let unknown = factors.filter { $0.verdict == .unknown }
    if !unknown.isEmpty {
      text += "; unknown and not applied: \(unknown.map { $0.words + $0.why }.joined(separator: ", "))"
    }
    return "\(text), due \(shortDue)"
  }
}

extension FactorEvidence {
  fileprivate var words: String { id.replacing("_", with: " ") }

  fileprivate var why: String { findings.isEmpty ? "" : " (\(findings.tellingWords))" }
}

extension EventEvidence {
  fileprivate var summary: String {
    let attributes = attributes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    // The cursor of an entry says nothing to a person.
    let name = source.hasPrefix("journal/") ? "of the journal" : id
    return "\(service.map { "\($0): " } ?? "")\(type) \(name) at \(time)\(attributes.isEmpty ? "" : " (\(attributes))")"
  }
}

extension Finding {
  /// `customer satisfaction averaged 3.35 since 15 Jan, below 3.5 (2 samples)`
  package var summary: String {
    let place = service.map { "\($0): " } ?? ""
    guard comparison != nil else { return place + (reason ?? "\(about) \(verdict.rawValue)") }
    let subject = place + about.replacing("_", with: " ")
    let over = window.map { " \($0)" } ?? ""
    guard verdict != .unknown else { return "\(subject)\(statisticNoun)\(over) is unknown: \(reason ?? "no figures")" }
    let samples = sampleCount.map { statistic == "count" ? "" : " (\(counted($0, "sample")))" } ?? ""
    return "\(subject)\(measured)\(over), \(limit)\(samples)"
  }

  // A target is said as it was agreed, and whether it was met.
  private var limit: String {
    let number = threshold.map(shortNumber) ?? "the target"
    let words = comparison?.replacing("_", with: " ") ?? ""
    if asksWhetherMissed == true { return "target \(words) \(number) \(verdict == .true ? "missed" : "met")" }
    return
      "\(verdict == .true ? "" : "not ")\(words == "equals" ? "exactly" : words) \(isTarget == true ? "the target " : "")\(number)"
  }

  private var measured: String {
    let number = value.map(shortNumber) ?? "?"
    return switch statistic {
    case nil, "latest": " is \(number)"
    case "average": " averaged \(number)"
    case "time_average": " averaged \(number) over time"
    case "count": sampleCount == nil ? ": \(number)" : ": \(number) samples"
    case "difference": " changed by \(number)"
    case "sum": " summed to \(number)"
    case let other?: " had \(other == "minimum" || other == "maximum" ? "a \(other)" : other) of \(number)"
    }
  }

  private var statisticNoun: String {
    switch statistic {
    case nil, "latest": ""
    case let other?: " (\(other.replacing("_", with: " ")))"
    }
  }
}

/// A number as a person reads it: whole where it is whole, else at most six significant digits.
package func shortNumber(_ number: Double) -> String {
  if number == number.rounded(), abs(number) < 1e15 { return String(Int64(number)) }
  guard abs(number) >= 0.001, abs(number) < 1e6 else { return "\(number)" }
  let decimals = abs(number) >= 1000 ? 2 : abs(number) >= 10 ? 3 : 4
  var scaled = String(Int64((number * pow10(decimals)).rounded()).magnitude)
  scaled = String(repeating: "0", count: max(0, decimals + 1 - scaled.count)) + scaled
  var text = "\(scaled.dropLast(decimals)).\(scaled.suffix(decimals))"
  while text.hasSuffix("0") { text.removeLast() }
  if text.hasSuffix(".") { text.removeLast() }
  return number < 0 ? "-\(text)" : text
}

private func pow10(_ exponent: Int) -> Double { (0..<exponent).reduce(1) { product, _ in product * 10 } }

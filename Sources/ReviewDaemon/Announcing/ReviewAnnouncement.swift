import ReviewEngine
import ReviewStore

/// The journal fields of an announcement about a review.
struct ReviewAnnouncement {
  let kind: AnnouncementKind
  let review: StoredReview
  let ruleSet: RuleSet
  var trigger: Trigger?
  /// What is said beyond the kind: a reason, a former due day.
  var detail = ""

  var fields: [String: [String]] {
    var fields: [String: [String]] = [
      "MESSAGE": [message], "MESSAGE_ID": [kind.messageId], "PRIORITY": [priority], "REVIEWD_REVIEW": [review.id],
      "REVIEWD_SERVICE": review.services, "REVIEWD_DUE": [review.due.description], "REVIEWD_STATE": [review.state.rawValue],
    ]
    if let rule = trigger?.rule ?? review.rule { fields["REVIEWD_RULE"] = [rule] }
    if let trigger { fields["REVIEWD_TRIGGER"] = [trigger.summary] }
    let people = stakeholders
    if !people.isEmpty { fields["REVIEWD_STAKEHOLDER"] = people }
    return fields
  }

  private var message: String {
    let subject = "The service review of \(names) (\(review.title))"
    let because = trigger.map { ": \($0.summary)" } ?? ""
    return switch kind {
    case .opened: "\(subject) is due on \(review.due)\(because).\(detail)"
    case .joined: "\(subject) has one more reason\(because)."
    case .dueChanged: "\(subject) is now due on \(review.due), \(detail)."
    case .scheduled: "\(subject) will be held at \(detail)."
    case .conducted: "\(subject) was held."
    case .completed: "\(subject) is completed.\(detail)"
    case .cancelled: "\(subject) is cancelled: \(detail)."
    case .rulesRefused, .clockSet: detail
    }
  }

  private var names: String { review.services.map { ruleSet.service($0)?.name ?? $0 }.joined(separator: ", ") }

  // syslog's levels: warning, notice, informational.
  private var priority: String {
    guard kind == .opened || kind == .dueChanged else { return "6" }
    return review.priority == .high ? "4" : review.priority == .normal ? "5" : "6"
  }

  private var stakeholders: [String] {
    var people: [String] = []
    for service in review.services.compactMap({ ruleSet.service($0) }) {
      let customer = service.customer.flatMap { ruleSet.customer($0) }
      for role in service.stakeholders.roles + (customer?.stakeholders.roles ?? []) {
        people += role.people.filter { !people.contains($0) }
      }
    }
    return people
  }
}

extension Trigger {
  /// In a few words, what asked for the review.
  package var summary: String { evidence.summary }
}

extension Evidence {
  /// In a few words, what was found.
  package var summary: String {
    if let event { return event.summary }
    if let interval { return "every \(interval.every) from \(interval.anchor), \(interval.anchorMeaning)" }
    if let reason { return reason }
    let telling = (findings ?? []).filter { $0.verdict != .false }
    return (telling.isEmpty ? findings ?? [] : telling).map(\.summary).joined(separator: "; ")
  }
}

extension EventEvidence {
  fileprivate var summary: String {
    let attributes = attributes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    return "\(type) \(id) at \(time)\(attributes.isEmpty ? "" : " (\(attributes))")"
  }
}

extension Finding {
  /// `average of availability is 98.2, below 99 (720 samples)`
  package var summary: String {
    guard let comparison else { return "\(about) \(verdict.rawValue)" }
    let subject = statistic.map { $0 == "latest" ? about : "\($0) of \(about)" } ?? about
    let limit = "\(comparison.replacing("_", with: " ")) \(threshold.map(shortNumber) ?? "the target")"
    guard verdict != .unknown else { return "\(subject) is unknown: \(reason ?? "no figures")" }
    let samples = sampleCount.map { " (\(counted($0, "sample")))" } ?? ""
    return "\(subject) is \(value.map(shortNumber) ?? "?"), \(verdict == .true ? "" : "not ")\(limit)\(samples)"
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

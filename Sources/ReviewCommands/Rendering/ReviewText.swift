import ReviewAPI
import ReviewEngine

/// Everything about one review, as text.
struct ReviewText {
  let detail: ReviewDetail
  let saying: Saying
  let width: Int

  init(_ detail: ReviewDetail, saying: Saying = Saying(), terminal: Terminal = .output) {
    self.detail = detail
    self.saying = saying.inZone(detail.review.zone)
    width = min(terminal.width, 100)
  }

  var lines: [String] {
    let parts = [head, why, agenda, people, history, hint]
    return Array(parts.filter { !$0.isEmpty }.joined(separator: [""]))
  }

  private var review: ReviewBody { detail.review }

  private var head: [String] {
    var fields: [(String, String)] = [
      ("services", review.services.joined(separator: ", ") + (review.customer.map { " (all of \($0))" } ?? "")),
      ("state", state),
      ("due", saying.due(review.due)),
      ("opened", saying.time(review.opened)),
      ("period", "from \(saying.date(ofDay: detail.periodStart)) to \(periodEnd)"),
    ]
    if review.zone != "UTC" { fields.append(("time zone", review.zone)) }
    if review.priority != "normal" { fields.append(("priority", review.priority)) }
    if let time = review.scheduled { fields.append(("meeting", saying.time(time))) }
    if let time = review.conducted { fields.append(("held", saying.time(time))) }
    if let outcome = detail.outcome { fields.append(("outcome", outcome)) }
    if let reason = detail.cancellationReason { fields.append(("cancelled", reason)) }
    if let number = detail.customerSatisfaction { fields.append(("customer", "satisfaction \(plain(number)) of 5")) }
    if let number = detail.providerSatisfaction { fields.append(("provider", "satisfaction \(plain(number)) of 5")) }
    return ["\(review.title)  \(review.id)".bold()] + fields.flatMap { field($0.0, $0.1) }
  }

  private var state: String { review.overdue ? "\(review.state), overdue".coloured(.late) : review.state }

  private var periodEnd: String { detail.periodEnd.map { saying.date(ofDay: $0) } ?? "the day it is held" }

  private func field(_ name: String, _ value: String) -> [String] {
    let wrapped = value.wrapped(to: max(20, width - 13))
    return wrapped.enumerated().map { "  " + ($0 == 0 ? name : "").padded(to: 10) + " " + $1 }
  }

  // MARK: Why

  private var why: [String] { ["Why".bold()] + detail.triggers.flatMap(trigger) + more(detail.triggersLeftOut) }

  private func more(_ count: Int?) -> [String] {
    count.map { ["  … and \(grouped($0)) more: reviewctl show \(review.shortId) --all"] } ?? []
  }

  private func trigger(_ trigger: TriggerBody) -> [String] {
    let heading = "\(saying.time(trigger.at))  \(trigger.rule.map { "rule \($0)" } ?? "by hand")"
    var lines = ["  \(heading)"] + indented(trigger.summary)
    let factors = (trigger.evidence.interval?.factors ?? []).filter { $0.verdict == "true" }.flatMap(\.findings)
    lines += (factors + (trigger.evidence.findings ?? [])).flatMap { indented(finding($0), by: 6) }
    if let since = trigger.evidence.trueSince, since != trigger.at {
      lines += indented("true since \(saying.time(since))", by: 6)
    }
    if let until = trigger.evidence.event?.keptUntil {
      lines += indented("kept by a cooldown until \(saying.time(until))", by: 6)
    }
    return lines
  }

  private func finding(_ finding: EvidenceBody.Finding) -> String {
    var parts: [String] = []
    if let start = finding.windowStart, let end = finding.windowEnd {
      parts.append("from \(saying.time(start)) to \(saying.time(end))")
    }
    if let count = finding.sampleCount { parts.append(counted(count, "sample")) }
    if let newest = finding.newestSample { parts.append("newest \(saying.time(newest))") }
    if finding.isTarget == true { parts.append("the threshold is the agreed target") }
    let place = finding.service.map { "\($0): " } ?? ""
    return "\(place)\(finding.about): \(finding.verdict)\(parts.isEmpty ? "" : "; ")\(parts.joined(separator: ", "))"
  }

  private func indented(_ text: String, by indentation: Int = 4) -> [String] {
    text.wrapped(to: max(20, width - indentation)).map { String(repeating: " ", count: indentation) + $0 }
  }

  // MARK: The rest

  private var agenda: [String] {
    detail.agenda.isEmpty ? [] : ["To discuss".bold()] + detail.agenda.map { "  \($0.replacing("_", with: " "))" }
  }

  private var people: [String] {
    detail.stakeholders.isEmpty
      ? []
      : ["Who".bold()]
        + detail.stakeholders.flatMap { role in
          field(role.role.replacing("_", with: " "), role.people.joined(separator: ", "))
        }
  }

  private var history: [String] {
    let first = detail.history.prefix(detail.historyLeftOutAfter ?? detail.history.count)
    let rest = detail.history.dropFirst(first.count)
    return ["History".bold()] + first.flatMap(entry) + more(detail.historyLeftOut) + rest.flatMap(entry)
  }

  private func entry(_ entry: HistoryBody) -> [String] {
    let change = [entry.from, entry.to].compactMap { $0 }.joined(separator: " → ")
    let text = "\(saying.time(entry.at))  \(entry.who): \(entry.what)\(change.isEmpty ? "" : " (\(change))")"
    return ["  \(text)"] + (entry.why.map { indented($0) } ?? [])
  }

  private var hint: [String] {
    switch review.state {
    case "pending": ["next: reviewctl schedule \(review.shortId) --at 'tomorrow 10:00'"]
    case "scheduled": ["next: reviewctl conduct \(review.shortId)"]
    case "conducted": ["next: reviewctl complete \(review.shortId) --outcome '…'"]
    default: []
    }
  }
}

/// A number without decimals that say nothing.
func plain(_ number: Double) -> String {
  number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : "\((number * 1000).rounded() / 1000)"
}

/// A whole number with its thousands set apart: `11,970`.
func grouped(_ number: Int) -> String {
  var rest = String(number)[...]
  var groups: [Substring] = []
  while rest.count > 3 {
    groups.insert(rest.suffix(3), at: 0)
    rest = rest.dropLast(3)
  }
  return ([rest] + groups).joined(separator: ",")
}

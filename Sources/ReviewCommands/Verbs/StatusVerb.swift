import ArgumentParser
import ReviewAPI
import ReviewEngine

struct StatusVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "How the daemon is: rules, store, reviews, and what was counted.")

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let status = try await global.client.status()
    try global.show(status) { lines(status, Saying()) }
  }

  private func lines(_ status: StatusBody, _ saying: Saying) -> [String] {
    let counts = ["pending", "scheduled", "conducted", "overdue", "completed", "cancelled"].compactMap { state in
      status.reviews[state].flatMap { $0 > 0 ? "\($0) \(state)" : nil }
    }
    let fields: [(String, String)] = [
      ("reviewd", "\(status.version), running since \(saying.time(status.started))"),
      (
        "rules",
        "\(counted(status.rules.rules, "rule")) for \(counted(status.rules.services, "service")), loaded \(saying.time(status.rules.loaded))"
      ),
      ("fingerprint", status.rules.fingerprint), ("reviews", counts.isEmpty ? "none" : counts.joined(separator: ", ")),
      (
        "store",
        "\(counted(status.store.samples, "sample")) in \(status.store.series) series, \(counted(status.store.events, "event"))"
      ),
      ("database", status.store.path), ("announcements", "\(status.store.unsentAnnouncements) waiting"),
      ("next evaluation", status.nextInstant.map { saying.time($0) } ?? "upon the next event"),
    ]
    return fields.map { "  " + $0.padded(to: 18) + $1 } + counters(status) + findings(status)
  }

  private func counters(_ status: StatusBody) -> [String] {
    let words = [
      "caught_up_instants": "rule instants caught up after downtime",
      "skipped_instants": "rule instants too old to catch up",
      "events_too_old": "events too old to trigger", "unknown_conditions": "conditions found unknown",
      "lacking_attributes": "events that lacked an attribute", "journal_events": "entries of the journal became events",
      "announcements_refused": "announcements that the journal refused",
      "samples_forgotten": "samples older than they are kept",
      "events_forgotten": "events older than they are kept",
    ]
    return status.counters.sorted { $0.key < $1.key }.filter { $0.value > 0 }.map {
      "  " + "counted".padded(to: 18) + "\($0.value) \(words[$0.key] ?? $0.key)"
    }
  }

  private func findings(_ status: StatusBody) -> [String] {
    var lines: [String] = []
    if let trouble = status.store.trouble {
      lines += ["", "Nothing is taken now:".coloured(.late)] + trouble.textLines
    }
    if !status.rules.problems.isEmpty {
      lines +=
        ["", "The rule files have errors; the rules above stay in force until these are mended:".coloured(.late)]
        + status.rules.problems.flatMap(\.textLines)
    }
    if !status.rules.warnings.isEmpty { lines += [""] + status.rules.warnings.flatMap(\.textLines) }
    return lines
  }
}

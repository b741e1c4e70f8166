import ReviewAPI
import ReviewEngine
import ReviewStore

/// What the daemon counts, in the text format of OpenMetrics 1.0.
struct Metrics {
  let overview: Keeper.Overview
  let store: Store
  let keeper: Keeper
  let now: Instant
  let hits: LimitHits

  /// The counters of the store and what they count.
  private static let counters = [
    ("announcements_refused", "Announcements that the journal refused as they were."),
    ("caught_up_instants", "Grid instants of rules that were evaluated late."),
    ("events_forgotten", "Events older than they have to be kept."),
    ("events_too_old", "Events older than catch_up when they arrived."),
    ("journal_events", "Entries of the journal that became events."),
    ("samples_forgotten", "Samples older than they have to be kept."),
    ("skipped_instants", "Grid instants of rules older than catch_up."),
  ]

  func text() throws -> String {
    try store.read { snapshot in
      let (sizes, counted, tallies) = (try snapshot.sizes(), try snapshot.counters(), try snapshot.ruleTallies())
      var lines = family(
        "reviewd_build", "info", "The version that runs.", [("_info{version=\"\(reviewdVersion)\"}", 1)])
      lines += gauge("reviewd_start_time_seconds", "When the daemon was started.", seconds(keeper.started))
      lines += gauge("reviewd_rules", "Rules in force.", Double(overview.ruleSet.rules.count))
      lines += gauge("reviewd_services", "Services in the catalogue.", Double(overview.ruleSet.services.count))
      lines += gauge(
        "reviewd_rule_problems", "Errors in the files on disk; the rules before stay in force.",
        Double(overview.rulesInForce.problems.count))
      lines += gauge(
        "reviewd_rules_loaded_time_seconds", "When the rules in force were read.", seconds(overview.rulesInForce.loaded)
      )
      if let through = overview.evaluatedThrough {
        lines += gauge(
          "reviewd_evaluated_through_time_seconds", "Through when conditions are evaluated.", seconds(through))
      }
      lines += try reviews(snapshot)
      lines += gauge(
        "reviewd_announcements_waiting", "Announcements that wait for the journal.",
        Double(try snapshot.untoldCount(of: keeper)))
      lines += gauge("reviewd_series", "Series of samples.", Double(sizes.series))
      lines += gauge("reviewd_samples", "Samples that are kept.", Double(sizes.samples))
      lines += gauge("reviewd_events", "Events that are kept.", Double(sizes.events))
      lines += gauge("reviewd_database_bytes", "Size of the database with its log.", Double(store.byteCount))
      for (name, help) in Self.counters { lines += counter("reviewd_\(name)", help, counted[name] ?? 0) }
      lines += counter(
        "reviewd_unknown_conditions", "Conditions found unknown.", tallies.values.reduce(0) { $0 + $1.unknownCount })
      lines += counter(
        "reviewd_lacking_attributes", "Events that lacked an attribute that a rule asked for.",
        tallies.values.reduce(0) { $0 + $1.lackingAttributeCount })
      lines += family(
        "reviewd_limit_hits", "counter", "How often a limit of the settings was hit.",
        hits.counts.map { ("_total{limit=\"\($0.kind.rawValue)\"}", Double($0.count)) })
      return (lines + ["# EOF"]).joined(separator: "\n") + "\n"
    }
  }

  private func reviews(_ snapshot: StoreSnapshot) throws -> [String] {
    let counts = try snapshot.reviewCounts()
    let states = ReviewState.allCases.map { ("{state=\"\($0.rawValue)\"}", Double(counts[$0] ?? 0)) }
    let overdue = try Presentation(ruleSet: overview.ruleSet, now: now).overdueCount(snapshot)
    return family("reviewd_reviews", "gauge", "Reviews by state.", states)
      + gauge("reviewd_reviews_overdue", "Open reviews after their due day.", Double(overdue))
  }

  private func family(_ name: String, _ type: String, _ help: String, _ samples: [(suffix: String, value: Double)])
    -> [String]
  {
    ["# TYPE \(name) \(type)", "# HELP \(name) \(help)"] + samples.map { "\(name)\($0.suffix) \(number($0.value))" }
  }

  private func gauge(_ name: String, _ help: String, _ value: Double) -> [String] {
    family(name, "gauge", help, [("", value)])
  }

  private func counter(_ name: String, _ help: String, _ value: Int) -> [String] {
    family(name, "counter", help, [("_total", Double(value))])
  }

  private func number(_ value: Double) -> String { value == value.rounded() ? "\(Int64(value))" : "\(value)" }

  private func seconds(_ instant: Instant) -> Double { Double(instant.milliseconds) / 1000 }

}

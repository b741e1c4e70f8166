import Logging
import ReviewEngine
import ReviewFiles
import ReviewStore

extension Keeper {
  private static let retentionPeriod = Elapsed.hours(24)
  /// Small enough that no event waits long for it.
  private static let batchCount = 500

  /// Forgets a little of what is older than it has to be kept, once a day until nothing is left.
  ///
  /// - Returns: whether there is more.
  func forgetWhatIsOld(at now: Instant) throws -> Bool {
    guard settings.sampleRetention != nil || settings.eventRetention != nil,
      now >= nextRetention || nextRetention - now > Self.retentionPeriod
    else { return false }
    let (samples, events) = try write { transaction in
      let samples =
        try settings.sampleRetention.map { try transaction.forgetSamples(before: now - $0, limit: Self.batchCount) }
        ?? 0
      let events =
        try settings.eventRetention.map { try transaction.forgetEvents(before: now - $0, limit: Self.batchCount) } ?? 0
      try transaction.add(samples, toCounter: "samples_forgotten")
      try transaction.add(events, toCounter: "events_forgotten")
      return (samples, events)
    }
    if samples + events > 0 {
      logger.debug(
        "\(counted(samples, "sample")) and \(counted(events, "event")) older than they have to be kept are forgotten")
      return true
    }
    nextRetention = now + Self.retentionPeriod
    return false
  }

  /// When it has to be looked again; nil where all is kept for ever.
  var retentionInstant: Instant? {
    settings.sampleRetention == nil && settings.eventRetention == nil ? nil : nextRetention
  }
}

extension RuleSet {
  /// The rules that look back further than what they look at is kept.
  func warnings(_ settings: Settings) -> [String] {
    rules.flatMap { rule in
      rule.allLeaves.compactMap { leaf -> String? in
        switch leaf {
        case .indicator(let condition):
          warning(rule, "samples", [condition.measurement.window], settings.sampleRetention)
        case .target:
          warning(rule, "samples", services.flatMap(\.targets).map(\.measurement.window), settings.sampleRetention)
        case .event(let condition): warning(rule, "events", [condition.window], settings.eventRetention)
        case .review, .service, .allOf, .anyOf, .noneOf: nil
        }
      }
    }
  }

  private func warning(_ rule: Rule, _ what: String, _ windows: [Window?], _ kept: Elapsed?) -> String? {
    guard let kept, let longest = windows.compactMap({ $0?.longestElapsed }).max(), longest > kept else { return nil }
    return "warning: the rule '\(rule.id)' looks back up to \(longest), and \(what) are kept for \(kept) only"
  }
}

extension Window {
  /// How far back it can reach, as far as its length is known.
  fileprivate var longestElapsed: Elapsed? {
    switch self {
    case .inLast(let elapsed): elapsed
    case .current(let period): .days(period.longestDayCount)
    case .last(let period): .days(2 * period.longestDayCount)
    case .sinceLastReview, .sinceAnyReview: nil
    }
  }
}

extension Period {
  fileprivate var longestDayCount: Int64 {
    switch self {
    case .month: 31
    case .quarter: 92
    case .year: 366
    }
  }
}

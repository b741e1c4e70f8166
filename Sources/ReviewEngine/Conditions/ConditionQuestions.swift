/// The answers of the outside world to one rule's condition, for all services asked at once: a row for each leaf that
/// needs one, in the order of the leaves.
struct ConditionAnswers {
  enum Row {
    case series([SeriesAnswer])
    case events([EventCount])
    /// Reviews and service attributes are state and arguments: nothing is asked.
    case none
  }

  let rows: [Row]

  /// Asks for every leaf of a condition over all subjects at once.
  init(_ leaves: [Condition], of rule: Rule, for subjects: [Subject], at instant: Instant, from source: inout some SeriesSource) throws {
    var rows: [Row] = []
    for leaf in leaves {
      switch leaf {
      case .indicator(let condition):
        let windows = subjects.map { $0.window(condition.window, of: rule, at: instant) }
        rows.append(.series(try source.statistics(condition.statistic, of: condition.indicator, over: windows)))
      case .event(let condition):
        let windows = subjects.map { $0.window(condition.window, of: rule, at: instant) }
        rows.append(.events(try source.eventCounts(of: condition.type, matching: condition.matches, over: windows)))
      default: rows.append(.none)
      }
    }
    self.rows = rows
  }
}

extension Subject {
  /// The stretch of time that a window means for this service; without a window, all of the past.
  func window(_ window: Window?, of rule: Rule, at instant: Instant) -> ServiceWindow {
    let after: Instant =
      switch window {
      case nil: .distantPast
      case .inLast(let elapsed): instant - elapsed
      case .sinceLastReview: beforeStart(progress[rule.id]?.lastCompletion)
      case .sinceAnyReview: beforeStart(lastCompletion)
      }
    return ServiceWindow(service: service.id, after: after, through: instant)
  }

  // The window is closed at its start and instants are whole milliseconds, so it is open at the millisecond before.
  private func beforeStart(_ closing: Closing?) -> Instant {
    let start = closing?.conducted ?? service.zone.start(of: service.inServiceSince ?? firstLoadedOn)
    return Instant(milliseconds: start.milliseconds - 1)
  }
}

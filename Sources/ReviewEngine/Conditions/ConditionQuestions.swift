/// The answers of the outside world to the leaves of conditions, for all services asked at once: a row for each leaf, in the order of
/// the leaves, with one place for each participant.
struct ConditionAnswers {
  enum Row {
    case series([SeriesAnswer])
    case events([EventCount])
    /// For each participant the answers to its targets, in the order of `TargetQuestion.all`.
    case targets([[SeriesAnswer]])
    /// Reviews and service attributes are state and arguments: nothing is asked.
    case none
  }

  let rows: [Row]

  /// Asks for every leaf over all participants at once.
  init(
    _ leaves: [Condition], for participants: [Participant], at instant: Instant, from source: inout some SeriesSource
  ) throws {
    var rows: [Row] = []
    for leaf in leaves {
      switch leaf {
      case .indicator(let condition):
        let windows = participants.map { $0.window(condition.measurement.window, at: instant) }
        rows.append(.series(try source.statistics(condition.measurement.statistic, of: condition.indicator, over: windows)))
      case .event(let condition):
        let windows = participants.map { $0.window(condition.window, at: instant) }
        rows.append(.events(try source.eventCounts(of: condition.type, matching: condition.matches, over: windows)))
      case .target(let condition): rows.append(.targets(try Self.ask(condition, participants, instant, &source)))
      case .review, .service, .allOf, .anyOf, .noneOf: rows.append(.none)
      }
    }
    self.rows = rows
  }

  /// Targets differ from service to service: those with the same statistic of the same indicator are asked together.
  private static func ask(
    _ condition: TargetCondition, _ participants: [Participant], _ instant: Instant, _ source: inout some SeriesSource
  ) throws -> [[SeriesAnswer]] {
    var answers = participants.map { TargetQuestion.all(condition, $0, at: instant).map { ($0, SeriesAnswer?.none) } }
    var places: [(kind: Kind, participant: Int, index: Int)] = []
    for (participant, questions) in answers.enumerated() {
      for (index, question) in questions.enumerated() {
        let measurement = question.0.target.measurement
        places.append((Kind(statistic: measurement.statistic, indicator: measurement.indicator), participant, index))
      }
    }
    var asked: [Kind] = []
    for place in places where !asked.contains(place.kind) {
      asked.append(place.kind)
      let same = places.filter { $0.kind == place.kind }
      let windows = same.map { answers[$0.participant][$0.index].0.window }
      let found = try source.statistics(place.kind.statistic, of: place.kind.indicator, over: windows)
      for (place, answer) in zip(same, found) { answers[place.participant][place.index].1 = answer }
    }
    return answers.map { $0.compactMap(\.1) }
  }

  private struct Kind: Hashable {
    let statistic: Statistic
    let indicator: String
  }
}

/// One target over one stretch of time.
struct TargetQuestion {
  let target: Target
  let window: ServiceWindow
  /// Which of the past periods it is about, from 0, the last one; nil for the target's own window.
  let period: Int?

  /// Every target that a condition means, for each period that it means.
  static func all(_ condition: TargetCondition, _ participant: Participant, at instant: Instant) -> [TargetQuestion] {
    let targets = condition.targets(of: participant.service)
    guard let repeated = condition.repeated else {
      return targets.map {
        TargetQuestion(target: $0, window: participant.window($0.measurement.window, at: instant), period: nil)
      }
    }
    return (0..<repeated.ofLast).flatMap { period in
      let window = participant.window(of: repeated.period, before: period, at: instant)
      return targets.map { TargetQuestion(target: $0, window: window, period: period) }
    }
  }
}

/// A service of a subject whose condition is asked.
struct Participant {
  /// The subject's place among those that are evaluated.
  let subjectIndex: Int
  let service: Service
  /// The last completed review of the rule.
  private let lastOfRule: Closing?
  private let lastOfAny: Closing?
  private let firstLoadedOn: Day

  init(_ subject: Subject, at subjectIndex: Int, service: Service, rule: Rule?, lastOfAny: Closing?) {
    self.subjectIndex = subjectIndex
    self.service = service
    lastOfRule = rule.flatMap { subject.progress[$0.id]?.lastCompletion }
    self.lastOfAny = lastOfAny
    firstLoadedOn = subject.firstLoadedOn
  }

  /// The stretch of time that a window means; without a window, all of the past.
  func window(_ window: Window?, at instant: Instant) -> ServiceWindow {
    let after: Instant
    switch window {
    case nil: after = .distantPast
    case .inLast(let elapsed): after = instant - elapsed
    case .sinceLastReview: return since(lastOfRule, instant)
    case .sinceAnyReview: return since(lastOfAny, instant)
    case .current(let period):
      let start = service.zone.start(of: period.start(of: service.zone.day(of: instant)))
      return ServiceWindow(service: service.id, after: start.before, through: instant, isClosed: true)
    case .last(let period): return self.window(of: period, before: 0, at: instant)
    }
    return ServiceWindow(service: service.id, after: after, through: instant)
  }

  /// A whole past period: the last one, or the one `count` before it.
  func window(of period: Period, before count: Int, at instant: Instant) -> ServiceWindow {
    let current = period.start(of: service.zone.day(of: instant))
    let start = service.zone.start(of: current.adding(months: -period.months * (count + 1)))
    let end = service.zone.start(of: current.adding(months: -period.months * count))
    return ServiceWindow(service: service.id, after: start.before, through: end.before)
  }

  private func since(_ closing: Closing?, _ instant: Instant) -> ServiceWindow {
    let start = closing?.conducted ?? service.zone.start(of: service.inServiceSince ?? firstLoadedOn)
    return ServiceWindow(service: service.id, after: start.before, through: instant, isClosed: true)
  }
}

extension Service {
  /// The stretch of time that a target's window means.
  package func window(_ window: Window?, at instant: Instant) -> ServiceWindow {
    let subject = Subject(service: self, firstLoadedOn: zone.day(of: instant))
    return Participant(subject, at: 0, service: self, rule: nil, lastOfAny: nil).window(window, at: instant)
  }
}

extension Instant {
  // Instants are whole milliseconds: a window that is closed at its start is open at the millisecond before.
  fileprivate var before: Instant { Instant(milliseconds: milliseconds - 1) }
}

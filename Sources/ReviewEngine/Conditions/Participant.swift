/// A service of a subject whose condition is asked.
final class Participant: Sendable {
  /// The subject's place among those that are evaluated.
  let subjectIndex: Int
  let service: Service
  /// The last completed review of the rule.
  private let lastOfRule: Closing?
  private let lastOfAny: Closing?
  private let firstLoadedOn: Day

  init(_ subject: Subject, at subjectIndex: Int, service: Service, rule: String?, lastOfAny: Closing?) {
    self.subjectIndex = subjectIndex
    self.service = service
    lastOfRule = rule.flatMap { subject.progress[$0]?.lastCompletion }
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

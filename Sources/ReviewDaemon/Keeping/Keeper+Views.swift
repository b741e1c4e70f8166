import Logging
import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewStore

/// What the faces ask of the keeper beyond the store.
extension Keeper {
  /// Where the rules came from, and the instants that come next.
  package struct Overview: Sendable {
    package let ruleSet: RuleSet
    package let rulesInForce: RulesInForce
    package let evaluatedThrough: Instant?
    package let nextInstant: Instant?
  }

  package func overview() -> Overview {
    let grid = evaluation.nextGridInstant(after: gridThrough)
    let own = wakes.next()
    let through = ruleSet.rules.contains { $0.gridStep != nil } ? gridThrough : nil
    return Overview(
      ruleSet: ruleSet, rulesInForce: rulesInForce, evaluatedThrough: through, nextInstant: [grid, own].compactMap { $0 }.min())
  }

  package func subject(_ service: String) -> Subject? { subjects[service] }

  /// All subjects in the order of their services' ids.
  package func allSubjects() -> [Subject] { services.compactMap { subjects[$0] } }

  /// The coming interval reviews of a subject that are not open yet, in the order of due day.
  package func upcoming(_ subject: Subject) -> [UpcomingReview] {
    let today = subject.service.zone.day(of: clock.now())
    return evaluation.rules(for: subject.service.id).compactMap { rule in
      guard case .interval(let cause) = rule.cause, subject.openReview(ofRule: rule.id) == nil else { return nil }
      let schedule = IntervalSchedule(cause, progress: subject.progress(of: rule, meetingOn: today), subject: subject)
      return UpcomingReview(
        service: subject.service.id, rule: rule.id, title: rule.title, opens: schedule.opens.description, due: schedule.due.description,
        because: schedule.evidence(cause).arithmetic)
    }.sorted { ($0.due, $0.rule) < ($1.due, $1.rule) }
  }

  /// Called by the watchdog: answers only if the keeper still works.
  package func beat() {}

  /// Tells once that the wall clock was set.
  package func noteClockSet(by change: Elapsed) throws {
    let direction = change > .zero ? "forward" : "back"
    let size = Elapsed(milliseconds: Int64(change.milliseconds.magnitude) / 1000 * 1000)
    let message = "The clock was set \(direction) by \(size). Evaluation goes on and never repeats an instant."
    logger.warning("\(message)")
    try undertake([], at: clock.now()) { undertaking in
      try undertaking.announce(.clockSet, ["MESSAGE": [message], "MESSAGE_ID": [AnnouncementKind.clockSet.messageId], "PRIORITY": ["4"]])
    }
  }
}

extension IntervalEvidence {
  /// `every 3 months from 2026-01-15 (the day of the last review)`
  var arithmetic: String { "every \(every) from \(anchor) (\(anchorMeaning))" }
}

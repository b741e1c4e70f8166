import Logging
import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewStore
import ReviewWords

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
    Overview(
      ruleSet: ruleSet, rulesInForce: rulesInForce, evaluatedThrough: scheduler.hasGrid ? scheduler.gridThrough : nil,
      nextInstant: scheduler.next())
  }

  /// What `systemctl status` shows: what is wrong if something is, what is in force, and what comes next.
  package func statusText() -> String {
    let overview = overview()
    let problems = overview.rulesInForce.problems.count
    return [
      store.trouble.map { "nothing is taken: \($0.message)" },
      problems > 0 ? "\(counted(problems, "error")) in the rules: the old ones stay in force" : nil,
      lastFailure.map { "evaluation failed and is tried again: \($0)" },
      readers.waits ? "announcements wait for the journal" : nil,
      journalProblem.map { "entries of the journal wait: \($0)" },
      "\(counted(overview.ruleSet.rules.count, "rule")) for \(counted(overview.ruleSet.services.count, "service"))",
      overview.nextInstant.map { "next evaluation at \($0)" } ?? "waiting for events",
    ].compactMap { $0 }.joined(separator: "; ")
  }

  package func subject(_ key: SubjectID) -> Subject? { subjects[key] }

  /// All subjects: services by id, then customers by id.
  package func allSubjects() -> [Subject] { subjectOrder.compactMap { subjects[$0] } }

  /// The subjects as they are now, for whoever works something out of them without keeping the keeper.
  package func catalogue() -> Catalogue { Catalogue(evaluation: evaluation, subjects: subjects, now: clock.now()) }

  /// Called by the watchdog: answers only if the keeper still works.
  package func beat() {}

  /// Tells once that the wall clock was set.
  package func noteClockSet(by change: Elapsed) throws {
    // Two clocks are read one after the other: what is between them is not what somebody set.
    let seconds = (change.milliseconds + (change > .zero ? 500 : -500)) / 1000
    try tellOfTheClock(.by(Elapsed(milliseconds: seconds * 1000)))
  }

  /// Tells at a start that the clock was set back while the daemon did not run.
  func noteClockBehind() throws {
    let now = clock.now()
    guard scheduler.hasGrid, scheduler.gridThrough - now > Self.toleratedLateness else { return }
    try tellOfTheClock(.behind(scheduler.gridThrough))
  }

  private func tellOfTheClock(_ change: ClockChange) throws {
    let content = Fact.Content.clockSet(change)
    logger.warning("\(content.daemonWords)")
    try record(content)
  }

  /// Writes down what happened to the daemon itself.
  func record(_ content: Fact.Content) throws {
    let now = clock.now()
    try undertake([], at: now) { try $0.record([Fact(at: now, by: .daemon, content)]) }
  }
}

extension UpcomingReview {
  init(_ subject: SubjectID, services: [String], rule: Rule, opens: Instant, due: Day, because: String) {
    self.init(
      service: subject.service, customer: subject.customer, services: services, rule: rule.id, title: rule.title,
      opens: opens.description,
      due: due.description, because: because)
  }
}

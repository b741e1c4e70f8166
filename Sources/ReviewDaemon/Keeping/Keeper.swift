import Logging
import ReviewEngine
import ReviewFiles
import ReviewStore

/// Holds the rules in force and the state of all subjects, and is the only one that changes the store: one thing after another.
package actor Keeper {
  /// Reads which entries of the journal are events, anew with each set of rules that they refer to.
  package typealias JournalSourcesReading = @Sendable (RuleSet) -> (sources: [JournalSource], diagnostics: [Diagnostic])

  let store: Store
  let clock: any WallClock
  let settings: Settings
  let logger: Logger
  private let announcer: Announcer
  /// Called when an earlier instant may have come up.
  private let onChange: @Sendable () -> Void
  /// Called when other entries of the journal may be events.
  let onJournalSources: @Sendable () -> Void

  var evaluation = Evaluation(ruleSet: RuleSet(services: [], indicators: [], eventTypes: [], rules: []))
  var subjects: [String: Subject] = [:]
  /// The subjects' keys: services by id, then customers by id.
  var subjectOrder: [String] = []
  var wakes = WakeSchedule()
  /// Through which instant each condition rule is evaluated.
  var evaluatedThrough: [String: Instant] = [:]
  /// The last grid instant of all rules that was evaluated or skipped.
  var gridThrough = Instant.distantPast
  var rulesInForce = RulesInForce()
  /// The entries of the journal that are events.
  package var journalSources: [JournalSource] = []
  /// Why the journal cannot be read.
  var journalProblem: String?
  let readJournalSources: JournalSourcesReading
  /// When it is looked next for what need not be kept any longer.
  var nextRetention = Instant.distantPast
  /// When the outbox or a failed evaluation is tried again.
  private var retryAt: Instant?
  private(set) var outboxWaits = true
  /// The last failure of an evaluation, so that it is logged once.
  private(set) var lastFailure: String?
  package let started: Instant

  static let retryAfter = Elapsed(milliseconds: 10_000)
  /// A timer that fires a little after its instant is not downtime.
  static let toleratedLateness = Elapsed.minutes(1)

  package init(
    store: Store, settings: Settings, sink: any AnnouncementSink, clock: any WallClock = SystemClock(), logger: Logger,
    readJournalSources: @escaping JournalSourcesReading = { _ in ([], []) }, onChange: @escaping @Sendable () -> Void = {},
    onJournalSources: @escaping @Sendable () -> Void = {}
  ) {
    self.store = store
    self.settings = settings
    self.clock = clock
    self.logger = logger
    self.onChange = onChange
    self.onJournalSources = onJournalSources
    self.readJournalSources = readJournalSources
    announcer = Announcer(sink: sink, logger: logger)
    started = clock.now()
  }

  package var ruleSet: RuleSet { evaluation.ruleSet }

  /// Runs a transaction over some subjects, or all; only when it is kept does their new state count.
  func undertake<Result>(_ chosen: [String]?, at now: Instant, _ body: (inout Undertaking) throws -> Result) throws -> Result {
    let chosen = (chosen ?? subjectOrder).compactMap { subjects[$0] }
    let (result, kept) = try store.write { transaction in
      var undertaking = Undertaking(transaction: transaction, evaluation: evaluation, subjects: chosen, now: now)
      return (try body(&undertaking), undertaking)
    }
    for subject in kept.subjects { adopt(subject, at: now) }
    if kept.announces { announce() }
    return result
  }

  private func adopt(_ subject: Subject, at now: Instant) {
    subjects[subject.id] = subject
    wakes.set(evaluation.nextOwnInstant(of: subject, at: now), for: subject.id)
    onChange()
  }

  // MARK: Announcing

  func announce() {
    let now = clock.now()
    outboxWaits = !announcer.drain(store, at: now)
    if outboxWaits { retry(at: now + Self.retryAfter) }
  }

  private func retry(at instant: Instant) { retryAt = min(retryAt ?? instant, instant) }

  // MARK: Time

  /// What to do next.
  package enum Next: Sendable {
    /// More is due already.
    case goOn
    case sleep(until: Instant?)
  }

  /// Evaluates the earliest instant that has come.
  package func advance() -> Next {
    let now = clock.now()
    if outboxWaits, retryAt.map({ $0 <= now }) ?? true {
      retryAt = nil
      announce()
    }
    do {
      guard let instant = try nextInstant(at: now), instant <= now else {
        if try forgetWhatIsOld(at: now) { return .goOn }
        return .sleep(until: try wake(at: now))
      }
      try evaluate(instant, at: now)
      lastFailure = nil
      return .goOn
    } catch {
      if lastFailure != "\(error)" { logger.error("evaluation failed and is tried again: \(error)") }
      lastFailure = "\(error)"
      return .sleep(until: now + Self.retryAfter)
    }
  }

  private func wake(at now: Instant) throws -> Instant? {
    [try nextInstant(at: now), retryAt, retentionInstant].compactMap { $0 }.min()
  }

  private func nextInstant(at now: Instant) throws -> Instant? {
    let grid = try skipWhatIsTooLate(evaluation.nextGridInstant(after: gridThrough), at: now)
    guard let own = wakes.next() else { return grid }
    return min(own, grid ?? own)
  }

  /// Grid instants older than `catch_up` are counted and not evaluated.
  private func skipWhatIsTooLate(_ grid: Instant?, at now: Instant) throws -> Instant? {
    guard let grid, grid < now - settings.catchUp else { return grid }
    let resume = Instant(milliseconds: (now - settings.catchUp).milliseconds - 1)
    let skipped = evaluation.ruleSet.rules.compactMap(\.gridStep).reduce(0) { count, step in
      count + Int(resume.milliseconds / step.milliseconds - gridThrough.milliseconds / step.milliseconds)
    }
    try store.write { try $0.add(skipped, toCounter: "skipped_instants") }
    logger.warning("\(counted(skipped, "instant")) of rules older than catch_up (\(settings.catchUp)) will not be evaluated")
    gridThrough = resume
    return evaluation.nextGridInstant(after: gridThrough)
  }

  private func evaluate(_ instant: Instant, at now: Instant) throws {
    let isLate = now - instant > Self.toleratedLateness
    let rules = evaluation.ruleSet.rules.filter { rule in
      guard let step = rule.gridStep, instant.isOnGrid(every: step) else { return false }
      return evaluatedThrough[rule.id].map { $0 < instant } ?? true
    }
    let isGrid = evaluation.nextGridInstant(after: gridThrough) == instant
    var occasion = Occasion(
      instant: instant, recordedAt: isLate ? now : instant, evaluatesConditions: isGrid, opensIntervals: !isLate)
    occasion.excludedRules = Set(evaluatedThrough.filter { $0.value >= instant }.map(\.key))
    var schedule = wakes
    let woken = schedule.take(through: instant)
    try undertake(isGrid ? nil : woken, at: max(instant, isLate ? now : instant)) { undertaking in
      _ = try undertaking.decide(occasion)
      guard isGrid else { return }
      for rule in rules { try undertaking.transaction.note(rule: rule.id, evaluatedThrough: instant) }
      if isLate { try undertaking.transaction.add(rules.count, toCounter: "caught_up_instants") }
    }
    if isGrid {
      gridThrough = instant
      for rule in rules { evaluatedThrough[rule.id] = instant }
    }
  }
}

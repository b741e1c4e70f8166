import DequeModule
import Logging
import ReviewEngine
import ReviewFiles
import ReviewStore
import Synchronization

/// Holds the rules in force and the state of all subjects, and is the only one that changes the store: one thing after
/// another.
package actor Keeper {
  let store: Store
  let clock: any WallClock
  let settings: Settings
  let logger: Logger
  var readers: FactReaders
  private let executor = ThreadExecutor(label: "reviewd.keeper")

  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// A transaction that ends when others have waited long enough for their turn.
  func portion() -> Portion { Portion { [executor] in executor.isAwaited } }

  /// Called when an earlier instant may have come up, or there is something else to tell.
  let onChange: @Sendable () -> Void
  /// Called when other entries of the journal may be events.
  let onJournalSources: @Sendable () -> Void

  var evaluation = Evaluation(ruleSet: RuleSet(services: [], indicators: [], eventTypes: [], rules: [])) {
    didSet { publishedRuleSet.withLock { $0 = evaluation.ruleSet } }
  }
  private nonisolated let publishedRuleSet = Mutex(RuleSet(services: [], indicators: [], eventTypes: [], rules: []))
  var subjects: [SubjectID: Subject] = [:]
  /// Services by id, then customers by id.
  var subjectOrder: [SubjectID] = []
  var scheduler = Scheduler([], gridThrough: .distantPast)
  /// Through which instant each condition rule is evaluated.
  var evaluatedThrough: [String: Instant] = [:]
  /// The instant that is worked off; nil between two.
  var work: InstantInWork?
  /// How many instants were begun.
  var workNumber = 0
  var gridPace = AskingPace.ofGrids
  var ownPace = AskingPace.ofOwnInstants
  let answerer: Answerer
  /// What waits for answers from elsewhere.
  var awaited = AwaitedInstants()
  /// Whether whoever put rules in force works it off, and not the loop.
  var isWorkedOffByReload = false
  /// A grid instant that a crash interrupted, until it is worked off.
  var interrupted: InterruptedInstant?
  var rulesInForce = RulesInForce()
  /// The entries of the journal that are events.
  package var journalSources: [JournalSource] = []
  /// Why the journal cannot be read.
  var journalProblem: String?
  /// When it is looked next for what need not be kept any longer.
  var nextRetention = Instant.distantPast
  /// Since when the loop sleeps, and until when; nil where it is awake.
  var sleep: (since: Instant, until: Instant)?
  /// Through which fact the journal was told.
  private nonisolated let publishedPlace = Mutex<Int64?>(nil)
  /// The last failure of an evaluation, so that it is logged once.
  var lastFailure: String?
  /// The kind of trouble with the database that was told.
  var toldTrouble: StoreError.Code?
  /// Whether what is remembered may be other than what the database holds, until it is read again.
  var isMemoryStale = false
  /// When the database was last opened anew.
  var openedAnew: ContinuousClock.Instant?
  package let started: Instant

  static let retryAfter = Elapsed(milliseconds: 10_000)
  /// A timer that fires a little after its instant is not downtime.
  static let toleratedLateness = Elapsed.minutes(1)

  package init(
    store: Store, settings: Settings, sink: any AnnouncementSink, sources: [any AnswerSource] = [],
    clock: any WallClock = SystemClock(),
    logger: Logger,
    onChange: @escaping @Sendable () -> Void = {},
    onJournalSources: @escaping @Sendable () -> Void = {}
  ) {
    self.store = store
    answerer = Answerer(store: store, elsewhere: SourcesElsewhere(sources, logger: logger))
    self.settings = settings
    self.clock = clock
    self.logger = logger
    self.onChange = onChange
    self.onJournalSources = onJournalSources
    readers = FactReaders(sink: sink, logger: logger)
    started = clock.now()
  }

  /// The rule set in force, for which nobody waits in line.
  package nonisolated var ruleSet: RuleSet { publishedRuleSet.withLock { $0 } }

  /// Runs a transaction over some subjects; only when it is kept does their new state count. An instant that is in work
  /// is evaluated for them first, so that what happens now does not come before it.
  func undertake<Result>(_ chosen: [SubjectID], at now: Instant, _ body: (inout Undertaking) throws -> Result) throws
    -> Result
  {
    try trustStore()
    let waiting =
      work?.isElsewhere ?? true
      ? [] : (chosen + servicesSeen(by: chosen)).filter { work?.isWaiting($0) ?? false }.sorted()
    if !waiting.isEmpty { try workOffNow(waiting) }
    return try transact(chosen, at: now, body)
  }

  /// The services whose reviews the rules of some customers ask for: they come before these where an instant waits for
  /// these.
  private func servicesSeen(by chosen: [SubjectID]) -> [SubjectID] {
    let asking = chosen.filter { $0.customer.map(evaluation.asksForReviews) ?? false && work?.isWaiting($0) ?? false }
    let known = Set(chosen)
    return asking.flatMap { subjects[$0]?.services ?? [] }.map { SubjectID.service($0.id) }.filter {
      !known.contains($0)
    }
  }

  /// The same without a look at the instant in work.
  ///
  /// - Parameter isPortion: whether it is one of an instant in work.
  func transact<Result>(
    _ chosen: [SubjectID], at now: Instant, isPortion: Bool = false, _ body: (inout Undertaking) throws -> Result
  ) throws -> Result {
    let chosen = chosen.compactMap { subjects[$0] }
    let notesPlaces = readers.rideAlong(at: clock.now())
    do {
      let (result, kept) = try store.write { transaction in
        var undertaking = Undertaking(transaction: transaction, evaluation: evaluation, subjects: chosen, now: now)
        let result = try body(&undertaking)
        if notesPlaces { try readers.note(in: transaction) }
        return (result, undertaking)
      }
      noteNoTrouble()
      if notesPlaces { readers.wasNoted() }
      for subject in kept.subjects { adopt(subject, at: now) }
      tell(kept.facts, inPortion: isPortion)
      // A clock that was set may have passed what the loop sleeps until, or come back behind when it fell asleep.
      if let sleep, now >= sleep.until || now < sleep.since { wake(at: .distantPast) }
      return result
    } catch {
      noteTrouble(error)
      throw error
    }
  }

  private func adopt(_ subject: Subject, at now: Instant) {
    subjects[subject.id] = subject
    handOn(subject)
    let next = nextOwnInstant(of: subject, at: now)
    scheduler.expect(next, for: subject.id)
    if let next { wake(at: next) }
  }

  /// Lets the rules of a service's customer see its reviews.
  private func handOn(_ subject: Subject) {
    guard let service = subject.id.service, let customer = evaluation.customer(asking: service) else { return }
    subjects[.customer(customer)]?.serviceRecords[service] = subject.records
  }

  /// Wakes the loop where it would sleep beyond an instant: each waking costs more than what an event does.
  func wake(at instant: Instant) {
    guard let until = sleep?.until, instant < until else { return }
    sleep = nil
    onChange()
  }

  /// Takes what the database holds for the state of all subjects.
  func remember(
    _ loaded: [Subject], evaluatedThrough: [String: Instant], interrupted: InterruptedInstant?, at now: Instant
  ) {
    subjectOrder = loaded.map(\.id)
    subjects = Dictionary(loaded.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for subject in loaded { handOn(subject) }
    // What is asked for was asked for what was: it is begun anew.
    awaited = AwaitedInstants()
    awaited.rules = evaluation.rules(asking: answerer.elsewhere.indicators)
    self.evaluatedThrough = evaluatedThrough
    self.interrupted = interrupted
    work = nil
    let gridThrough = ruleSet.rules.filter { $0.gridStep != nil }.compactMap { evaluatedThrough[$0.id] }.min()
    scheduler = Scheduler(ruleSet.rules, gridThrough: gridThrough ?? now)
  }

  // MARK: Readers of facts

  private func tell(_ facts: [LoggedFact], inPortion isPortion: Bool) {
    guard !facts.isEmpty else { return }
    readers.append(facts, store)
    // Nobody waits for what an instant in work still has to tell, and that comes first.
    if isPortion || work == nil && !readers.hasMore { return tell() }
    readers.goOnSoon(at: clock.now())
    wakeForReaders()
  }

  /// Lets the readers of facts go on.
  func tell() {
    let scene = Scene(ruleSet: ruleSet) { self.subjects[$0] }
    readers.goOn(store, scene, hasRules: rulesInForce.loaded != .distantPast, at: clock.now())
    publishedPlace.withLock { $0 = readers.through }
    wakeForReaders()
  }

  /// Tells from the log what there is, because what was written last is not known.
  func tellFromTheLog() {
    readers.goOnFromTheLog(at: clock.now())
    wakeForReaders()
  }

  private func wakeForReaders() { if let next = readers.nextInstant { wake(at: next) } }

  /// Writes the places of the readers where nothing else was written since.
  package func notePlaces() throws {
    if readers.areAhead { try write { try readers.note(in: $0) } }
    readers.wasNoted()
  }

  /// Through which fact the journal was told; what the database has of that may be older.
  package nonisolated var toldThrough: Int64? { publishedPlace.withLock { $0 } }
}

extension StoreSnapshot {
  /// How many facts the journal waits for.
  package func untoldCount(of keeper: Keeper) throws -> Int {
    try untoldCount(after: try keeper.toldThrough ?? place(ofReader: JournalReader.name))
  }
}

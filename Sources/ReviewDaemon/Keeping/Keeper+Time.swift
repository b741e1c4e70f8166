import Logging
import ReviewEngine
import ReviewFiles
import ReviewStore

/// Time: each instant that has come is evaluated, portion by portion.
extension Keeper {
  /// What to do next.
  package enum Next: Sendable {
    /// More is due already.
    case goOn
    case sleep(until: Instant?)
  }

  /// Evaluates a portion of the earliest instant that has come.
  package func advance() async -> Next {
    sleep = nil
    let next = await workOn()
    if case .sleep(let instant) = next { sleep = (clock.now(), instant ?? .distantFuture) }
    return next
  }

  private func workOn() async -> Next {
    let now = clock.now()
    if readers.isTime(at: now) { tell() }
    // Two that take turns would let others wait for both.
    if isWorkedOffByReload { return .sleep(until: nil) }
    do {
      try trustStore()
      goOnElsewhere()
      if work == nil {
        guard let instant = try nextInstant(at: now), instant <= now else {
          lastFailure = nil
          if try forgetWhatIsOld(at: now) { return .goOn }
          if readers.isTimeToNote(at: now) { try notePlaces() }
          return .sleep(until: try wake(at: now))
        }
        begin(instant, at: now)
      }
      try await workOffPortion()
      lastFailure = nil
      return .goOn
    } catch {
      if lastFailure != "\(error)" { logger.error("evaluation failed and is tried again: \(error)") }
      lastFailure = "\(error)"
      return .sleep(until: now + Self.retryAfter)
    }
  }

  private func wake(at now: Instant) throws -> Instant? {
    [try nextInstant(at: now), readers.nextInstant, retentionInstant].compactMap { $0 }.min()
  }

  private func nextInstant(at now: Instant) throws -> Instant? {
    try skipWhatIsTooLate(at: now)
    return scheduler.next()
  }

  /// Grid instants older than `catch_up` are counted and not evaluated.
  private func skipWhatIsTooLate(at now: Instant) throws {
    guard let grid = scheduler.nextGridInstant, grid < now - settings.catchUp else { return }
    var resumed = scheduler
    let skipped = resumed.passGrids(through: Instant(milliseconds: (now - settings.catchUp).milliseconds - 1))
    try write { try $0.add(skipped, toCounter: "skipped_instants") }
    logger.warning(
      "\(counted(skipped, "instant")) of rules older than catch_up (\(settings.catchUp)) will not be evaluated")
    scheduler = resumed
  }

  // MARK: Portions

  private func begin(_ instant: Instant, at now: Instant) {
    let isLate = now - instant > Self.toleratedLateness
    let due = evaluation.ruleSet.rules.filter { rule in
      guard let step = rule.gridStep, instant.isOnGrid(every: step) else { return false }
      return evaluatedThrough[rule.id].map { $0 < instant } ?? true
    }
    let rules = due.filter { !awaited.rules.contains($0.id) }
    let isNextOfGrid = scheduler.nextGridInstant == instant
    let isOnGrid = isNextOfGrid && !rules.isEmpty
    if isNextOfGrid, !isOnGrid { scheduler.passGrids(through: instant) }
    var occasion = Occasion(
      instant: instant, recordedAt: isLate ? now : instant, evaluatesConditions: isOnGrid, opensIntervals: !isLate)
    occasion.excludedRules = Set(evaluatedThrough.filter { $0.value >= instant }.map(\.key))
    occasion.part = .prompt(without: awaited.rules)
    let woken = scheduler.take(through: instant)
    let subjects = isOnGrid ? leftOver(at: instant) : woken
    awaitAnswers(for: isNextOfGrid ? due.filter { awaited.rules.contains($0.id) } : [], occasion, woken)
    if isOnGrid, subjects.count < subjectOrder.count { wakeAgain(woken, besides: Set(subjects), at: now) }
    work = InstantInWork(
      occasion, number: nextWorkNumber(), rules: rules, isOnGrid: isOnGrid, isLate: isLate, subjects: subjects,
      through: interruption(of: instant)?.through)
  }

  /// The subjects that a grid instant is to be evaluated for: all, or where a crash interrupted it those that it left.
  func leftOver(at instant: Instant) -> [SubjectID] {
    guard let interrupted = interruption(of: instant) else { return subjectOrder }
    return subjectOrder.filter { !interrupted.isDone($0) }
  }

  func interruption(of instant: Instant) -> InterruptedInstant? { interrupted?.instant == instant ? interrupted : nil }

  private func wakeAgain(_ keys: [SubjectID], besides others: Set<SubjectID>, at now: Instant) {
    for key in keys where !others.contains(key) {
      if let subject = self.subjects[key] { scheduler.expect(nextOwnInstant(of: subject, at: now), for: key) }
    }
  }

  /// Lets the rules meet their subjects now: what should be open already opens.
  func meetSubjects(at now: Instant) {
    var occasion = Occasion(instant: now)
    occasion.part = .prompt(without: awaited.rules)
    work = InstantInWork(occasion, number: nextWorkNumber(), subjects: subjectOrder)
  }

  func nextWorkNumber() -> Int {
    workNumber += 1
    return workNumber
  }

  /// Works off all of an instant that is in work; others come between its portions.
  func workOffInstant() async throws {
    isWorkedOffByReload = true
    defer {
      isWorkedOffByReload = false
      onChange()
    }
    while work != nil {
      try await workOffPortion()
      await Task.yield()
    }
  }

  /// Asks what some of its subjects need, while others come, and evaluates them.
  private func workOffPortion() async throws {
    let isOnGrid = work?.occasion.evaluatesConditions ?? false
    let count = (isOnGrid ? gridPace : ownPace).subjectCount
    guard var keys = work?.portion(count), let number = work?.number else { return }
    let start = ContinuousClock.now
    let isElsewhere = work?.isElsewhere ?? false
    var questions = questions(for: keys)
    if !questions.isEmpty, keys.count > AskingPace.largestAskedCount {
      keys = Array(keys.prefix(AskingPace.largestAskedCount))
      questions = self.questions(for: keys)
    }
    if !questions.isEmpty, isElsewhere { return askAgainElsewhere() }
    let answers = try await ask(questions)
    note(ContinuousClock.now - start, isOnGrid)
    // Who puts rules in force works it off as well, or has begun anew.
    guard work?.number == number else { return }
    work?.answers.merge(answers)
    let waiting = keys.filter { work?.isWaiting($0) ?? false }
    guard !waiting.isEmpty || keys.isEmpty else { return }
    do { try workOff(waiting, within: portion()) } catch is Unanswered {
      // A review of one of its services closed while a customer's questions were answered: they are asked again.
      return
    }
    if !isElsewhere, !waiting.contains(where: { work?.isWaiting($0) ?? false }) { work?.answers = Answers() }
  }

  private func note(_ duration: Duration, _ isOnGrid: Bool) {
    if isOnGrid { gridPace.note(duration) } else { ownPace.note(duration) }
  }

  private func ask(_ questions: [Question]) async throws -> Answers {
    if questions.isEmpty { return Answers() }
    do { return try await answerer.answers(to: questions) } catch {
      noteTrouble(error)
      throw error
    }
  }

  /// What the instant in work needs to know of some subjects and was not told yet.
  private func questions(for keys: [SubjectID]) -> [Question] {
    guard let work else { return [] }
    return evaluation.questions(work.occasion, subjects: keys.compactMap { subjects[$0] }).filter {
      work.answers[$0] == nil
    }
  }

  /// Evaluates the instant in work for subjects to which something happens: what they need is asked at once.
  func workOffNow(_ keys: [SubjectID]) throws {
    do {
      let answers = try answerer.answersAtOnce(to: questions(for: keys))
      work?.answers.merge(answers)
    } catch {
      noteTrouble(error)
      throw error
    }
    try workOff(keys, within: nil)
  }

  /// Evaluates the instant in work for some of its subjects, and writes down with that how far it is.
  ///
  /// - Parameter portion: when it is over the rest waits; nil for all of them.
  private func workOff(_ keys: [SubjectID], within portion: Portion?) throws {
    // Not all of it: what stands in its place is changed, and whoever else held it would make of that a copy.
    guard let occasion = work?.occasion, let answers = work?.answers else { return }
    var (done, before) = ([SubjectID](), 0)
    do {
      try transact(keys, at: max(occasion.instant, occasion.recordedAt), isPortion: portion != nil) { undertaking in
        done = try undertaking.decide(occasion, answers, within: portion)
        before = work?.take(done) ?? 0
        if let progress = work?.progress { try note(done, progress, in: undertaking.transaction) }
      }
    } catch {
      work?.putBack(done, to: before)
      throw error
    }
    if work?.isDone ?? false { end() }
  }

  private func note(_ keys: [SubjectID], _ progress: InstantInWork.Progress, in transaction: StoreTransaction) throws {
    guard let work, work.isOnGrid else { return }
    guard progress.isDone else {
      try transaction.noteInWork(work.occasion.instant, through: progress.through)
      // Before their turn.
      return try transaction.noteDone(keys.filter { key in progress.through.map { $0 < key } ?? true })
    }
    for rule in work.rules { try transaction.note(rule: rule.id, evaluatedThrough: work.occasion.instant) }
    if work.isLate { try transaction.add(work.rules.count, toCounter: "caught_up_instants") }
    try transaction.noteWorkedOff()
  }

  private func end() {
    guard let ended = work else { return }
    work = nil
    if ended.isElsewhere { endElsewhere(ended) }
    guard ended.isOnGrid else { return }
    if let interrupted, interrupted.instant <= ended.occasion.instant { self.interrupted = nil }
    scheduler.passGrids(through: ended.occasion.instant)
    for rule in ended.rules { evaluatedThrough[rule.id] = ended.occasion.instant }
  }
}

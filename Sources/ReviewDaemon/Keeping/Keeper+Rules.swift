import Logging
import ReviewEngine
import ReviewFiles
import ReviewStore

/// Where the rules in force came from, and what is wrong with the files on disk if they are not made of them.
package struct RulesInForce: Sendable {
  package var loaded = Instant.distantPast
  package var fingerprint = ""
  package var warnings: [String] = []
  package var problems: [String] = []
}

extension Keeper {
  /// Leaves the set in force as it is, and says what is wrong with the files on disk.
  ///
  /// - Parameter isNew: whether that was not told yet.
  func refuse(_ problems: [Diagnostic], isNew: Bool) throws {
    rulesInForce.problems = problems.map(\.description)
    guard isNew else { return }
    try record(.rulesRefused(errorCount: problems.count, first: problems.first?.firstLine ?? ""))
  }

  private static let loggedWarnings = 100

  /// Puts a set in force in the place of the one before.
  func putInForce(_ ruleSet: RuleSet, _ loaded: LoadedRules) async throws {
    try trustStore()
    try await workOffInstant()
    let now = clock.now()
    let (known, recalendared, tallies, interrupted) = try write { try self.adopt(ruleSet, loaded, at: now, in: $0) }
    evaluation = Evaluation(ruleSet: ruleSet)
    journalSources = loaded.journalSources
    remember(known, evaluatedThrough: tallies, interrupted: interrupted, at: now)
    rulesInForce = RulesInForce(
      loaded: now, fingerprint: loaded.fingerprint,
      warnings: loaded.warnings.map(\.description) + ruleSet.warnings(settings))
    for warning in rulesInForce.warnings.prefix(Self.loggedWarnings) { logger.warning("\(warning)") }
    do { try await recount(recalendared, at: now) } catch {
      // The set is in force: what its intervals wait for comes all the same.
      for subject in known { scheduler.expect(nextOwnInstant(of: subject, at: now), for: subject.id) }
      throw error
    }
    // What came between its portions is ended before.
    try await workOffInstant()
    // Rules and services meet now, and what should be open already opens.
    meetSubjects(at: now)
    try await workOffInstant()
    onJournalSources()
    logger.notice(
      "rules in force: \(counted(ruleSet.rules.count, "rule")), \(counted(ruleSet.services.count, "service")), fingerprint \(loaded.fingerprint)"
    )
  }

  /// Remembers a set in the place of the one before: what its rules mean, who its subjects are, and what it was made
  /// of.
  private func adopt(_ ruleSet: RuleSet, _ loaded: LoadedRules, at now: Instant, in transaction: StoreTransaction)
    throws -> (
      [Subject], recalendared: [SubjectID], [String: Instant], InterruptedInstant?
    )
  {
    let (known, recalendared) = try transaction.subjects(of: ruleSet, at: now, remembered: subjects)
    var undertaking = Undertaking(
      transaction: transaction, evaluation: Evaluation(ruleSet: ruleSet), subjects: known, now: now)
    let (tallies, changed) = try noteMeanings(of: ruleSet, at: now, in: transaction)
    try undertaking.forget(changed)
    try transaction.recordRuleSet(
      fingerprint: loaded.fingerprint, files: loaded.files.map { [$0.kind.rawValue, $0.path, $0.text] }, at: now)
    return (undertaking.subjects, recalendared, tallies, try transaction.snapshot.instantInWork())
  }
}

extension Keeper {
  /// Notes what the rules of a set mean. What one means now, or means again, was not in force at the instants before:
  /// it is asked from now on, and remembers nothing of what it did not see.
  ///
  /// - Returns: through which instant each rule was evaluated, and those that begin anew or are gone.
  private func noteMeanings(of ruleSet: RuleSet, at now: Instant, in transaction: StoreTransaction) throws -> (
    [String: Instant], changed: [String]
  ) {
    let known = try transaction.snapshot.ruleTallies()
    var (tallies, changed) = (
      known.compactMapValues(\.evaluatedThrough), try transaction.noteMeanings(of: ruleSet.rules)
    )
    let grids = ruleSet.rules.filter { $0.gridStep != nil }.map(\.id)
    changed += grids.filter { known[$0] != nil && tallies[$0] == nil && !changed.contains($0) }
    try transaction.forgetEvaluations(besides: Set(grids).subtracting(changed).sorted())
    for rule in grids where tallies[rule] == nil || changed.contains(rule) {
      try transaction.note(rule: rule, evaluatedThrough: now)
      tallies[rule] = now
    }
    return (tallies, changed + known.keys.filter { ruleSet.rule($0) == nil }.sorted())
  }

  /// Counts the due days of open reviews anew whose working days another calendar decides now, some subjects at a time.
  /// The calendar of each is noted with that, so that a crash leaves the others to the next start.
  fileprivate func recount(_ keys: [SubjectID], at now: Instant) async throws {
    var rest = keys[...]
    while !rest.isEmpty {
      let portion = portion()
      let done = try undertake(Array(rest.prefix(Portion.largestSubjectCount)), at: now) { undertaking in
        var done = 0
        for subject in undertaking.subjects.map(\.id) {
          if portion.isOver, done > 0 { break }
          try self.recount(subject, &undertaking)
          done += 1
        }
        return done
      }
      // A key that no subject has must not keep it here for ever.
      rest = rest.dropFirst(max(1, done))
      if !rest.isEmpty { await Task.yield() }
    }
  }

  private func recount(_ subject: SubjectID, _ undertaking: inout Undertaking) throws {
    var occasion = Occasion(instant: undertaking.now)
    occasion.recounts = true
    _ = try undertaking.decide(occasion, of: subject)
    try undertaking.noteCalendar(of: subject)
  }
}

extension Diagnostic {
  fileprivate var firstLine: String { description.split(separator: "\n").first.map(String.init) ?? "" }
}

import Logging
import ReviewEngine
import ReviewStore

/// What the keeper does about a disk that fails: what it remembers is what the database held, so that after an error
/// both are read again.
extension Keeper {
  /// Opens the database anew where it is in doubt, and reads again what is remembered of it; throws where it still
  /// cannot be believed.
  func trustStore() throws {
    if store.isInDoubt { try openAnew() }
    guard isMemoryStale else { return }
    try remember()
    isMemoryStale = false
    tellFromTheLog()
    logger.notice("the database was opened anew and is sound; what was acknowledged is there")
  }

  /// Finds out whether anything could be taken now, and says so where it could not.
  func lookAtStore() { try? write { _ in } }

  private func openAnew() throws {
    if !isMemoryStale {
      logger.warning("the database is opened anew, because it is not known what of it is on the disk")
    }
    isMemoryStale = true
    // All of the reviews is read: not for each caller of a disk that is dead.
    if let openedAnew, ContinuousClock.now - openedAnew < Self.pauseBetweenOpenings, let trouble = store.trouble {
      throw trouble
    }
    openedAnew = .now
    try store.openAnew()
  }

  private static let pauseBetweenOpenings = Duration.seconds(1)

  /// Runs a transaction that concerns no subject.
  func write<Result>(_ body: (StoreTransaction) throws -> Result) throws -> Result {
    try trustStore()
    do {
      let result = try store.write(body)
      noteNoTrouble()
      return result
    } catch {
      noteTrouble(error)
      throw error
    }
  }

  /// Says aloud, once for each kind, that nothing is taken.
  func noteTrouble(_ error: any Error) {
    guard let error = error as? StoreError,
      error.code == .uncertain || error.code == .replaced || error.code == .damaged
    else { return }
    guard toldTrouble != error.code else { return }
    toldTrouble = error.code
    logger.critical("nothing is taken until this is mended: \(error)")
    onChange()
  }

  func noteNoTrouble() {
    guard toldTrouble != nil else { return }
    toldTrouble = nil
    logger.notice("the database takes what is sent again")
    onChange()
  }

  /// Reads the state of all subjects, and how far the rules were evaluated, as the database holds them.
  private func remember() throws {
    let now = clock.now()
    let (loaded, tallies, instant) = try store.write { transaction in
      (
        try transaction.subjects(of: ruleSet, at: now).subjects,
        try transaction.snapshot.ruleTallies().compactMapValues(\.evaluatedThrough),
        try transaction.snapshot.instantInWork()
      )
    }
    remember(loaded, evaluatedThrough: tallies, interrupted: instant, at: now)
    for subject in loaded { scheduler.expect(nextOwnInstant(of: subject, at: now), for: subject.id) }
  }
}

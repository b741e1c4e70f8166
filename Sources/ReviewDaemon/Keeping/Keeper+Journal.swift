import Logging
import ReviewEngine
import ReviewStore

extension Keeper {
  package func journalPosition() throws -> JournalPosition? { try store.read { try $0.journalPosition() } }

  /// Stores the events of some entries and how far the journal is read, in one transaction, and evaluates them at once.
  package func take(_ events: [Event], through position: JournalPosition) throws {
    let now = clock.now()
    try undertake(keys(touchedBy: events.map(\.service)), at: now) { undertaking in
      for event in events { try self.take(event, from: &undertaking) }
      try undertaking.transaction.save(position)
    }
  }

  package func setJournalProblem(_ problem: String?) {
    if let problem, problem != journalProblem {
      logger.error("entries of the journal wait, and are tried again: \(problem)")
    }
    journalProblem = problem
  }
}

import ReviewEngine
import Synchronization

/// Whether the keeper still works, without waiting for it: each question asks it for a sign of life, unless it owes one
/// already.
final class Health: Sendable {
  private let keeper: Keeper
  private let longestSilence: Duration
  private let owedSince = Mutex<ContinuousClock.Instant?>(nil)

  init(keeper: Keeper) {
    self.keeper = keeper
    longestSilence = .milliseconds(ServiceManager.watchdogInterval?.milliseconds ?? 30_000)
  }

  /// What is wrong; nil where nothing is.
  func problem() -> String? {
    let now = ContinuousClock.now
    let since = owedSince.withLock { owed in
      defer { owed = owed ?? now }
      return owed
    }
    guard let since else {
      ask()
      return nil
    }
    return now - since > longestSilence
      ? "nothing was decided or written for \((now - since).components.seconds) seconds" : nil
  }

  private func ask() {
    Task { [self] in
      await keeper.beat()
      owedSince.withLock { $0 = nil }
    }
  }
}

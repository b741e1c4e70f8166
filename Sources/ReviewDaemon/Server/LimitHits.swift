import Logging
import Synchronization

/// Counts how often each limit was hit, and says so at most once a minute for each.
package final class LimitHits: Sendable {
  /// As the settings call them.
  package enum Kind: String, CaseIterable, Sendable {
    case answerSeconds = "answer_seconds"
    case backups
    case bodySeconds = "body_seconds"
    case connections
    case connectionsPerUser = "connections_per_user"
    case examinations
    case headSeconds = "head_seconds"
    case inFlightMebibytes = "in_flight_mebibytes"
    case labelSets = "label_sets"
    case resultsMebibytes = "results_mebibytes"
    case simulationReviews = "simulation_reviews"
    case simulationSeconds = "simulation_seconds"
  }

  private struct Tally {
    var count = 0
    var logged: ContinuousClock.Instant?
  }

  private static let silence = Duration.seconds(60)

  private let tallies = Mutex<[Kind: Tally]>([:])
  private let logger: Logger

  package init(logger: Logger) { self.logger = logger }

  /// How often each was hit, in the order of their names.
  package var counts: [(kind: Kind, count: Int)] {
    let tallies = tallies.withLock { $0 }
    return Kind.allCases.map { ($0, tallies[$0]?.count ?? 0) }
  }

  /// - Parameter what: what was done about it.
  package func note(_ kind: Kind, _ what: @autoclosure () -> String) {
    let now = ContinuousClock.now
    let count: Int? = tallies.withLock { tallies in
      var tally = tallies[kind] ?? Tally()
      defer { tallies[kind] = tally }
      tally.count += 1
      if let logged = tally.logged, now - logged < Self.silence { return nil }
      tally.logged = now
      return tally.count
    }
    if let count { logger.warning("the limit '\(kind.rawValue)' was hit, \(count) times by now: \(what())") }
  }
}

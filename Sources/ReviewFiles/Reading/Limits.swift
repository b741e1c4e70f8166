import ReviewEngine

/// How much one caller, one request or one series may take, so that nobody is kept waiting by somebody else: `limits`
/// in the settings.
package struct Limits: Sendable, Equatable {
  /// Connections to the socket at once.
  package var connections = 200
  /// Of these, of one user.
  package var connectionsPerUser = 100
  /// Seconds in which a request's head has to arrive.
  package var headSeconds = 10
  /// Seconds in which a request's body has to arrive.
  package var bodySeconds = 60
  /// Seconds that an answer may wait for its reader to take the next piece.
  package var answerSeconds = 60
  /// MiB of bodies and answers that are in memory at once.
  package var inFlightMebibytes = 64
  /// Seconds that a replay, a forecast or a comparison of rules may compute.
  package var simulationSeconds = 600
  /// Reviews that a replay or a forecast may open.
  package var simulationReviews = 200_000
  /// MiB of replays and forecasts that wait for their readers.
  package var resultsMebibytes = 128
  /// Sets of labels of one indicator of one service.
  package var labelSets = 1000

  package init() {}

  /// The keys with where each lands, and the numbers that it may have.
  private static var keys: [(name: String, path: WritableKeyPath<Limits, Int>, range: ClosedRange<Int>)] {
    [
      ("connections", \.connections, 10...10_000),
      ("connections_per_user", \.connectionsPerUser, 5...10_000),
      ("head_seconds", \.headSeconds, 1...3600),
      ("body_seconds", \.bodySeconds, 1...3600),
      ("answer_seconds", \.answerSeconds, 1...3600),
      ("in_flight_mebibytes", \.inFlightMebibytes, 32...4096),
      ("simulation_seconds", \.simulationSeconds, 1...86_400),
      ("simulation_reviews", \.simulationReviews, 1000...10_000_000),
      ("results_mebibytes", \.resultsMebibytes, 16...4096),
      ("label_sets", \.labelSets, 1...100_000),
    ]
  }

  /// The limits of a mapping; a key that is not given keeps its default.
  static func read(_ node: Node?, _ document: YamlDocument) -> Limits {
    var limits = Limits()
    guard let node, let fields = Fields(node, document, "'limits'") else { return limits }
    for (name, path, range) in keys {
      guard let value = fields.optional(name), let number = document.count(value, "'\(name)'") else { continue }
      if range.contains(number) {
        limits[keyPath: path] = number
      } else {
        document.report(at: value, "'\(name)' must be from \(range.lowerBound) to \(range.upperBound), not \(number)")
      }
    }
    fields.finish()
    return limits
  }
}

/// Why one line or event was not taken.
package struct Refusal: Codable, Hashable, Sendable {
  /// The line in the file, from 1.
  package var line: Int
  /// `not_found` where it names what nobody has declared, else `bad_request`.
  package var code: Problem.Code
  package var reason: String

  package init(line: Int, code: Problem.Code = .badRequest, reason: String) {
    self.line = line
    self.code = code
    self.reason = reason
  }

  /// Reads that of a daemon before the upgrade, too.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    line = try container.decode(Int.self, forKey: .line)
    code = try container.decodeIfPresent(Problem.Code.self, forKey: .code) ?? .badRequest
    reason = try container.decode(String.self, forKey: .reason)
  }
}

/// What became of samples that were sent: a sample is acknowledged when it is counted here.
package struct SamplesAnswer: Codable, Hashable, Sendable {
  package var taken: Int
  package var known: Int
  package var refused: Int
  /// The first refusals, at most 100.
  package var refusals: [Refusal]

  package init(taken: Int = 0, known: Int = 0, refused: Int = 0, refusals: [Refusal] = []) {
    self.taken = taken
    self.known = known
    self.refused = refused
    self.refusals = refusals
  }

  package static let listedRefusals = 100
}

/// What became of events that were sent: an event is acknowledged when it is counted here.
package struct EventsAnswer: Codable, Hashable, Sendable {
  package var taken: Int
  package var revised: Int
  package var known: Int
  package var refused: Int
  /// Taken, but too old to trigger.
  package var tooOld: Int
  /// The first refusals, at most 100.
  package var refusals: [Refusal]
  /// What the events did, for those that did something.
  package var effects: [EventEffect]

  package init(
    taken: Int = 0, revised: Int = 0, known: Int = 0, refused: Int = 0, tooOld: Int = 0, refusals: [Refusal] = [],
    effects: [EventEffect] = []
  ) {
    self.taken = taken
    self.revised = revised
    self.known = known
    self.refused = refused
    self.tooOld = tooOld
    self.refusals = refusals
    self.effects = effects
  }
}

/// What one event did.
package struct EventEffect: Codable, Hashable, Sendable {
  package var source: String
  package var id: String
  /// `opened` a review, `joined` an open one, or was `kept` by a cooldown.
  package var action: String
  package var rule: String
  /// Absent where it was kept.
  package var review: String?
  /// Until when it is kept.
  package var keptUntil: String?

  package init(source: String, id: String, action: String, rule: String, review: String?, keptUntil: String? = nil) {
    self.source = source
    self.id = id
    self.action = action
    self.rule = rule
    self.review = review
    self.keptUntil = keptUntil
  }
}

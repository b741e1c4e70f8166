/// How the daemon is.
package struct StatusBody: Codable, Hashable, Sendable {
  /// The rules in force, and what is wrong with the files on disk.
  package struct Rules: Codable, Hashable, Sendable {
    package var loaded: String
    package var fingerprint: String
    package var rules: Int
    package var services: Int
    package var indicators: Int
    package var warnings: [String]
    /// What is wrong with the files on disk, where the set in force is not made of them.
    package var problems: [String]

    package init(
      loaded: String, fingerprint: String, rules: Int, services: Int, indicators: Int, warnings: [String],
      problems: [String]
    ) {
      self.loaded = loaded
      self.fingerprint = fingerprint
      self.rules = rules
      self.services = services
      self.indicators = indicators
      self.warnings = warnings
      self.problems = problems
    }
  }

  /// How much the database holds, and whether it takes anything.
  package struct Store: Codable, Hashable, Sendable {
    package var path: String
    package var series: Int
    package var samples: Int
    package var events: Int
    package var unsentAnnouncements: Int
    /// Why nothing is taken; nil where all is well.
    package var trouble: String?

    package init(path: String, series: Int, samples: Int, events: Int, unsentAnnouncements: Int, trouble: String? = nil)
    {
      self.path = path
      self.series = series
      self.samples = samples
      self.events = events
      self.unsentAnnouncements = unsentAnnouncements
      self.trouble = trouble
    }
  }

  package var version: String
  package var started: String
  package var now: String
  package var nextInstant: String?
  package var evaluatedThrough: String?
  package var rules: Rules
  package var store: Store
  /// By state; `overdue` is counted among the open ones too.
  package var reviews: [String: Int]
  /// Grid instants of rules that downtime made late, and those that were older than `catch_up`; events too old to
  /// trigger; and conditions that were unknown.
  package var counters: [String: Int]

  package init(
    version: String, started: String, now: String, nextInstant: String?, evaluatedThrough: String?, rules: Rules,
    store: Store,
    reviews: [String: Int], counters: [String: Int]
  ) {
    self.version = version
    self.started = started
    self.now = now
    self.nextInstant = nextInstant
    self.evaluatedThrough = evaluatedThrough
    self.rules = rules
    self.store = store
    self.reviews = reviews
    self.counters = counters
  }
}

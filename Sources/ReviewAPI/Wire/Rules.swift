/// A rule in force.
package struct RuleBody: Codable, Hashable, Sendable {
  package var id: String
  package var title: String
  /// `every`, `upon` or `when`.
  package var kind: String
  package var services: Int
  package var openReviews: Int
  package var evaluatedThrough: String?
  package var unknownCount: Int
  package var lackingAttributeCount: Int
  package var sentence: String
  package var text: String
  package var fingerprint: String

  package init(
    id: String, title: String, kind: String, services: Int, openReviews: Int, evaluatedThrough: String?,
    unknownCount: Int,
    lackingAttributeCount: Int, sentence: String, text: String, fingerprint: String
  ) {
    self.id = id
    self.title = title
    self.kind = kind
    self.services = services
    self.openReviews = openReviews
    self.evaluatedThrough = evaluatedThrough
    self.unknownCount = unknownCount
    self.lackingAttributeCount = lackingAttributeCount
    self.sentence = sentence
    self.text = text
    self.fingerprint = fingerprint
  }
}

/// The rules in force.
package struct RuleList: Codable, Hashable, Sendable {
  package var rules: [RuleBody]

  package init(rules: [RuleBody]) { self.rules = rules }
}

/// A file of a rule set that is tried and not in force.
package struct RuleFileBody: Codable, Hashable, Sendable {
  /// `rules.d`, `services.d` or `calendars.d`.
  package var kind: String
  package var path: String
  package var text: String

  package init(kind: String, path: String, text: String) {
    self.kind = kind
    self.path = path
    self.text = text
  }
}

/// What to replay: instants in RFC 3339, and files where it is not by the rules in force.
package struct ReplayRequest: Codable, Hashable, Sendable {
  package var from: String
  package var to: String
  package var assumeCompleted: String
  /// Absent: the rule set in force.
  package var files: [RuleFileBody]?

  package init(from: String, to: String, assumeCompleted: String, files: [RuleFileBody]?) {
    self.from = from
    self.to = to
    self.assumeCompleted = assumeCompleted
    self.files = files
  }
}

/// The reviews that the rules would have opened.
package struct ReplayAnswer: Codable, Hashable, Sendable {
  package var from: String
  package var to: String
  /// What was assumed of the reviews, which nobody held.
  package var assumedCompleted: String
  package var reviews: [ReplayedReview]

  package init(from: String, to: String, assumedCompleted: String, reviews: [ReplayedReview]) {
    self.from = from
    self.to = to
    self.assumedCompleted = assumedCompleted
    self.reviews = reviews
  }
}

/// A review that the rules would have opened.
package struct ReplayedReview: Codable, Hashable, Sendable {
  package var rule: String
  /// Absent where all services of a customer are reviewed together.
  package var service: String?
  package var customer: String?
  /// All that it is about; only of a customer's review, as the service says it else.
  package var services: [String]?
  package var opened: String
  package var due: String
  /// Null where that falls after the end.
  package var completed: String?
  /// How many.
  package var triggers: Int

  package init(
    rule: String, service: String?, customer: String?, services: [String]?, opened: String, due: String,
    completed: String?, triggers: Int
  ) {
    self.rule = rule
    self.service = service
    self.customer = customer
    self.services = services
    self.opened = opened
    self.due = due
    self.completed = completed
    self.triggers = triggers
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(rule, forKey: .rule)
    try container.encodeIfPresent(service, forKey: .service)
    try container.encodeIfPresent(customer, forKey: .customer)
    try container.encodeIfPresent(services, forKey: .services)
    try container.encode(opened, forKey: .opened)
    try container.encode(due, forKey: .due)
    try container.encode(completed, forKey: .completed)
    try container.encode(triggers, forKey: .triggers)
  }
}

/// A rule set to compare with the one in force.
package struct DiffRequest: Codable, Hashable, Sendable {
  package var files: [RuleFileBody]

  package init(files: [RuleFileBody]) { self.files = files }
}

/// What another rule set would change.
package struct RuleDiff: Codable, Hashable, Sendable {
  /// As of when reviews and due days were compared.
  package var at: String
  package var added: [RuleName]
  package var removed: [RuleName]
  /// What they remember begins anew: armed, since when true, how far an interval adapted.
  package var changedInMeaning: [ChangedRule]
  /// What they remember stays.
  package var changedInWording: [RuleName]
  package var unchanged: Int
  /// What is declared otherwise besides rules.
  package var declarations: [DiffDeclaration]
  /// Reviews that the other set would open now, or join to an open one, and the one in force would not.
  package var opens: [DiffReview]
  package var dueDays: [DiffDueDay]

  package init(
    at: String, added: [RuleName], removed: [RuleName], changedInMeaning: [ChangedRule],
    changedInWording: [RuleName], unchanged: Int, declarations: [DiffDeclaration],
    opens: [DiffReview], dueDays: [DiffDueDay]
  ) {
    self.at = at
    self.added = added
    self.removed = removed
    self.changedInMeaning = changedInMeaning
    self.changedInWording = changedInWording
    self.unchanged = unchanged
    self.declarations = declarations
    self.opens = opens
    self.dueDays = dueDays
  }
}

/// What a rule is known by.
package struct RuleName: Codable, Hashable, Sendable {
  package var id: String
  package var title: String

  package init(id: String, title: String) {
    self.id = id
    self.title = title
  }
}

/// A rule that would do something else, as sentences, or as it is written where those are alike.
package struct ChangedRule: Codable, Hashable, Sendable {
  package var id: String
  package var title: String
  package var before: String
  package var after: String

  package init(id: String, title: String, before: String, after: String) {
    self.id = id
    self.title = title
    self.before = before
    self.after = after
  }
}

/// A calendar, customer, offering, service, indicator or event type that would be declared otherwise.
package struct DiffDeclaration: Codable, Hashable, Sendable {
  package var kind: String
  package var id: String
  /// `added`, `removed` or `changed`.
  package var change: String
  /// The keys that say otherwise.
  package var keys: [String]

  package init(kind: String, id: String, change: String, keys: [String]) {
    self.kind = kind
    self.id = id
    self.change = change
    self.keys = keys
  }
}

/// A review that other rules would open now, or whose due day they would move.
package struct DiffReview: Codable, Hashable, Sendable {
  package var rule: String
  package var service: String?
  package var customer: String?
  package var due: String
  /// One plain sentence.
  package var because: String

  package init(rule: String, service: String?, customer: String?, due: String, because: String) {
    self.rule = rule
    self.service = service
    self.customer = customer
    self.due = due
    self.because = because
  }
}

/// The due day of a coming interval review; absent where it is not to come.
package struct DiffDueDay: Codable, Hashable, Sendable {
  /// Empty for a review that was opened by hand.
  package var rule: String
  /// The review that is open; nil for one that is to come.
  package var review: String?
  package var service: String?
  package var customer: String?
  package var before: String?
  package var after: String?
  package var because: String

  package init(
    rule: String, review: String?, service: String?, customer: String?, before: String?, after: String?,
    because: String
  ) {
    self.rule = rule
    self.review = review
    self.service = service
    self.customer = customer
    self.before = before
    self.after = after
    self.because = because
  }
}

/// A forecast with rules that are tried and not in force.
package struct ForecastRequest: Codable, Hashable, Sendable {
  package var through: String?
  package var service: String?
  package var files: [RuleFileBody]

  package init(through: String?, service: String?, files: [RuleFileBody]) {
    self.through = through
    self.service = service
    self.files = files
  }
}

/// What became of a reload: without problems the files are in force.
package struct ReloadAnswer: Codable, Hashable, Sendable {
  package var problems: [String]
  package var warnings: [String]
  package var rules: Int
  package var services: Int

  package init(problems: [String], warnings: [String], rules: Int, services: Int) {
    self.problems = problems
    self.warnings = warnings
    self.rules = rules
    self.services = services
  }
}

import ReviewEngine

/// One example of what rules make of invented data.
package struct RuleTest: Sendable {
  /// A place in a file, from line 1.
  package struct Place: Hashable, Sendable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package var description: String { "\(file):\(line)" }
  }

  /// A review that was held, or cancelled.
  package struct GivenReview: Sendable {
    let rule: String?
    let subject: SubjectID
    let opened: Instant
    let due: Day
    let closed: Instant
    let isCompleted: Bool
  }

  /// What a test expects at an instant.
  package struct Expectation: Sendable {
    package let place: Place
    package let at: Instant
    /// As it is written.
    let atText: String
    var next: [NextReview] = []
    /// The open reviews of the rules under test, all of them; nil: nothing is expected of them.
    var reviews: [ExpectedReview]?
    /// The rules under test whose condition is unknown, all of them; nil: nothing is expected.
    var unknown: [String]?
  }

  /// When a rule's next review is due, and why.
  package struct NextReview: Sendable {
    let rule: String
    /// Nil: none is to come.
    let due: Day?
    let opens: Day?
    let factors: [String]?
    let unknown: [String]?
  }

  /// A review that has to be open, by what the test says of it.
  package struct ExpectedReview: Sendable {
    let rule: String?
    let due: Day?
    let opened: Instant?
    let triggers: Int?
    let services: [String]?
  }

  package let place: Place
  package let title: String
  /// With the test's own catalogue and, where it names some, only the rules under test.
  let ruleSet: RuleSet
  /// The rules that the test says something about.
  package let ruleIds: [String]
  let subject: SubjectID
  /// Virtual time begins here; what is at this very instant counts.
  let from: Instant
  let assumedCompletion: Simulation.AssumedCompletion
  let reviews: [GivenReview]
  let samples: [SubjectHistory.SeriesKey: [Sample]]
  let events: [Event]
  let expectations: [Expectation]
}

/// What became of one test.
package struct RuleTestOutcome: Sendable {
  /// What was expected and what was found instead.
  package struct Failure: Hashable, Sendable, CustomStringConvertible {
    package let place: RuleTest.Place
    /// `at 2026-03-01: the due day of 'quarterly'`
    package let what: String
    package let expected: String
    package let got: String

    package var description: String { "\(place): \(what)\n  expected  \(expected)\n  got       \(got)" }
  }

  package let test: RuleTest
  package let failures: [Failure]

  package var passed: Bool { failures.isEmpty }
}

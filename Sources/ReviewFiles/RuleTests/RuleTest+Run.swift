import ReviewEngine

extension RuleTest {
  /// Runs the test in virtual time through the function that runs live.
  package func run() throws -> RuleTestOutcome {
    RuleTestOutcome(test: self, failures: try expectations.flatMap(failures))
  }

  private func failures(_ expectation: Expectation) throws -> [RuleTestOutcome.Failure] {
    let moment = try TestMoment(self, at: expectation.at)
    var failures: [RuleTestOutcome.Failure] = []
    func expect(_ what: String, _ expected: String?, _ got: String) {
      guard let expected, expected != got else { return }
      failures.append(
        RuleTestOutcome.Failure(
          place: expectation.place, what: "at \(expectation.atText): \(what)", expected: expected, got: got))
    }
    for next in expectation.next {
      let found = moment.next(next.rule)
      expect(
        "the next review of '\(next.rule)'", next.due.map { "due \($0)" } ?? "never",
        found.due.map { "due \($0)" } ?? "never")
      expect(
        "the opening of the next review of '\(next.rule)'", next.opens?.description, found.opens?.description ?? "never"
      )
      expect("the factors of '\(next.rule)'", next.factors.map(list), list(found.factors))
      expect("the unknown factors of '\(next.rule)'", next.unknown.map(list), list(found.unknown))
    }
    if let reviews = expectation.reviews { compare(reviews, moment.open, moment, expect) }
    expect("the rules that are unknown", expectation.unknown.map { list($0.sorted()) }, list(moment.unknown))
    return failures
  }

  private func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }

  /// Each review in the words in which it was expected, so that a difference is seen at once.
  private func compare(
    _ expected: [ExpectedReview], _ found: [SimulatedReview], _ moment: TestMoment,
    _ expect: (String, String?, String) -> Void
  ) {
    guard !expected.isEmpty || !found.isEmpty else { return }
    var left = found
    var (missing, matched): ([String], [String]) = ([], [])
    for review in expected {
      if let index = left.firstIndex(where: { review.matches($0) }) {
        matched.append(left[index].words(like: review, moment.zone))
        left.remove(at: index)
      } else {
        missing.append(review.words(moment.zone))
      }
    }
    guard !missing.isEmpty || !left.isEmpty else { return }
    let got = matched + left.map { $0.words(like: expected.first { [rule = $0.rule] in $0.rule == rule }, moment.zone) }
    expect("the open reviews", list((matched + missing).sorted()), list(got.sorted()))
  }
}

/// The state of things at one instant of a test.
private struct TestMoment {
  let at: Instant
  let zone: Zone
  private let evaluation: Evaluation
  private let outcome: SimulationOutcome

  init(_ test: RuleTest, at: Instant) throws {
    self.at = at
    evaluation = Evaluation(ruleSet: test.ruleSet)
    let start = Instant(milliseconds: test.from.milliseconds - 1)
    let subjects = test.ruleSet.subjects { _, zone in zone.day(of: test.from) }
    guard var subject = subjects.first(where: { $0.id == test.subject }) else {
      preconditionFailure("the reader takes no test without a service of its subject")
    }
    zone = subject.zone
    // Time begins a millisecond early, so that what is at its very beginning counts; the day is that of the beginning
    // all the same.
    for rule in evaluation.rules(for: subject) {
      subject.progress[rule.id] = RuleProgress(metOn: zone.day(of: test.from))
    }
    var script: [String: Simulation.ScriptedClosing] = [:]
    for (index, review) in test.reviews.enumerated() where review.closed <= at {
      let id = "given-\(index)"
      subject.open(
        Review(
          id: id, rule: review.rule, subject: subject.id, services: subject.services.map(\.id), opened: review.opened,
          due: review.due,
          periodStart: zone.day(of: min(review.opened, review.closed))))
      script[id] = Simulation.ScriptedClosing(
        at: max(review.closed, start), conducted: review.closed, isCompleted: review.isCompleted)
    }
    let simulation = Simulation(
      evaluation: evaluation, from: start, to: at, assumedCompletion: test.assumedCompletion, scriptedClosings: script)
    var series = SubjectHistory(samples: test.samples, events: test.events)
    var known = ServiceReviews(evaluation)
    for service in subjects
    where subject.services.contains(where: { .service($0.id) == service.id }) && service.id != subject.id {
      known.note(try simulation.run(service, events: test.events, series: &series))
    }
    outcome = try simulation.run(known.completing(subject), events: test.events, series: &series)
  }

  var open: [SimulatedReview] { outcome.reviews.filter { outcome.subject.openReview($0.id) != nil } }

  var unknown: [String] { outcome.unknownRules.sorted() }

  struct Next {
    var due: Day?
    var opens: Day?
    var factors: [String] = []
    var unknown: [String] = []
  }

  /// The open review of a rule, else the one to come.
  func next(_ ruleId: String) -> Next {
    guard let rule = evaluation.rules(for: outcome.subject).first(where: { $0.id == ruleId }) else { return Next() }
    let progress = outcome.subject.progress(of: rule, meetingOn: zone.day(of: at))
    let open = outcome.subject.openReview(ofRule: ruleId)
    let schedule = evaluation.coming(rule, outcome.subject, at: at)?.schedule
    let factors = progress.lastClosing.flatMap { progress.adapted(after: $0) }?.evidence.factors ?? []
    return Next(
      due: open?.due ?? schedule?.due, opens: (open?.opened ?? schedule?.opens).map { zone.day(of: $0) },
      factors: factors.filter { $0.verdict == .true }.map(\.id),
      unknown: factors.filter { $0.verdict == .unknown }.map(\.id))
  }
}

extension RuleTest.ExpectedReview {
  func matches(_ review: SimulatedReview) -> Bool {
    (rule == nil || rule == review.rule) && (due == nil || due == review.due)
      && (opened == nil || opened == review.opened)
      && (triggers == nil || triggers == review.triggers.count)
      && (services == nil || services?.sorted() == review.services.sorted())
  }

  func words(_ zone: Zone) -> String {
    describe(rule ?? "", due: due, opened: opened, triggers: triggers, services: services, zone)
  }
}

extension SimulatedReview {
  /// What is known of it, in as many words as were expected of a review of its rule.
  fileprivate func words(like expected: RuleTest.ExpectedReview?, _ zone: Zone) -> String {
    describe(
      rule, due: expected == nil || expected?.due != nil ? due : nil, opened: expected?.opened != nil ? opened : nil,
      triggers: expected?.triggers != nil ? triggers.count : nil, services: expected?.services != nil ? services : nil,
      zone)
  }
}

private func describe(_ rule: String, due: Day?, opened: Instant?, triggers: Int?, services: [String]?, _ zone: Zone)
  -> String
{
  let parts = [
    due.map { "due \($0)" }, opened.map { "opened \($0)" }, triggers.map { counted($0, "trigger") },
    services.map { "of \($0.sorted().joined(separator: " and "))" },
  ].compactMap { $0 }
  return ([rule] + parts).joined(separator: " ")
}

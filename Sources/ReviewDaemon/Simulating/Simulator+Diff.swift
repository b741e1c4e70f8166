import ReviewAPI
import ReviewEngine
import ReviewStore
import ReviewWords

extension Simulator {
  /// What another rule set would change: its rules, the reviews that would open now, and the due days to come.
  func diff(_ inForce: RuleSet, _ other: RuleSet, _ subjects: [Subject], at now: Instant, _ budget: Budget) throws
    -> RuleDiff
  {
    let before = try moment(inForce, subjects, at: now, budget)
    let adoption = try other.adopting(subjects, of: inForce, at: now)
    let after = try moment(other, adoption.subjects, at: now, budget)
    let known = Set(before.asked.map(\.key))
    let opens = after.asked.filter { !known.contains($0.key) }.map { asked in
      DiffReview(
        rule: asked.rule, service: asked.subject.service, customer: asked.subject.customer, due: asked.due.description,
        because: asked.because)
    }
    return RuleDiff(
      at: now.description, added: other.rules.filter { inForce.rule($0.id) == nil }.map(RuleName.init),
      removed: inForce.rules.filter { other.rule($0.id) == nil }.map(RuleName.init),
      changedInMeaning: other.changedRules(from: inForce, inMeaning: true).map { ChangedRule($0, inForce, other) },
      changedInWording: other.changedRules(from: inForce, inMeaning: false).map(RuleName.init),
      unchanged: other.rules.count { rule in inForce.rule(rule.id) == rule },
      declarations: other.declarationChanges(from: inForce).map(DiffDeclaration.init), opens: opens,
      dueDays: adoption.moved + dueDays(before, after))
  }

  private func dueDays(_ before: RuleMoment, _ after: RuleMoment) -> [DiffDueDay] {
    (before.coming.keys + after.coming.keys.filter { before.coming[$0] == nil }).sorted().compactMap { key in
      let (old, new) = (before.coming[key], after.coming[key])
      guard let one = new ?? old, old?.due != new?.due else { return nil }
      return DiffDueDay(
        rule: one.rule, review: nil, service: one.subject.service, customer: one.subject.customer,
        before: old?.due.description, after: new?.due.description, because: one.because)
    }
  }

  /// The reviews that a rule set asks for by its next grid instants with nothing new recorded, and those to come after
  /// that.
  private func moment(_ ruleSet: RuleSet, _ subjects: [Subject], at now: Instant, _ budget: Budget) throws -> RuleMoment
  {
    let evaluation = Evaluation(ruleSet: ruleSet)
    let horizon = ruleSet.rules.compactMap(\.gridStep).max() ?? .minutes(1)
    let simulation = Simulation(
      evaluation: evaluation, from: now, to: now + min(horizon, .days(1)), assumedCompletion: .never)
    try refuseTooMany(simulation.gridInstantCount(of: subjects), "comparison")
    return try store.read { snapshot in
      var moment = RuleMoment()
      var known = ServiceReviews(evaluation)
      for subject in subjects {
        known.note(subject)
        guard !evaluation.rules(for: subject).isEmpty else { continue }
        try check(moment.asked.count, budget, "comparison")
        var series = snapshot.series
        let outcome = try simulation.run(
          known.completing(subject), events: [], series: &series,
          checkpoint: { try check(moment.asked.count + $0, budget, "comparison") })
        known.note(outcome)
        moment.note(outcome, evaluation, openBefore: Set(subject.openReviews.map(\.id)))
      }
      return moment
    }
  }
}

/// What one rule set makes of the present.
private struct RuleMoment {
  struct Review {
    let rule: String
    let subject: SubjectID
    let due: Day
    let because: String

    var key: Key { Key(subject: subject, rule: rule) }
  }

  struct Key: Hashable, Comparable {
    let subject: SubjectID
    let rule: String

    static func < (left: Key, right: Key) -> Bool { (left.subject, left.rule) < (right.subject, right.rule) }
  }

  var asked: [Review] = []
  var coming: [Key: Review] = [:]

  mutating func note(_ outcome: SimulationOutcome, _ evaluation: Evaluation, openBefore: Set<String>) {
    let subject = outcome.subject
    for review in outcome.reviews where !openBefore.contains(review.id) {
      asked.append(
        Review(rule: review.rule, subject: review.subject, due: review.due, because: review.triggers[0].summary))
    }
    for trigger in outcome.joined {
      asked.append(
        Review(
          rule: trigger.trigger.rule ?? "", subject: subject.id, due: trigger.due, because: trigger.trigger.summary))
    }
    for one in evaluation.coming(subject, at: outcome.end) {
      let schedule = one.schedule
      let review = Review(
        rule: one.rule.id, subject: subject.id, due: schedule.due, because: schedule.evidence.arithmetic)
      coming[review.key] = review
    }
  }
}

extension RuleSet {
  /// The rules that both sets have and that differ: in what they do, or only in how they say it.
  func changedRules(from other: RuleSet, inMeaning: Bool) -> [Rule] {
    rules.filter { rule in
      guard let old = other.rule(rule.id), old != rule else { return false }
      return (old.fingerprint != rule.fingerprint) == inMeaning
    }
  }

  /// This set's subjects with what those of another set remember, as a reload would do it.
  func adopting(_ subjects: [Subject], of other: RuleSet, at now: Instant) throws -> Adoption {
    let known = Dictionary(subjects.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let evaluation = Evaluation(ruleSet: self)
    var occasion = Occasion(instant: now)
    occasion.changedRules = changedRules(from: other, inMeaning: true).map(\.id)
    var recounting = Occasion(instant: now)
    recounting.recounts = true
    var moved: [DiffDueDay] = []
    let adopting = try self.subjects { identity, zone in known[identity]?.firstLoadedOn ?? zone.day(of: now) }.map {
      subject in
      guard let old = known[subject.id] else { return subject }
      var adopted = [
        Subject(
          id: subject.id, services: subject.services, calendar: subject.calendar, firstLoadedOn: old.firstLoadedOn,
          progress: old.progress, openReviews: old.openReviews, records: old.records)
      ]
      if occasion.isReload { _ = try evaluation.decide(occasion, subjects: &adopted, answers: Answers()) }
      if old.calendar != subject.calendar {
        let facts = try evaluation.decide(recounting, subjects: &adopted, answers: Answers()).facts
        moved += facts.compactMap { DiffDueDay($0, adopted[0]) }
      }
      return adopted[0]
    }
    return Adoption(subjects: adopting, moved: moved)
  }
}

/// What a rule set would make of the subjects of another one.
struct Adoption {
  let subjects: [Subject]
  /// Where other calendars would move open reviews.
  let moved: [DiffDueDay]
}

extension DiffDueDay {
  /// Of an open review that other working days move; nil for any other fact.
  fileprivate init?(_ fact: Fact, _ subject: Subject) {
    guard case .dueMoved(let move) = fact.content, let id = fact.review, let review = subject.openReview(id) else {
      return nil
    }
    self.init(
      rule: review.rule ?? "", review: id, service: review.subject.service, customer: review.subject.customer,
      before: move.from.description, after: move.to.description, because: move.because.words(review))
  }
}

extension ChangedRule {
  fileprivate init(_ rule: Rule, _ inForce: RuleSet, _ other: RuleSet) {
    let old = inForce.rule(rule.id) ?? rule
    let before = Sentences(ruleSet: inForce).sentence(old)
    let after = Sentences(ruleSet: other).sentence(rule)
    let isTold = before != after
    self.init(
      id: rule.id, title: rule.title, before: isTold ? before : old.text, after: isTold ? after : rule.text)
  }
}

extension DiffDeclaration {
  fileprivate init(_ change: DeclarationChange) {
    self.init(kind: change.kind.rawValue, id: change.id, change: change.change.rawValue, keys: change.keys)
  }
}

extension RuleName {
  fileprivate init(_ rule: Rule) { self.init(id: rule.id, title: rule.title) }
}

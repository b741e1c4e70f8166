/// One occasion for one subject: intervals, then events, then conditions, each seeing the ones before it.
struct SubjectEvaluation {
  var subject: Subject
  let evaluation: Evaluation
  let occasion: Occasion
  var verdict: Verdict

  var instant: Instant { occasion.instant }
  var today: Day { subject.zone.day(of: instant) }
  var ruleSet: RuleSet { evaluation.ruleSet }
  private var rules: [Rule] { evaluation.rules(for: subject) }

  mutating func run(_ asked: [AskedRule]) {
    for asked in asked where asked.asking.isInterval { adapt(asked) }
    if occasion.opensIntervals, !occasion.isAboutChanges { openIntervals() }
    releaseKeptEvents()
    for arrival in occasion.arrivals.sorted(by: { $0.event.identity < $1.event.identity })
    where subject.services.contains(where: { $0.id == arrival.event.service }) {
      receive(arrival)
    }
    for asked in asked where !asked.asking.isInterval { evaluate(asked) }
  }

  /// Whether any of the services that a rule applies to is in service.
  private func isInService(_ rule: Rule) -> Bool { evaluation.subject(subject, for: rule).isInService(at: instant) }

  // MARK: Intervals

  private mutating func openIntervals() {
    for rule in rules where rule.isInterval {
      guard subject.openReview(ofRule: rule.id) == nil, isInService(rule) else { continue }
      let progress = subject.progress(of: rule, meetingOn: today)
      if subject.progress[rule.id] != progress { subject.progress[rule.id] = progress }
      guard !evaluation.awaitsFactors(rule, progress), let schedule = evaluation.schedule(of: rule, progress, subject),
        schedule.opens <= instant
      else { continue }
      if let occurrence = schedule.occurrence { subject.progress[rule.id]?.lastOccurrence = occurrence }
      var evidence = evidence(of: rule)
      evidence.interval = schedule.evidence
      open(rule, due: schedule.due, trigger(rule, evidence))
    }
  }

  // MARK: Events

  private mutating func releaseKeptEvents() {
    for rule in rules {
      guard case .event = rule.cause, var progress = subject.progress[rule.id],
        progress.isCoolingDown || !progress.keptEvents.isEmpty, isInService(rule)
      else { continue }
      let end = progress.cooldownEnd(rule.cooldown)
      progress.endCooldown(of: rule, at: instant)
      let released = progress.isCoolingDown ? [] : progress.keptEvents.events
      if !progress.isCoolingDown { progress.keptEvents = KeptEvents() }
      subject.progress[rule.id] = progress
      for event in released { triggerUpon(event, rule, keptUntil: end) }
    }
  }

  private mutating func receive(_ arrival: Arrival) {
    for rule in rules {
      guard case .event(let cause) = rule.cause, cause.type == arrival.event.type,
        evaluation.services(of: subject, for: rule).contains(where: {
          $0.id == arrival.event.service && $0.isInService(at: instant)
        })
      else { continue }
      let match = cause.matches.match(arrival.event)
      if match == .attributeMissing { verdict.lackingAttributeCounts[rule.id, default: 0] += 1 }
      if arrival.isRevision, revised(arrival.event, keptBy: rule, stillMatches: match == .matches) { continue }
      guard match == .matches, !(arrival.isRevision && arrival.matched.contains(cause.key(of: arrival.event))) else {
        continue
      }
      var progress = subject.progress(of: rule, meetingOn: today)
      if let end = progress.cooldownEnd(rule.cooldown), subject.openReview(ofRule: rule.id) == nil {
        progress.keptEvents.append(arrival.event)
        subject.progress[rule.id] = progress
        verdict.kept.append(KeptArrival(rule: rule.id, event: arrival.event, until: end))
      } else {
        subject.progress[rule.id] = progress
        triggerUpon(arrival.event, rule, keptUntil: nil)
      }
    }
  }

  /// Puts a revision in the place of what a cooldown keeps, or takes that away where it no longer matches; false where
  /// nothing is kept.
  private mutating func revised(_ event: Event, keptBy rule: Rule, stillMatches: Bool) -> Bool {
    guard subject.progress[rule.id]?.keptEvents.contains(event.identity) ?? false else { return false }
    subject.progress[rule.id]?.keptEvents.replace(event.identity, by: stillMatches ? event : nil)
    return true
  }

  private mutating func triggerUpon(_ event: Event, _ rule: Rule, keptUntil: Instant?) {
    var evidence = evidence(of: rule)
    evidence.event = EventEvidence(event, keptUntil: keptUntil)
    if case .customer = subject.id { evidence.event?.service = event.service }
    place(
      rule,
      Trigger(
        rule: rule.id, services: [event.service], at: keptUntil ?? instant, evidence: evidence, event: event.identity))
  }

  // MARK: Conditions

  /// A customer's condition is true where it is for one of the services.
  private mutating func evaluate(_ asked: AskedRule) {
    guard case .condition(let cause) = asked.rule.cause else { return }
    let rule = asked.rule
    let truths = truths(of: cause.condition, asked, cause.leaves.indices)
    let truth = Truth.any(of: truths)
    var progress = subject.progress(of: rule, meetingOn: today)
    progress.endCooldown(of: rule, at: instant)
    if truth == .unknown { verdict.unknownCounts[rule.id, default: 0] += 1 }
    let counts = truth == .true || truth == .unknown && cause.opensIfUnknown
    if !counts {
      progress.trueSince = nil
      if truth == .false { progress.isArmed = true }
    }
    let triggers =
      counts && progress.triggers(at: instant, cause, hasOpenReview: subject.openReview(ofRule: rule.id) != nil)
    let trueSince = progress.trueSince
    if triggers { progress.isArmed = false }
    if subject.progress[rule.id] != progress { subject.progress[rule.id] = progress }
    guard triggers else { return }
    var evidence = evidence(of: rule)
    evidence.findings = findings(cause.leaves, asked, cause.leaves.indices)
    evidence.trueSince = trueSince?.description
    let services = zip(asked.participants, truths).filter { $1 == truth }.map(\.0.service.id)
    place(rule, Trigger(rule: rule.id, services: services, at: instant, evidence: evidence))
  }

  /// What a condition is for each participant.
  ///
  /// - Parameter leaves: which of the leaves of the rule are its own.
  func truths(of condition: Condition, _ asked: AskedRule, _ leaves: Range<Int>) -> [Truth] {
    let records = evaluation.records(of: subject, for: asked.rule)
    return asked.participants.indices.map { position in
      var evaluation = conditionEvaluation(asked, position, leaves, records)
      return evaluation.evaluate(condition)
    }
  }

  func findings(_ conditions: [Condition], _ asked: AskedRule, _ leaves: Range<Int>) -> [Finding] {
    let records = evaluation.records(of: subject, for: asked.rule)
    return asked.participants.indices.flatMap { conditionEvaluation(asked, $0, leaves, records).findings(conditions) }
  }

  private func conditionEvaluation(
    _ asked: AskedRule, _ position: Int, _ leaves: Range<Int>, _ records: JointRecords
  ) -> ConditionEvaluation {
    ConditionEvaluation(
      ruleSet: ruleSet, records: records, participant: asked.participants[position], instant: instant,
      answers: asked.answers[position][leaves])
  }

  // MARK: Joining and opening

  /// A trigger joins its own rule's open review, else another one due within `merge`, else opens one.
  private mutating func place(_ rule: Rule, _ trigger: Trigger) {
    if let own = subject.openReview(ofRule: rule.id) { return note(.joined(trigger), of: own.id, by: rule) }
    let day = subject.zone.day(of: occasion.recordedAt)
    let due = rule.review.due.added(to: day, in: subject.calendar)
    guard case .within(let amount) = rule.merge,
      let other = reviewToJoin(dueBy: amount.added(to: day, in: subject.calendar))
    else {
      open(rule, due: due, trigger)
      return
    }
    note(.joined(trigger), of: other.id, by: rule)
    guard other.scheduled == nil, due < other.due else { return }
    let count = Review.DueCount(from: day, amount: rule.review.due)
    note(.dueMoved(DueMove(from: other.due, to: due, count: count, because: .trigger(trigger))), of: other.id, by: rule)
  }

  /// Lets something happen.
  ///
  /// - Parameter instant: since when it holds; nil for the moment in which it is recorded.
  mutating func note(_ content: Fact.Content, of review: String?, by rule: Rule, at instant: Instant? = nil) {
    let fact = Fact(
      at: instant ?? occasion.recordedAt, by: .rule(rule.id), subject: subject.id, review: review, content)
    subject.apply(fact)
    verdict.facts.append(fact)
  }

  /// The earliest due of the reviews whose meeting is still to come; of several, the one that was opened first.
  private func reviewToJoin(dueBy day: Day) -> Review? {
    subject.openReviews.filter { $0.due <= day && $0.state != .conducted }.min {
      ($0.due, $0.opened) < ($1.due, $1.opened)
    }
  }

  private mutating func open(_ rule: Rule, due: Day, _ trigger: Trigger) {
    let id = Digest.name(of: "\(rule.id) \(subject.id) \(occasion.recordedAt) \(subject.records.count)")
    let opened = occasion.recordedAt
    // A review of a customer is about all services in service, also where one of them asked for it.
    let present = subject.services.filter { $0.isInService(at: opened) }.map(\.id)
    var review = Review(
      id: id, rule: rule.id, subject: subject.id, title: rule.title,
      services: present.isEmpty ? trigger.services : present, opened: opened,
      due: due, priority: rule.review.priority, agenda: rule.review.agenda, periodStart: periodStart(of: rule))
    if trigger.evidence.interval == nil {
      review.dueCount = Review.DueCount(from: subject.zone.day(of: opened), amount: rule.review.due)
    } else {
      review.intervalDue = due
    }
    review.triggerCount = 1
    note(.opened(review, trigger), of: review.id, by: rule)
  }

  /// From the end of the last review of its rule; for the first, from when the service began.
  private func periodStart(of rule: Rule) -> Day {
    subject.progress[rule.id]?.lastCompletion.map { subject.zone.day(of: $0.conducted) }
      ?? evaluation.subject(subject, for: rule).start
  }

  private func trigger(_ rule: Rule, _ evidence: Evidence) -> Trigger {
    let services = evaluation.services(of: subject, for: rule).filter { $0.isInService(at: instant) }
    return Trigger(rule: rule.id, services: services.map(\.id), at: instant, evidence: evidence)
  }

  private func evidence(of rule: Rule) -> Evidence {
    var evidence = Evidence()
    evidence.ruleText = rule.text
    evidence.ruleFingerprint = evaluation.fingerprint(of: rule)
    return evidence
  }
}

extension RuleProgress {
  /// Whether a condition that is true now triggers: armed, held long enough, and not within a cooldown unless its
  /// review is open.
  fileprivate mutating func triggers(at instant: Instant, _ cause: ConditionCause, hasOpenReview: Bool) -> Bool {
    let start = trueSince ?? instant
    trueSince = start
    guard isArmed, instant - start >= cause.holdsFor else { return false }
    return hasOpenReview || !isCoolingDown
  }
}

/// One occasion for one subject: interval openings, then events, then conditions, each seeing the ones before it.
struct SubjectEvaluation {
  var subject: Subject
  let rules: [Rule]
  let ruleSet: RuleSet
  let occasion: Occasion
  var verdict: Verdict

  private var instant: Instant { occasion.instant }
  private var today: Day { subject.service.zone.day(of: instant) }

  mutating func run(_ asked: [(asked: AskedRule, position: Int?)]) {
    if occasion.opensIntervals { openIntervals() }
    releaseKeptEvents()
    for arrival in occasion.arrivals.sorted(by: { $0.event.identity < $1.event.identity })
    where arrival.event.service == subject.service.id {
      receive(arrival)
    }
    for case (let asked, let position?) in asked { evaluate(asked, position: position) }
  }

  // MARK: Intervals

  private mutating func openIntervals() {
    for rule in rules {
      guard case .interval(let cause) = rule.cause, subject.openReview(ofRule: rule.id) == nil else { continue }
      let progress = subject.progress(of: rule, meetingOn: today)
      subject.progress[rule.id] = progress
      let schedule = IntervalSchedule(cause, progress: progress, subject: subject)
      guard schedule.opens <= instant else { continue }
      var evidence = evidence(of: rule)
      evidence.interval = schedule.evidence(cause)
      open(rule, due: schedule.due, trigger(rule, evidence))
    }
  }

  // MARK: Events

  private mutating func releaseKeptEvents() {
    for rule in rules {
      guard case .event = rule.cause, var progress = subject.progress[rule.id],
        progress.isCoolingDown || !progress.keptEvents.isEmpty
      else { continue }
      let end = progress.cooldownEnd(rule.cooldown)
      progress.endCooldown(of: rule, at: instant)
      let released = progress.isCoolingDown ? [] : progress.keptEvents
      if !progress.isCoolingDown { progress.keptEvents = [] }
      subject.progress[rule.id] = progress
      for event in released { triggerUpon(event, rule, keptUntil: end) }
    }
  }

  private mutating func receive(_ arrival: Arrival) {
    for rule in rules {
      guard case .event(let cause) = rule.cause, cause.type == arrival.event.type else { continue }
      let match = cause.matches.match(arrival.event)
      if match == .attributeMissing { verdict.lackingAttributeCounts[rule.id, default: 0] += 1 }
      if revised(arrival.event, keptBy: rule, stillMatches: match == .matches) { continue }
      guard match == .matches,
        !arrival.earlier.contains(where: {
          $0.type == cause.type && $0.service == arrival.event.service && cause.matches.match($0) == .matches
        })
      else {
        continue
      }
      var progress = subject.progress(of: rule, meetingOn: today)
      if let end = progress.cooldownEnd(rule.cooldown), subject.openReview(ofRule: rule.id) == nil {
        progress.keptEvents.append(arrival.event)
        subject.progress[rule.id] = progress
        verdict.decisions.append(.kept(rule: rule.id, event: arrival.event, until: end))
      } else {
        subject.progress[rule.id] = progress
        triggerUpon(arrival.event, rule, keptUntil: nil)
      }
    }
  }

  /// Puts a revision in the place of what a cooldown keeps, or takes that away where it no longer matches; false where nothing is kept.
  private mutating func revised(_ event: Event, keptBy rule: Rule, stillMatches: Bool) -> Bool {
    guard let index = subject.progress[rule.id]?.keptEvents.firstIndex(where: { $0.identity == event.identity }) else { return false }
    if stillMatches {
      subject.progress[rule.id]?.keptEvents[index] = event
    } else {
      subject.progress[rule.id]?.keptEvents.remove(at: index)
    }
    return true
  }

  private mutating func triggerUpon(_ event: Event, _ rule: Rule, keptUntil: Instant?) {
    var evidence = evidence(of: rule)
    evidence.event = EventEvidence(event, keptUntil: keptUntil)
    place(rule, Trigger(rule: rule.id, service: subject.service.id, at: keptUntil ?? instant, evidence: evidence, event: event.identity))
  }

  // MARK: Conditions

  private mutating func evaluate(_ asked: AskedRule, position: Int) {
    let rule = asked.rule
    var evaluation = ConditionEvaluation(
      rule: rule, ruleSet: ruleSet, subject: subject, subjectIndex: position, instant: instant, answers: asked.answers)
    let truth = evaluation.evaluate(asked.cause.condition)
    var progress = subject.progress(of: rule, meetingOn: today)
    progress.endCooldown(of: rule, at: instant)
    if truth == .unknown { verdict.unknownCounts[rule.id, default: 0] += 1 }
    let counts = truth == .true || truth == .unknown && asked.cause.opensIfUnknown
    if !counts {
      progress.trueSince = nil
      if truth == .false { progress.isArmed = true }
    }
    let triggers = counts && progress.triggers(at: instant, asked.cause, hasOpenReview: subject.openReview(ofRule: rule.id) != nil)
    let trueSince = progress.trueSince
    if triggers { progress.isArmed = false }
    if subject.progress[rule.id] != progress { subject.progress[rule.id] = progress }
    guard triggers else { return }
    var evidence = evidence(of: rule)
    evidence.findings = evaluation.findings(asked.cause.leaves)
    evidence.trueSince = trueSince?.description
    place(rule, trigger(rule, evidence))
  }

  // MARK: Joining and opening

  /// A trigger joins its own rule's open review, else another one due within `merge`, else opens one.
  private mutating func place(_ rule: Rule, _ trigger: Trigger) {
    if let own = subject.openReview(ofRule: rule.id) {
      verdict.decisions.append(.joined(review: own, trigger: trigger, dueBefore: own.due))
      return
    }
    let day = subject.service.zone.day(of: occasion.recordedAt)
    let due = rule.review.due.added(to: day)
    guard case .within(let amount) = rule.merge, var other = reviewToJoin(dueBy: amount.added(to: day)) else {
      open(rule, due: due, trigger)
      return
    }
    let dueBefore = other.due
    if other.scheduled == nil, due < other.due { other.due = due }
    subject.update(other)
    verdict.decisions.append(.joined(review: other, trigger: trigger, dueBefore: dueBefore))
  }

  /// The earliest due of the reviews whose meeting is still to come; of several, the one that was opened first.
  private func reviewToJoin(dueBy day: Day) -> OpenReview? {
    subject.openReviews.filter { $0.due <= day && $0.state != .conducted }.min { ($0.due, $0.opened) < ($1.due, $1.opened) }
  }

  private mutating func open(_ rule: Rule, due: Day, _ trigger: Trigger) {
    let id = Digest.name(of: "\(rule.id) \(subject.service.id) \(occasion.recordedAt) \(subject.records.count)")
    let review = OpenReview(id: id, rule: rule.id, opened: occasion.recordedAt, due: due)
    subject.open(review)
    verdict.decisions.append(.opened(review: review, service: subject.service.id, template: rule.review, trigger: trigger))
  }

  private func trigger(_ rule: Rule, _ evidence: Evidence) -> Trigger {
    Trigger(rule: rule.id, service: subject.service.id, at: instant, evidence: evidence)
  }

  private func evidence(of rule: Rule) -> Evidence {
    var evidence = Evidence()
    evidence.ruleText = rule.text
    evidence.ruleFingerprint = rule.fingerprint
    return evidence
  }
}

extension RuleProgress {
  /// Whether a condition that is true now triggers: armed, held long enough, and not within a cooldown unless its review is open.
  fileprivate mutating func triggers(at instant: Instant, _ cause: ConditionCause, hasOpenReview: Bool) -> Bool {
    let start = trueSince ?? instant
    trueSince = start
    guard isArmed, instant - start >= cause.holdsFor else { return false }
    return hasOpenReview || !isCoolingDown
  }
}

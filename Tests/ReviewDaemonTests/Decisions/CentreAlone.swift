import ReviewEngine
import ReviewFiles
import Testing

/// The centre with nothing around it: no store, no keeper, no portions. What happens to a daemon happens to it too, and
/// it decides with all that it was told at hand.
struct CentreAlone {
  private(set) var evaluation: Evaluation
  private(set) var subjects: [Subject]
  private(set) var facts: [Fact] = []
  private var scheduler: Scheduler
  private var samples: [SubjectHistory.SeriesKey: [Sample]] = [:]
  private var events: [Event] = []
  private var now: Instant
  private var history: SubjectHistory?

  init(_ ruleSet: RuleSet, at now: Instant) throws {
    self.now = now
    evaluation = Evaluation(ruleSet: ruleSet)
    subjects = ruleSet.subjects { _, zone in zone.day(of: now) }
    scheduler = Scheduler(ruleSet.rules, gridThrough: now)
    try decide(Occasion(instant: now), for: subjects.map(\.id))
  }

  /// What a simulation asks of the past.
  mutating func series() -> SubjectHistory {
    let known = history ?? SubjectHistory(samples: samples, events: events.sorted { $0.time < $1.time })
    history = known
    return known
  }

  // MARK: What happens

  mutating func advance(to end: Instant) throws {
    while let instant = scheduler.next(), instant <= end {
      now = max(now, instant)
      let isOnGrid = scheduler.nextGridInstant == instant
      let woken = scheduler.take(through: instant)
      try decide(Occasion(instant: now, evaluatesConditions: isOnGrid), for: isOnGrid ? subjects.map(\.id) : woken)
      if isOnGrid { scheduler.passGrids(through: instant) }
    }
    now = end
  }

  mutating func take(_ value: DecimalValue, of indicator: String, at time: Instant, for service: String) {
    let key = SubjectHistory.SeriesKey(service: service, indicator: indicator)
    samples[key, default: []].append(Sample(time: time, value: value))
    samples[key]?.sort { $0.time < $1.time }
    history = nil
  }

  mutating func take(_ event: Event) throws {
    events.append(event)
    history = nil
    var occasion = Occasion(instant: now)
    occasion.arrivals = [Arrival(event)]
    let customer = evaluation.ruleSet.service(event.service)?.customer.map { SubjectID.customer($0) }
    try decide(occasion, for: [.service(event.service), customer].compactMap { $0 })
  }

  mutating func apply(_ command: ReviewCommand, to id: String, who: String) throws {
    let review = try #require(subjects.lazy.compactMap { $0.openReview(id) }.first)
    var occasion = Occasion(instant: now)
    occasion.commands = [CommandedReview(review, command, by: who)]
    try decide(occasion, for: [review.subject])
  }

  mutating func open(_ opening: OpeningByHand) throws {
    var occasion = Occasion(instant: now)
    occasion.openingsByHand = [opening]
    try decide(occasion, for: [opening.subject])
  }

  mutating func reload(_ ruleSet: RuleSet) throws {
    let (before, known) = (evaluation.ruleSet, Dictionary(uniqueKeysWithValues: subjects.map { ($0.id, $0) }))
    let old = Dictionary(uniqueKeysWithValues: before.rules.map { ($0.id, $0.fingerprint) })
    let day = now
    evaluation = Evaluation(ruleSet: ruleSet)
    subjects = ruleSet.subjects { id, zone in known[id]?.firstLoadedOn ?? zone.day(of: day) }.map { subject in
      known[subject.id]?.adopting(subject) ?? subject
    }
    scheduler = Scheduler(ruleSet.rules, gridThrough: now)
    var forgetting = Occasion(instant: now)
    forgetting.changedRules =
      ruleSet.rules.filter { rule in
        old[rule.id].map { $0 != rule.fingerprint } ?? subjects.contains { $0.progress[rule.id] != nil }
      }
      .map(\.id) + before.rules.map(\.id).filter { ruleSet.rule($0) == nil }
    let all = subjects.map(\.id)
    if !forgetting.changedRules.isEmpty { try decide(forgetting, for: all) }
    for subject in subjects {
      guard let calendar = known[subject.id]?.calendar, calendar != subject.calendar else { continue }
      var recounting = Occasion(instant: now)
      recounting.recounts = true
      try decide(recounting, for: [subject.id])
    }
    try decide(Occasion(instant: now), for: all)
  }

  // MARK: Deciding

  private mutating func decide(_ occasion: Occasion, for ids: [SubjectID]) throws {
    let places = ids.compactMap { id in subjects.firstIndex { $0.id == id } }
    var (deciding, series) = (places.map { subjects[$0] }, series())
    let verdict = try evaluation.decide(occasion, subjects: &deciding, series: &series)
    facts += verdict.facts
    for recorded in verdict.satisfactions where recorded.satisfaction.side == .customer {
      for service in recorded.services {
        take(recorded.satisfaction.value, of: "customer_satisfaction", at: recorded.at, for: service)
      }
    }
    for (place, subject) in zip(places, deciding) {
      subjects[place] = subject
      handOn(subject)
      scheduler.expect(evaluation.nextOwnInstant(of: subject, at: now), for: subject.id)
    }
  }

  private mutating func handOn(_ subject: Subject) {
    guard let service = subject.id.service, let customer = evaluation.customer(asking: service),
      let place = subjects.firstIndex(where: { $0.id == .customer(customer) })
    else { return }
    subjects[place].serviceRecords[service] = subject.records
  }
}

import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewStore

/// An event with the line that it came from.
package struct NumberedEvent: Sendable {
  package let line: Int
  package let event: Event

  package init(line: Int, event: Event) {
    self.line = line
    self.event = event
  }
}

extension Keeper {
  /// Stores samples that were checked; conditions see them at their next grid instant. A large batch is stored in
  /// portions, series by series, so that no event waits for all of it.
  package func take(_ batch: SampleBatch) async throws -> SampleTally {
    var tally = SampleTally()
    var rest = batch.series
    while !rest.isEmpty {
      let stretch = rest.takePortion(sampleCount: Self.samplePortion)
      let portion = portion()
      let (taken, left) = try write { transaction in
        var left = stretch
        return (try transaction.take(&left, labelSets: settings.limits.labelSets, while: { !portion.isOver }), left)
      }
      tally += taken
      rest += left
      if !rest.isEmpty { await Task.yield() }
    }
    return tally
  }

  /// Some ten milliseconds.
  private static let samplePortion = 8000

  /// Stores events that were checked and evaluates them at once; many of them in portions, each in one transaction.
  package func take(_ events: [NumberedEvent]) async throws -> EventsAnswer {
    var answer = EventsAnswer()
    var rest = events[...]
    repeat {
      rest = rest.dropFirst(try take(rest.prefix(Portion.largestEventCount), into: &answer))
      if !rest.isEmpty { await Task.yield() }
    } while !rest.isEmpty
    return answer
  }

  /// - Returns: how many of them were taken before others had their turn.
  private func take(_ events: ArraySlice<NumberedEvent>, into answer: inout EventsAnswer) throws -> Int {
    let (now, portion) = (clock.now(), portion())
    let before = answer
    let (after, count) = try undertake(keys(touchedBy: events.map(\.event.service)), at: now) { undertaking in
      var (answer, count) = (before, 0)
      for numbered in events {
        if portion.isOver, count > 0 { break }
        try self.take(numbered.event, at: now, &undertaking, &answer)
        count += 1
      }
      try undertaking.transaction.add(answer.tooOld - before.tooOld, toCounter: "events_too_old")
      return (answer, count)
    }
    answer = after
    return count
  }

  /// Stores one event of the journal and evaluates it.
  func take(_ event: Event, from undertaking: inout Undertaking) throws {
    var answer = EventsAnswer()
    try take(event, at: undertaking.now, &undertaking, &answer)
    try undertaking.transaction.add(answer.taken, toCounter: "journal_events")
    try undertaking.transaction.add(answer.tooOld, toCounter: "events_too_old")
  }

  /// The services themselves and the customers whose they are.
  func keys(touchedBy services: [String]) -> [SubjectID] {
    let customers = services.compactMap { ruleSet.service($0)?.customer }.map { SubjectID.customer($0) }
    return Set(services.map { .service($0) } + customers).sorted()
  }

  private func take(_ event: Event, at now: Instant, _ undertaking: inout Undertaking, _ answer: inout EventsAnswer)
    throws
  {
    var arrival = Arrival(event)
    switch try undertaking.transaction.take(event, receivedAt: now) {
    case .known:
      answer.known += 1
      return
    case .new: answer.taken += 1
    case .revised(let revision):
      answer.revised += 1
      let causes = ruleSet.eventCauses(of: event.type)
      arrival = Arrival(
        event, revisionOfMatched: try undertaking.transaction.matched(revision, now: event, among: causes))
    }
    guard event.time >= now - settings.catchUp else {
      answer.tooOld += 1
      return
    }
    var occasion = Occasion(instant: now)
    occasion.arrivals = [arrival]
    let verdict = try undertaking.decide(occasion, touching: event.service)
    answer.effects += verdict.facts.compactMap { EventEffect($0, of: event) } + verdict.kept.map { EventEffect($0) }
  }
}

extension EventEffect {
  /// What a fact is for an event; nil where it is about something else.
  init?(_ fact: Fact, of event: Event) {
    switch fact.content {
    case .opened(_, let trigger) where trigger.event == event.identity:
      self.init(event.identity, "opened", trigger, fact)
    case .joined(let trigger) where trigger.event == event.identity: self.init(event.identity, "joined", trigger, fact)
    default: return nil
    }
  }

  private init(_ event: EventIdentity, _ action: String, _ trigger: Trigger, _ fact: Fact) {
    self.init(source: event.source, id: event.id, action: action, rule: trigger.rule ?? "", review: fact.review)
  }

  init(_ kept: KeptArrival) {
    let event = kept.event.identity
    self.init(
      source: event.source, id: event.id, action: "kept", rule: kept.rule, review: nil,
      keptUntil: kept.until.description)
  }
}

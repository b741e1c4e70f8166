/// What knows series and events, and answers at once: memory, or a snapshot of a store.
///
/// It answers statistics and not samples, so that a store can answer from summaries, and a replay can slide one window
/// over a year.
package protocol SeriesSource {
  mutating func statistic(_ statistic: Statistic, of indicator: String, over window: ServiceWindow) throws
    -> SeriesAnswer

  mutating func eventCount(of type: String, matching matches: [AttributeMatch], over window: ServiceWindow) throws
    -> EventCount
}

extension SeriesSource {
  package mutating func answer(_ question: Question) throws -> Answer {
    switch question {
    case .statistic(let statistic, let indicator, let window):
      .series(try self.statistic(statistic, of: indicator, over: window))
    case .eventCount(let type, let matches, let window):
      .events(try eventCount(of: type, matching: matches, over: window))
    }
  }

  package mutating func answers(to questions: [Question]) throws -> Answers {
    var answers = Answers(capacity: questions.count)
    for question in questions { answers[question] = try answer(question) }
    return answers
  }
}

/// A stretch of time `(after, through]` of one service.
package struct ServiceWindow: Hashable, Sendable {
  package let service: String
  package let after: Instant
  package let through: Instant
  /// Whether the millisecond after `after` stands for a start that belongs to the window.
  package let isClosed: Bool

  package init(service: String, after: Instant, through: Instant, isClosed: Bool = false) {
    self.service = service
    self.after = after
    self.through = through
    self.isClosed = isClosed
  }

  package var length: Elapsed { Elapsed(milliseconds: through.milliseconds - after.milliseconds - (isClosed ? 1 : 0)) }
}

/// What a statistic found in a window.
package struct SeriesAnswer: Hashable, Sendable {
  /// Nil where the window holds no sample; a `count` is 0 then.
  package let quantity: Quantity?
  package let sampleCount: Int
  /// The time of the newest sample in the window.
  package let newest: Instant?

  package init(quantity: Quantity?, sampleCount: Int, newest: Instant?) {
    self.quantity = quantity
    self.sampleCount = sampleCount
    self.newest = newest
  }
}

/// How many events matched, and how many could not be judged because they lack an attribute.
package struct EventCount: Hashable, Sendable {
  package let matching: Int
  package let lackingAttribute: Int

  package init(matching: Int, lackingAttribute: Int) {
    self.matching = matching
    self.lackingAttribute = lackingAttribute
  }
}

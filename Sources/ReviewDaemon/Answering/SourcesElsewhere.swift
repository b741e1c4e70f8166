import Logging
import ReviewEngine
import Synchronization

/// All sources besides the store: each is asked beside the others, for as long as it has, and what it does not say in
/// time is unavailable.
final class SourcesElsewhere: Sendable {
  private let sources: [any AnswerSource]
  private let logger: Logger
  /// The sources that failed when they were last asked, with the reason.
  private let failures = Mutex<[String: String]>([:])

  /// The indicators that the store is not asked about.
  let indicators: Set<String>

  init(_ sources: [any AnswerSource], logger: Logger) {
    self.sources = sources
    self.logger = logger
    indicators = sources.reduce(into: []) { $0.formUnion($1.indicators) }
  }

  /// - Parameter isLate: whether it is about an instant that is caught up, for which nobody waits again for a source
  ///   that failed.
  func answers(to questions: [Question], isLate: Bool) async -> Answers {
    await withTaskGroup(of: Answers.self) { group in
      for source in sources {
        let asked = questions.filter { $0.indicator.map(source.indicators.contains) ?? false }
        if !asked.isEmpty { group.addTask { await self.answers(of: source, to: asked, isLate: isLate) } }
      }
      var all = Answers()
      for await answers in group { all.merge(answers) }
      return all
    }
  }

  private func answers(of source: any AnswerSource, to questions: [Question], isLate: Bool) async -> Answers {
    if isLate, let reason = failures.withLock({ $0[source.name] }) { return Answers(unavailable: questions, reason) }
    do {
      var answers = try await withinTime(source.timeout) { try await source.answers(to: questions) }
      note(nil, of: source)
      answers.complete(questions, reason: "'\(source.name)' gave no answer to it")
      return answers
    } catch {
      let reason =
        error is TimeIsUp
        ? "'\(source.name)' did not answer within \(source.timeout)" : "'\(source.name)' failed: \(error)"
      note(reason, of: source)
      return Answers(unavailable: questions, reason)
    }
  }

  /// Says once that a source fails, and once that it answers again.
  private func note(_ failure: String?, of source: any AnswerSource) {
    let before = failures.withLock { failures in
      defer { failures[source.name] = failure }
      return failures[source.name]
    }
    if let failure, failure != before { logger.error("what is asked there is unknown: \(failure)") }
    if failure == nil, before != nil { logger.notice("'\(source.name)' answers again") }
  }
}

extension Answers {
  /// Nobody can say any of it.
  init(unavailable questions: [Question], _ reason: String) {
    self.init(capacity: questions.count)
    complete(questions, reason: reason)
  }

  fileprivate mutating func complete(_ questions: [Question], reason: String) {
    for question in questions where self[question] == nil { self[question] = .unavailable(reason: reason) }
  }
}

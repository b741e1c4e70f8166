import ReviewEngine
import ReviewStore

/// Answers what the centre asks, beside the writer: whoever waits for it holds no lock.
struct Answerer: Sendable {
  let store: Store
  let elsewhere: SourcesElsewhere

  /// Answers from one snapshot.
  func answers(to questions: [Question]) async throws -> Answers {
    try await offTheSharedThreads { try store.read { snapshot in try snapshot.answers(to: questions) } }
  }

  /// The same from whoever knows, each in its time: nothing is missing, and what nobody can say is unavailable.
  func answersInTime(to questions: [Question], isLate: Bool) async -> Answers {
    async let others = elsewhere.answers(to: questions, isLate: isLate)
    let own = questions.filter { $0.indicator.map { !elsewhere.indicators.contains($0) } ?? true }
    var answers: Answers
    do { answers = try await self.answers(to: own) } catch {
      answers = Answers(unavailable: own, "the database cannot be read: \(error)")
    }
    answers.merge(await others)
    return answers
  }

  /// The same at once, for the few of one event: what only reads does not wait for many readers there.
  func answersAtOnce(to questions: [Question]) throws -> Answers {
    questions.isEmpty ? Answers() : try store.readByWriter { snapshot in try snapshot.answers(to: questions) }
  }
}

extension StoreSnapshot {
  fileprivate func answers(to questions: [Question]) throws -> Answers {
    var series = self.series
    return try series.answers(to: questions)
  }
}

import ReviewEngine
import ReviewStore

/// Answers what the centre asks, beside the writer: whoever waits for it holds no lock.
struct Answerer: Sendable {
  let store: Store

  /// Answers from one snapshot.
  func answers(to questions: [Question]) async throws -> Answers {
    try await offTheSharedThreads { try store.read { snapshot in try snapshot.answers(to: questions) } }
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

import ReviewEngine

/// Something elsewhere that knows some indicators, and answers about them in its own time.
package protocol AnswerSource: Sendable {
  /// As messages and evidence name it.
  var name: String { get }
  /// The indicators that it is asked about, and nobody else.
  var indicators: Set<String> { get }
  /// How long it is waited for.
  var timeout: Elapsed { get }

  /// Answers as many as it can; what it leaves out is unknown. It is cancelled when its time is up.
  func answers(to questions: [Question]) async throws -> Answers
}

extension Question {
  /// The indicator that it is about; nil for events.
  var indicator: String? { if case .statistic(_, let indicator, _) = self { indicator } else { nil } }
}

/// One thing that the centre asks of the world, known by what it asks. Whoever answers may wait, and holds no lock.
package enum Question: Hashable, Sendable {
  case statistic(Statistic, of: String, over: ServiceWindow)
  case eventCount(of: String, matching: [AttributeMatch], over: ServiceWindow)
}

/// What is known of a question.
package enum Answer: Hashable, Sendable {
  case series(SeriesAnswer)
  case events(EventCount)
  /// Whoever would know failed or is slow, which makes unknown.
  case unavailable(reason: String)
}

/// Answers, looked up by their question.
package struct Answers: Sendable {
  private var byQuestion: [Question: Answer] = [:]

  /// - Parameter count: how many are expected.
  package init(capacity count: Int = 0) { byQuestion.reserveCapacity(count) }

  package subscript(question: Question) -> Answer? {
    get { byQuestion[question] }
    set { byQuestion[question] = newValue }
  }

  /// Takes other answers, which are newer.
  package mutating func merge(_ others: Answers) { byQuestion.merge(others.byQuestion) { $1 } }
}

/// What a decision lacks, because something changed since it was asked what it needs.
package struct Unanswered: Error, Hashable {
  /// Each once.
  package let questions: [Question]

  package init(questions: [Question]) { self.questions = questions }
}

/// Looks up answers, and keeps in mind what was not asked.
struct AnswerLookup {
  private var answers: Answers
  private(set) var missing: [Question] = []

  init(_ answers: Answers) { self.answers = answers }

  mutating func answer(_ question: Question) -> Answer {
    if let answer = answers[question] { return answer }
    missing.append(question)
    let none = Answer.unavailable(reason: "it was not asked")
    answers[question] = none
    return none
  }
}

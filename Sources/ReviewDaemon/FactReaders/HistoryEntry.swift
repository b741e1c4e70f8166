import ReviewEngine
import ReviewStore
import ReviewWords

/// One line of a review's history: who, when, what, from, to, why.
package struct HistoryEntry: Sendable {
  package let at: Instant
  package let who: String
  package let what: String
  package let from: String?
  package let to: String?
  package let why: String?

  package init(_ historic: HistoricFact) {
    let (fact, review) = (historic.logged.fact, historic.logged.review)
    (at, who, what) = (fact.at, fact.by.name, fact.content.verb)
    switch fact.content {
    case .dueMoved(let move): (from, to) = (move.from.description, move.to.description)
    case .joined: (from, to) = (nil, nil)
    default: (from, to) = (historic.stateBefore?.rawValue, review?.state.rawValue)
    }
    why =
      historic.togetherCount > 1 ? fact.by.words(ofTriggersAtOnce: historic.togetherCount) : fact.content.why(review)
  }
}

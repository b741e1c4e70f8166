import Algorithms
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
    (at, who, what, why) = (fact.at, fact.by.name, fact.content.verb, fact.content.why(review))
    switch fact.content {
    case .dueMoved(let move): (from, to) = (move.from.description, move.to.description)
    case .joined: (from, to) = (nil, nil)
    default: (from, to) = (historic.stateBefore?.rawValue, review?.state.rawValue)
    }
  }

  private init(_ together: [HistoricFact], rule: String?) {
    (at, who, what) = (
      together[0].logged.fact.at, together[0].logged.fact.by.name, together[0].logged.fact.content.verb
    )
    (from, to) = (nil, nil)
    why = "\(rule.map { "\($0): " } ?? "")and \(counted(together.count, "more trigger")) at once"
  }

  /// The lines of some facts: of triggers that joined at one moment the first few, and one that counts the others.
  package static func lines(_ facts: [HistoricFact]) -> [HistoryEntry] {
    facts.chunked { $0.joined(atOnceWith: $1) }.flatMap { run in
      let alone = run.count > Joinings.toldAlone + 1 ? Joinings.toldAlone : run.count
      let rest = Array(run.dropFirst(alone))
      return run.prefix(alone).map { HistoryEntry($0) }
        + (rest.isEmpty ? [] : [HistoryEntry(rest, rule: rest[0].logged.fact.by.rule)])
    }
  }
}

extension HistoricFact {
  fileprivate func joined(atOnceWith other: HistoricFact) -> Bool {
    guard case .joined = logged.fact.content, case .joined = other.logged.fact.content else { return false }
    return logged.fact.at == other.logged.fact.at
  }
}

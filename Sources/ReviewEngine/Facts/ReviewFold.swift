/// The reviews that some facts make, one fact after another: what a store writes beside its log, and what it can make
/// anew from it.
package struct ReviewFold: Sendable {
  private var reviews: [String: Review] = [:]
  /// Those that something happened to, in the order in which it did.
  private var touched: [String] = []
  private var opened: Set<String> = []

  package init() {}

  /// - Parameter known: the review that a fact is about as it was before, where no fact of this fold was about it.
  /// - Returns: the review as the fact leaves it; nil where it is about none.
  package mutating func apply(_ fact: Fact, known: (String) throws -> Review?) rethrows -> Review? {
    guard let id = fact.review else { return nil }
    if case .opened(let review, _) = fact.content {
      opened.insert(id)
      return keep(review)
    }
    guard var review = try reviews[id] ?? known(id) else { return nil }
    review.apply(fact)
    return keep(review)
  }

  private mutating func keep(_ review: Review) -> Review {
    if reviews.updateValue(review, forKey: review.id) == nil { touched.append(review.id) }
    return review
  }

  /// Takes out what something happened to, in that order, and whether it was opened by that.
  package mutating func take() -> [(review: Review, isNew: Bool)] {
    let taken = touched.compactMap { id in reviews[id].map { (review: $0, isNew: opened.contains(id)) } }
    self = ReviewFold()
    return taken
  }
}

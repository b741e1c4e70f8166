import ReviewEngine
import ReviewWords

/// The journal fields of what happened to a review.
struct ReviewAnnouncement {
  private let kind: AnnouncementKind
  private let review: Review
  private let ruleSet: RuleSet
  private let message: ReviewMessage

  /// - Parameter count: how many triggers joined at once, where they are told together.
  init(_ fact: Fact, _ review: Review, _ scene: Scene, joining count: Int = 1) {
    (kind, self.review, ruleSet) = (AnnouncementKind(fact.content.kind), review, scene.ruleSet)
    message = ReviewMessage(fact, review, scene.ruleSet, subject: scene.subject(review.subject), joining: count)
  }

  var fields: [JournalFields.Field] {
    var fields: [JournalFields.Field] = [
      ("MESSAGE", [message.text]), ("MESSAGE_ID", [kind.messageId]), ("PRIORITY", [priority]),
      ("REVIEWD_REVIEW", [review.id]), ("REVIEWD_SERVICE", review.services), ("REVIEWD_DUE", [review.due.description]),
      ("REVIEWD_STATE", [review.state.rawValue]),
    ]
    if let customer = review.subject.customer { fields.append(("REVIEWD_CUSTOMER", [customer])) }
    if let rule = message.trigger?.rule ?? review.rule { fields.append(("REVIEWD_RULE", [rule])) }
    if let reason = message.reason { fields.append(("REVIEWD_TRIGGER", [reason])) }
    let people = ruleSet.stakeholders(of: review.services)
    if !people.isEmpty { fields.append(("REVIEWD_STAKEHOLDER", people)) }
    return fields
  }

  // syslog's levels: warning, notice, informational.
  private var priority: String {
    guard kind == .opened || kind == .dueChanged else { return "6" }
    return review.priority == .high ? "4" : review.priority == .normal ? "5" : "6"
  }
}

/// The journal fields of a due day that moved before its review is open.
struct ComingAnnouncement {
  let move: IntervalMove
  let before: Day
  let services: [Service]
  let ruleSet: RuleSet

  var fields: [JournalFields.Field] {
    var fields: [JournalFields.Field] = [
      ("MESSAGE", [move.message(services, from: before, ruleSet)]),
      ("MESSAGE_ID", [AnnouncementKind.dueChanged.messageId]), ("PRIORITY", ["5"]),
      ("REVIEWD_SERVICE", services.map(\.id)), ("REVIEWD_RULE", [move.rule]), ("REVIEWD_DUE", [move.to.description]),
    ]
    let people = ruleSet.stakeholders(of: services.map(\.id))
    if !people.isEmpty { fields.append(("REVIEWD_STAKEHOLDER", people)) }
    return fields
  }
}

extension RuleSet {
  /// Everybody on both sides of some services, each once.
  fileprivate func stakeholders(of services: [String]) -> [String] {
    var people: [String] = []
    var known: Set<String> = []
    var customers: Set<String> = []
    for service in services.compactMap({ self.service($0) }) {
      // A customer of a thousand services is asked once.
      let customer = service.customer.flatMap { customers.insert($0).inserted ? self.customer($0) : nil }
      for role in service.stakeholders.roles + (customer?.stakeholders.roles ?? []) {
        people += role.people.filter { known.insert($0).inserted }
      }
    }
    return people
  }
}

import ReviewEngine

/// The journal fields of what happened to a review.
struct ReviewAnnouncement {
  private let kind: AnnouncementKind
  private let review: Review
  private let ruleSet: RuleSet
  private var trigger: Trigger?
  /// What is said beyond the kind: a reason, a former due day.
  private var detail = ""

  /// - Parameter count: how many triggers joined at once, where they are told together.
  init(_ fact: Fact, _ review: Review, _ scene: Scene, joining count: Int = 1) {
    (kind, self.review, ruleSet) = (AnnouncementKind(fact.content.kind), review, scene.ruleSet)
    trigger = fact.content.trigger
    switch fact.content {
    case .opened(_, let trigger): detail = review.lateness(trigger, scene)
    case .joined where count > 1: (trigger, detail) = (nil, " It has \(counted(count, "more trigger")) of the same moment.")
    case .dueMoved(let move):
      detail = "moved from \(move.from)"
      if case .trigger(let asking) = move.because { trigger = asking } else { detail += ": \(move.because.words(review))" }
    default: detail = fact.content.detail(in: scene.zone(of: review.subject))
    }
  }

  var fields: [String: [String]] {
    var fields: [String: [String]] = [
      "MESSAGE": [message], "MESSAGE_ID": [kind.messageId], "PRIORITY": [priority], "REVIEWD_REVIEW": [review.id],
      "REVIEWD_SERVICE": review.services, "REVIEWD_DUE": [review.due.description], "REVIEWD_STATE": [review.state.rawValue],
    ]
    if let customer = review.subject.customer { fields["REVIEWD_CUSTOMER"] = [customer] }
    if let rule = trigger?.rule ?? review.rule { fields["REVIEWD_RULE"] = [rule] }
    if let trigger { fields["REVIEWD_TRIGGER"] = [trigger.summary] }
    let people = stakeholders
    if !people.isEmpty { fields["REVIEWD_STAKEHOLDER"] = people }
    return fields
  }

  private var message: String {
    let subject = "The service review of \(names) (\(review.title))"
    let because = trigger.map { ": \($0.summary)" } ?? ""
    return switch kind {
    case .opened: "\(subject) is due on \(review.due)\(because).\(detail)"
    case .joined: trigger == nil ? "\(subject) has more reasons.\(detail)" : "\(subject) has one more reason\(because)."
    case .dueChanged: "\(subject) is now due on \(review.due), \(detail)."
    case .scheduled: "\(subject) will be held at \(detail)."
    case .conducted: "\(subject) was held."
    case .completed: "\(subject) is completed.\(detail)"
    case .cancelled: "\(subject) is cancelled: \(detail)."
    case .rulesRefused, .clockSet: detail
    }
  }

  private var names: String {
    if let customer = review.subject.customer { return "all services of \(ruleSet.customer(customer)?.name ?? customer)" }
    return listed(review.services.map { ruleSet.service($0)?.name ?? $0 })
  }

  // syslog's levels: warning, notice, informational.
  private var priority: String {
    guard kind == .opened || kind == .dueChanged else { return "6" }
    return review.priority == .high ? "4" : review.priority == .normal ? "5" : "6"
  }

  private var stakeholders: [String] { ruleSet.stakeholders(of: review.services) }
}

/// Names in a sentence: the first of them, and how many more there are.
private func listed(_ names: [String]) -> String {
  let largestCount = 20
  let more = names.count - largestCount
  return names.prefix(largestCount).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
}

/// The journal fields of a due day that moved before its review is open.
struct ComingAnnouncement {
  let move: IntervalMove
  let before: Day
  let services: [Service]
  let ruleSet: RuleSet

  var fields: [String: [String]] {
    let names = listed(services.map(\.name))
    let services = services.map(\.id)
    let title = ruleSet.rule(move.rule)?.title ?? move.rule
    var fields: [String: [String]] = [
      "MESSAGE": [
        "The next service review of \(names) (\(title)) is now due on \(move.to), moved from \(before): \(move.evidence.arithmetic)."
      ],
      "MESSAGE_ID": [AnnouncementKind.dueChanged.messageId], "PRIORITY": ["5"], "REVIEWD_SERVICE": services, "REVIEWD_RULE": [move.rule],
      "REVIEWD_DUE": [move.to.description],
    ]
    let people = ruleSet.stakeholders(of: services)
    if !people.isEmpty { fields["REVIEWD_STAKEHOLDER"] = people }
    return fields
  }
}

extension Review {
  // What downtime delayed says so; what was past when rule and service first met was not delayed by anybody.
  fileprivate func lateness(_ trigger: Trigger, _ scene: Scene) -> String {
    if trigger.at < opened { return " It was due to open at \(trigger.at), when reviewd did not run." }
    guard let opens = trigger.evidence.interval.flatMap({ Instant($0.opens) }), opened - opens > .hours(1), let rule = trigger.rule,
      let subject = scene.subject(subject), let metOn = subject.progress[rule]?.metOn, subject.zone.start(of: metOn) < opens
    else { return "" }
    return " It was due to open at \(opens)."
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

import Foundation
import Hummingbird
import ReviewAPI
import ReviewEngine
import ReviewStore

/// `/v1/reviews`: list, show, open by hand, and what people do to a review.
struct ReviewRoutes {
  let keeper: Keeper
  let store: Store
  let clock: any WallClock

  static let largestPage = 1000

  func add(to router: Router<PeerContext>) {
    router.on(Endpoints.reviews) { try await list($0) }
    router.on(Endpoints.review) { try await show($0.context) }
    router.on(Endpoints.open) { try await open($0) }
    router.on(Endpoints.schedule) { call in
      try await transition(call) { asked in
        guard let at = try instant(asked.at, "at") else {
          throw Problem(.badRequest, "'schedule' needs the time of the meeting, 'at'")
        }
        return .schedule(at: at)
      }
    }
    router.on(Endpoints.conduct) { try await transition($0) { .conduct(at: try instant($0.at, "at")) } }
    router.on(Endpoints.complete) { try await transition($0) { .complete(try completion($0)) } }
    router.on(Endpoints.cancel) { call in
      try await transition(call) { .cancel(reason: try reason($0.reason, or: "'cancel' needs a reason")) }
    }
  }

  private func presentation() -> Presentation { Presentation(ruleSet: keeper.ruleSet, now: clock.now()) }

  private func list(_ call: Call<NoBody>) async throws -> ReviewPage {
    let presentation = presentation()
    let limit = try call.whole(.limit, default: 100, in: 1...Self.largestPage)
    let filter = try filter(call, presentation)
    let after = try call.query(.after).map(cursor)
    let overdueOnly = call.query(.state) == "overdue"
    return try store.read { snapshot in
      let found = try snapshot.reviews(filter, after: after, limit: limit + 1)
      let page = found.prefix(limit).filter { !overdueOnly || presentation.isOverdue($0) }
      let next = found.count > limit ? found[limit - 1] : nil
      return ReviewPage(
        reviews: try page.map { try presentation.body($0, snapshot) }, next: next.map { "\($0.due) \($0.id)" })
    }
  }

  private func cursor(_ text: String) throws -> (due: Day, id: String) {
    let parts = text.split(separator: " ")
    guard parts.count == 2, let day = Day(parts[0]), parts[1].utf8.allSatisfy({ $0.isOfId }) else {
      throw Problem(.badRequest, "'after' must be the 'next' of an earlier page")
    }
    return (day, String(parts[1]))
  }

  private func filter(_ call: Call<NoBody>, _ presentation: Presentation) throws -> ReviewFilter {
    var filter = ReviewFilter()
    let state = call.query(.state) ?? "open"
    switch state {
    case "all": break
    case "open", "overdue": filter.states = ReviewState.allCases.filter(\.isOpen)
    default:
      guard let one = ReviewState(rawValue: state) else {
        let words = ReviewState.allCases.map(\.rawValue) + ["open", "overdue", "all"]
        throw Problem(
          .badRequest,
          "'state' must be one of \(words.joined(separator: ", ")), not '\(quoted(state))'" + meant(state, among: words)
        )
      }
      filter.states = [one]
    }
    if let service = call.query(.service) { filter.service = try known(service, presentation.ruleSet) }
    filter.dueThrough = try day(call.query(.dueThrough), "due_through")
    if state == "overdue" { filter.dueBefore = .firstOverNowhere(at: presentation.now) }
    if let person = call.query(.person) { filter.services = services(of: person, presentation) }
    return filter
  }

  private func known(_ service: String, _ ruleSet: RuleSet) throws -> String {
    if ruleSet.service(service) != nil { return service }
    throw Problem(noService: service, in: ruleSet)
  }

  private func services(of person: String, _ presentation: Presentation) -> [String] {
    presentation.ruleSet.services.filter { service in
      presentation.stakeholders(service).contains { $0.people.contains(person) }
    }.map(\.id)
  }

  private func show(_ context: PeerContext) async throws -> ReviewDetail {
    let presentation = presentation()
    return try store.read { snapshot in
      let id = try context.reviewId(snapshot)
      guard let review = try snapshot.review(id) else { throw Problem(.notFound, "there is no review '\(id)'") }
      return try presentation.detail(review, snapshot)
    }
  }

  private func open(_ call: Call<OpenRequest>) async throws -> TransitionAnswer {
    let asked = try await call.body()
    let review = try await keeper.open(
      service: asked.service, reason: try reason(asked.reason, or: "a review opened by hand needs a reason"),
      due: try day(asked.due, "due"), who: call.context.user)
    return try await answer(changed: true, review.id)
  }

  private func transition(
    _ call: Call<TransitionRequest>, _ command: (TransitionRequest) throws -> ReviewCommand
  ) async throws -> TransitionAnswer {
    let id = try store.read { try call.context.reviewId($0) }
    let result = try await keeper.apply(try command(try await call.body()), to: id, who: call.context.user)
    return try await answer(changed: result.changed, id)
  }

  private func reason(_ text: String?, or complaint: String) throws -> String {
    guard let reason = try freeText(text, "the reason"), !reason.isEmpty else { throw Problem(.badRequest, complaint) }
    return reason
  }

  private func completion(_ asked: TransitionRequest) throws -> Completion {
    Completion(
      outcome: try freeText(asked.outcome, "the outcome"),
      providerSatisfaction: try satisfaction(asked.providerSatisfaction, "provider"),
      customerSatisfaction: try satisfaction(asked.customerSatisfaction, "customer"))
  }

  private func answer(changed: Bool, _ id: String) async throws -> TransitionAnswer {
    let presentation = presentation()
    return try store.read { snapshot in
      guard let review = try snapshot.review(id) else { throw Problem(.notFound, "there is no review '\(id)'") }
      return TransitionAnswer(changed: changed, review: try presentation.body(review, snapshot))
    }
  }
}

extension PeerContext {
  /// The id of the review that a path names; it can be shortened while it is unique.
  func reviewId(_ snapshot: StoreSnapshot) throws -> String {
    let written = try id(of: "review")
    let found = try snapshot.reviewIds(beginningWith: written)
    if found.count == 1 || found.first == written { return found[0] }
    throw found.isEmpty
      ? Problem(.notFound, "there is no review '\(written)'")
      : Problem(.ambiguous, "several reviews begin with '\(written)': write more of the id")
  }
}

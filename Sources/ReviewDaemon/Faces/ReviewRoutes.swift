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
    router.get("v1/reviews") { request, _ in try Response(json: try await list(request)) }
    router.get("v1/reviews/:id") { _, context in try Response(json: try await show(context)) }
    router.post("v1/reviews") { request, context in try Response(json: try await open(request, context), status: .created) }
    router.post("v1/reviews/:id/:verb") { request, context in try Response(json: try await transition(request, context)) }
  }

  private func presentation() -> Presentation { Presentation(ruleSet: keeper.ruleSet, now: clock.now()) }

  private func list(_ request: Request) async throws -> ReviewPage {
    let presentation = presentation()
    let limit = try request.whole("limit", default: 100, in: 1...Self.largestPage)
    let filter = try filter(request, presentation)
    let after = try request.query("after").map(cursor)
    let overdueOnly = request.query("state") == "overdue"
    return try store.read { snapshot in
      let found = try snapshot.reviews(filter, after: after, limit: limit + 1)
      let page = found.prefix(limit).filter { !overdueOnly || presentation.isOverdue($0) }
      let next = found.count > limit ? found[limit - 1] : nil
      return ReviewPage(reviews: try page.map { try presentation.body($0, snapshot) }, next: next.map { "\($0.due) \($0.id)" })
    }
  }

  private func cursor(_ text: String) throws -> (due: Day, id: String) {
    let parts = text.split(separator: " ")
    guard parts.count == 2, let day = Day(parts[0]), parts[1].utf8.allSatisfy({ $0.isOfId }) else {
      throw Problem(.badRequest, "'after' must be the 'next' of an earlier page")
    }
    return (day, String(parts[1]))
  }

  private func filter(_ request: Request, _ presentation: Presentation) throws -> ReviewFilter {
    var filter = ReviewFilter()
    let state = request.query("state") ?? "open"
    switch state {
    case "all": break
    case "open", "overdue": filter.states = ReviewState.allCases.filter(\.isOpen)
    default:
      guard let one = ReviewState(rawValue: state) else {
        let words = ReviewState.allCases.map(\.rawValue) + ["open", "overdue", "all"]
        throw Problem(
          .badRequest, "'state' must be one of \(words.joined(separator: ", ")), not '\(quoted(state))'" + meant(state, among: words))
      }
      filter.states = [one]
    }
    if let service = request.query("service") { filter.service = try known(service, presentation.ruleSet) }
    filter.dueThrough = try day(request.query("due_through"), "due_through")
    if state == "overdue" { filter.dueBefore = .firstOverNowhere(at: presentation.now) }
    if let person = request.query("person") { filter.services = services(of: person, presentation) }
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

  private func open(_ request: Request, _ context: PeerContext) async throws -> TransitionAnswer {
    let asked: OpenRequest = try await request.json(context)
    guard let reason = try freeText(asked.reason, "the reason"), !reason.isEmpty else {
      throw Problem(.badRequest, "a review opened by hand needs a reason")
    }
    let review = try await keeper.open(
      service: asked.service, reason: reason, due: try day(asked.due, "due"), who: context.user)
    return try await answer(changed: true, review.id)
  }

  private func transition(_ request: Request, _ context: PeerContext) async throws -> TransitionAnswer {
    let id = try store.read { try context.reviewId($0) }
    let asked: TransitionRequest = try await request.json(context)
    let command = try command(context.parameters.get("verb") ?? "", asked)
    let result = try await keeper.apply(command, to: id, who: context.user)
    return try await answer(changed: result.changed, id)
  }

  private func command(_ verb: String, _ asked: TransitionRequest) throws -> ReviewCommand {
    let at = try instant(asked.at, "at")
    switch verb {
    case "schedule":
      guard let at else { throw Problem(.badRequest, "'schedule' needs the time of the meeting, 'at'") }
      return .schedule(at: at)
    case "conduct":
      let now = clock.now()
      if let at, at > now { throw Problem(.badRequest, "a meeting that was held cannot be at \(at), which is to come") }
      return .conduct(at: at)
    case "complete": return .complete(try completion(asked))
    case "cancel":
      guard let reason = try freeText(asked.reason, "the reason"), !reason.isEmpty else {
        throw Problem(.badRequest, "'cancel' needs a reason")
      }
      return .cancel(reason: reason)
    default: throw Problem(.notFound, "a review can be scheduled, conducted, completed and cancelled, not '\(quoted(verb))'")
    }
  }

  private func completion(_ asked: TransitionRequest) throws -> Completion {
    Completion(
      outcome: try freeText(asked.outcome, "the outcome"), providerSatisfaction: try satisfaction(asked.providerSatisfaction, "provider"),
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

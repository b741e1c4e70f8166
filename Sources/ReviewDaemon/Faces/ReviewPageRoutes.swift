import Hummingbird
import ReviewAPI
import ReviewStore

/// `/v1/reviews/ID/triggers` and `/v1/reviews/ID/history`: page by page what the answer about a review leaves out.
struct ReviewPageRoutes {
  let keeper: Keeper
  let store: Store
  let clock: any WallClock

  static let largestPage = 500

  func add(to router: Router<PeerContext>) {
    router.on(Endpoints.triggers) { call in
      try await page(call) { try $0.triggers(ofReview: $1, after: $2, limit: $3, $4) }
    }
    router.on(Endpoints.history) { call in
      try await page(call) { try $0.history(ofReview: $1, after: $2, limit: $3, $4) }
    }
  }

  private func page<Page>(
    _ call: Call<NoBody>, _ read: (Presentation, String, Int64, Int, StoreSnapshot) throws -> Page
  ) async throws -> Page {
    let presentation = Presentation(ruleSet: keeper.ruleSet, now: clock.now())
    let limit = try call.whole(.limit, default: 100, in: 1...Self.largestPage)
    let after = try call.whole(.after, default: 0, in: 0...Int.max)
    return try store.read { snapshot in
      try read(presentation, try call.context.reviewId(snapshot), Int64(clamping: after), limit, snapshot)
    }
  }
}

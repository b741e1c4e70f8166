import Hummingbird
import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewStore

/// `/healthz`, `/v1/status` and `/v1/reload`.
struct StatusRoutes {
  let keeper: Keeper
  let store: Store
  let clock: any WallClock
  let reload: Reload
  let hits: LimitHits
  let health: Health

  func add(to router: Router<PeerContext>) {
    // Behind another request of its connection; else it is answered before it comes here.
    router.on(Endpoints.health) { _ in
      let problem = health.problem()
      let body = ByteBuffer(string: problem.map { $0 + "\n" } ?? "ok\n")
      return Response(
        status: problem == nil ? .ok : .serviceUnavailable, headers: [.contentType: "text/plain"],
        body: ResponseBody(byteBuffer: body))
    }
    router.on(Endpoints.status) { _ in try await status() }
    router.on(Endpoints.reload) { _ in
      let problems = try await reload.run()
      let overview = await keeper.overview()
      return ReloadAnswer(
        problems: problems.map(\.description), warnings: overview.rulesInForce.warnings,
        rules: overview.ruleSet.rules.count,
        services: overview.ruleSet.services.count)
    }
  }

  private func status() async throws -> StatusBody {
    let overview = await keeper.overview()
    let now = clock.now()
    return try store.read { snapshot in
      let sizes = try snapshot.sizes()
      var reviews = Dictionary(uniqueKeysWithValues: try snapshot.reviewCounts().map { ($0.key.rawValue, $0.value) })
      reviews["overdue"] = try Presentation(ruleSet: overview.ruleSet, now: now).overdueCount(snapshot)
      var counters = try snapshot.counters()
      let tallies = try snapshot.ruleTallies()
      counters["unknown_conditions"] = tallies.values.reduce(0) { $0 + $1.unknownCount }
      counters["lacking_attributes"] = tallies.values.reduce(0) { $0 + $1.lackingAttributeCount }
      for (kind, count) in hits.counts where count > 0 { counters["limit_hits_\(kind.rawValue)"] = count }
      return StatusBody(
        version: reviewdVersion, started: keeper.started.description, now: now.description,
        nextInstant: overview.nextInstant?.description, evaluatedThrough: overview.evaluatedThrough?.description,
        rules: rules(overview),
        store: StatusBody.Store(
          path: store.path, series: sizes.series, samples: sizes.samples, events: sizes.events,
          unsentAnnouncements: try snapshot.untoldCount(of: keeper), trouble: store.trouble?.description),
        reviews: reviews,
        counters: counters)
    }
  }

  private func rules(_ overview: Keeper.Overview) -> StatusBody.Rules {
    StatusBody.Rules(
      loaded: overview.rulesInForce.loaded.description, fingerprint: overview.rulesInForce.fingerprint,
      rules: overview.ruleSet.rules.count, services: overview.ruleSet.services.count,
      indicators: overview.ruleSet.indicators.count,
      warnings: overview.rulesInForce.warnings, problems: overview.rulesInForce.problems)
  }
}

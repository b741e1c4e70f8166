import Foundation
import Hummingbird
import NIOCore
import NIOFoundationCompat
import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewStore
import ReviewWords

/// `/v1/services`, `/v1/rules`, `/v1/forecast`, `/v1/diff` and `/v1/replay`: what is declared, and what it makes of
/// past and future.
struct CatalogueRoutes {
  let keeper: Keeper
  let store: Store
  let clock: any WallClock
  let simulator: Simulator
  private let lists = Workshop(label: "reviewd.lists", threads: 1)

  init(keeper: Keeper, store: Store, clock: any WallClock, simulator: Simulator) {
    self.keeper = keeper
    self.store = store
    self.clock = clock
    self.simulator = simulator
  }

  /// Much longer than the longest list takes.
  private static let listSeconds = 60

  func add(to router: Router<PeerContext>) {
    router.on(Endpoints.services) { try await services($0.caller) }
    router.on(Endpoints.service) { try await service($0.context) }
    router.on(Endpoints.rules) { try await rules($0.caller) }
    router.on(Endpoints.forecast) { try await forecast($0) }
    router.on(Endpoints.forecastOfOthers) { try await forecastOfOthers($0) }
    router.on(Endpoints.diff) { try await diff($0) }
    router.on(Endpoints.replay) { try await replay($0) }
  }

  private func services(_ caller: CallerPresence) async throws -> Response {
    let catalogue = await keeper.catalogue()
    return try await list(caller) { budget in
      let presentation = Presentation(ruleSet: catalogue.ruleSet, now: catalogue.now)
      return ServiceList(
        services: try catalogue.ruleSet.services.map { service in
          try budget.check()
          return presentation.body(
            service, catalogue.subjects(with: service.id), upcoming: catalogue.upcoming(with: service.id))
        })
    }
  }

  /// An answer that may be long, made on a thread of its own.
  private func list<Body: Encodable & Sendable>(
    _ caller: CallerPresence, _ body: @escaping @Sendable (Budget) throws -> Body
  ) async throws -> Response where Body: SendableMetatype {
    let text = try await lists.run(seconds: Self.listSeconds, caller: caller) {
      ByteBuffer(data: try WireJson.encode(try body($0)))
    }
    return Response(status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: text))
  }

  private func service(_ context: PeerContext) async throws -> ServiceDetail {
    let id = try context.id(of: "service")
    let catalogue = await keeper.catalogue()
    let ruleSet = catalogue.ruleSet
    guard let service = ruleSet.service(id) else { throw Problem(noService: id, in: ruleSet) }
    let presentation = Presentation(ruleSet: ruleSet, now: catalogue.now)
    let subjects = catalogue.subjects(with: id)
    let upcoming = catalogue.upcoming(with: id)
    return try store.read { snapshot in
      var series = snapshot.series
      var filter = ReviewFilter()
      filter.service = id
      let reviews = try snapshot.reviews(filter, limit: 1000)
      let changes = try subjects.flatMap { try snapshot.intervalMoves(of: $0.id, limit: Self.shownDueChanges) }
      return ServiceDetail(
        service: presentation.body(service, subjects, upcoming: upcoming),
        stakeholders: presentation.stakeholders(service),
        targets: try presentation.targets(service, &series), indicators: try presentation.indicators(service, &series),
        reviews: try reviews.map { try presentation.body($0, snapshot) }, upcoming: upcoming,
        dueChanges: try changes.map { try presentation.body($0.move, at: $0.at) })
    }
  }

  private static let shownDueChanges = 20

  private func rules(_ caller: CallerPresence) async throws -> Response {
    let catalogue = await keeper.catalogue()
    let tallies = try store.read { try $0.ruleTallies() }
    return try await list(caller) { try ruleList(catalogue, tallies, $0) }
  }

  private func ruleList(_ catalogue: Catalogue, _ tallies: [String: RuleTally], _ budget: Budget) throws -> RuleList {
    let ruleSet = catalogue.ruleSet
    let openCounts = catalogue.subjects.values.flatMap(\.openReviews).reduce(into: [String: Int]()) {
      $0[$1.rule ?? "", default: 0] += 1
    }
    let sentences = Sentences(ruleSet: ruleSet)
    return RuleList(
      rules: try ruleSet.rules.map { rule in
        try budget.check()
        let tally = tallies[rule.id]
        return RuleBody(
          id: rule.id, title: rule.title, kind: rule.cause.keyword,
          services: ruleSet.services.count { rule.applies(to: $0) },
          openReviews: openCounts[rule.id] ?? 0, evaluatedThrough: tally?.evaluatedThrough?.description,
          unknownCount: tally?.unknownCount ?? 0, lackingAttributeCount: tally?.lackingAttributeCount ?? 0,
          sentence: sentences.sentence(rule), text: rule.text, fingerprint: rule.fingerprint)
      })
  }

  private func forecast(_ call: Call<NoBody>) async throws -> Response {
    try await forecast(through: call.query(.through), service: call.query(.service), others: nil, call.caller)
  }

  private func forecastOfOthers(_ call: Call<ForecastRequest>) async throws -> Response {
    let asked = try await call.body()
    return try await forecast(through: asked.through, service: asked.service, others: asked.files, call.caller)
  }

  /// - Parameter others: files of a rule set in the place of the one in force.
  private func forecast(
    through text: String?, service: String?, others: [RuleFileBody]?, _ caller: CallerPresence
  ) async throws -> Response {
    let now = clock.now()
    let through = try instant(text, "through") ?? now + .days(180)
    guard through > now, through - now <= .days(3660) else {
      throw Problem(.badRequest, "a forecast reaches from now to at most ten years ahead")
    }
    let inForce = keeper.ruleSet
    let subjects = await keeper.allSubjects()
    let reviews = try await simulator.forecast(
      {
        guard let others else { return (inForce, try Self.only(service, subjects, inForce)) }
        let ruleSet = try Self.ruleSet(of: others)
        return (ruleSet, try Self.only(service, ruleSet.adopting(subjects, of: inForce, at: now).subjects, ruleSet))
      }, from: now, to: through, caller)
    return try Response(
      list: reviews.items, holding: reviews.room, named: "reviews",
      in: Forecast(from: now.description, to: through.description, assumedCompleted: "due", reviews: []))
  }

  private static func only(_ service: String?, _ subjects: [Subject], _ ruleSet: RuleSet) throws -> [Subject] {
    guard let service else { return subjects }
    guard ruleSet.service(service) != nil else { throw Problem(noService: service, in: ruleSet) }
    return subjects.filter { $0.services.contains { $0.id == service } }
  }

  private func diff(_ call: Call<DiffRequest>) async throws -> RuleDiff {
    let asked = try await call.body()
    return try await simulator.diff(
      keeper.ruleSet, { try Self.ruleSet(of: asked.files) }, await keeper.allSubjects(), at: clock.now(), call.caller)
  }

  private func replay(_ call: Call<ReplayRequest>) async throws -> Response {
    let asked = try await call.body()
    guard let from = try instant(asked.from, "from"), let to = try instant(asked.to, "to"), from < to else {
      throw Problem(.badRequest, "a replay needs 'from' before 'to'")
    }
    guard to - from <= .days(7310) else {
      throw Problem(.badRequest, "a replay covers at most twenty years, not from \(from) to \(to)")
    }
    guard let assumed = Simulation.AssumedCompletion(rawValue: asked.assumeCompleted) else {
      let words = Simulation.AssumedCompletion.allCases.map(\.rawValue).joined(separator: ", ")
      throw Problem(.badRequest, "'assume_completed' '\(quoted(asked.assumeCompleted))' is none of \(words)")
    }
    let inForce = keeper.ruleSet
    let reviews = try await simulator.replay(
      { try asked.files.map { try Self.ruleSet(of: $0) } ?? inForce },
      Simulator.Replay(from: from, to: to, assumed: assumed),
      call.caller)
    return try Response(
      list: reviews.items, holding: reviews.room, named: "reviews",
      in: ReplayAnswer(from: from.description, to: to.description, assumedCompleted: assumed.rawValue, reviews: []),
      \.body)
  }

  private static func ruleSet(of files: [RuleFileBody]) throws -> RuleSet {
    let sources = try files.map { file in
      guard let kind = SourceFile.Kind(rawValue: file.kind) else {
        let kinds = SourceFile.Kind.allCases.map(\.rawValue)
        throw Problem(
          .badRequest,
          "the kind of a file is \(kinds.joined(separator: ", ")), not '\(quoted(file.kind))'"
            + meant(file.kind, among: kinds))
      }
      return SourceFile(kind: kind, path: file.path, text: file.text)
    }
    let read = RuleSetReader.read(sources)
    if let ruleSet = read.ruleSet { return ruleSet }
    throw Problem(.badRequest, "the rules have errors:\n" + read.errors.map(\.description).joined(separator: "\n"))
  }
}

extension Rule.Cause {
  /// The word of the rule file.
  var keyword: String {
    switch self {
    case .interval: "every"
    case .recurrence: "recurs"
    case .event: "upon"
    case .condition: "when"
    }
  }
}

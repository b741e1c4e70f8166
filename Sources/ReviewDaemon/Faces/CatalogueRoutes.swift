import Foundation
import Hummingbird
import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewStore

/// `/v1/services`, `/v1/rules`, `/v1/forecast`, `/v1/diff` and `/v1/replay`: what is declared, and what it makes of past and future.
struct CatalogueRoutes {
  let keeper: Keeper
  let store: Store
  let clock: any WallClock
  let simulator: Simulator

  func add(to router: Router<PeerContext>) {
    router.get("v1/services") { _, _ in try Response(json: await services()) }
    router.get("v1/services/:id") { _, context in try Response(json: try await service(context)) }
    router.get("v1/rules") { _, _ in try Response(json: try await rules()) }
    router.get("v1/forecast") { request, context in try await forecast(request, context.presence) }
    router.post("v1/forecast") { request, context in try await forecastOfOthers(request, context) }
    router.post("v1/diff") { request, context in try Response(json: try await diff(request, context)) }
    router.post("v1/replay") { request, context in try await replay(request, context) }
  }

  private func services() async -> ServiceList {
    let ruleSet = await keeper.ruleSet
    let presentation = Presentation(ruleSet: ruleSet, now: clock.now())
    var bodies: [ServiceBody] = []
    for service in ruleSet.services {
      let subjects = await keeper.subjects(with: service.id)
      bodies.append(presentation.body(service, subjects, upcoming: await upcoming(subjects)))
    }
    return ServiceList(services: bodies)
  }

  private func upcoming(_ subjects: [Subject]) async -> [UpcomingReview] {
    var upcoming: [UpcomingReview] = []
    for subject in subjects { upcoming += await keeper.upcoming(subject) }
    return upcoming.sorted { ($0.due, $0.rule) < ($1.due, $1.rule) }
  }

  private func service(_ context: PeerContext) async throws -> ServiceDetail {
    let id = try context.id(of: "service")
    let ruleSet = await keeper.ruleSet
    guard let service = ruleSet.service(id) else { throw Problem(noService: id, in: ruleSet) }
    let presentation = Presentation(ruleSet: ruleSet, now: clock.now())
    let subjects = await keeper.subjects(with: id)
    let upcoming = await upcoming(subjects)
    return try store.read { snapshot in
      var series = snapshot.series
      var filter = ReviewFilter()
      filter.service = id
      let reviews = try snapshot.reviews(filter, limit: 1000)
      let changes = try subjects.flatMap { try snapshot.dueChanges(of: $0.id, limit: Self.shownDueChanges) }
      return ServiceDetail(
        service: presentation.body(service, subjects, upcoming: upcoming), stakeholders: presentation.stakeholders(service),
        targets: try presentation.targets(service, &series), indicators: try presentation.indicators(service, &series),
        reviews: try reviews.map { try presentation.body($0, snapshot) }, upcoming: upcoming,
        dueChanges: try changes.map { try presentation.body($0) })
    }
  }

  private static let shownDueChanges = 20

  private func rules() async throws -> RuleList {
    let ruleSet = await keeper.ruleSet
    let subjects = await keeper.allSubjects()
    let tallies = try store.read { try $0.ruleTallies() }
    let sentences = Sentences(ruleSet: ruleSet)
    return RuleList(
      rules: ruleSet.rules.map { rule in
        let tally = tallies[rule.id]
        return RuleBody(
          id: rule.id, title: rule.title, kind: rule.cause.keyword, services: ruleSet.services.count { rule.applies(to: $0) },
          openReviews: subjects.count { $0.openReview(ofRule: rule.id) != nil }, evaluatedThrough: tally?.evaluatedThrough?.description,
          unknownCount: tally?.unknownCount ?? 0, lackingAttributeCount: tally?.lackingAttributeCount ?? 0,
          sentence: sentences.sentence(rule), text: rule.text, fingerprint: rule.fingerprint)
      })
  }

  private func forecast(_ request: Request, _ caller: CallerPresence) async throws -> Response {
    try await forecast(through: request.query("through"), service: request.query("service"), others: nil, caller)
  }

  /// All files of a rule set, which are 16 MiB together at most, as JSON.
  private static let largestFilesBody = 20 << 20

  private func forecastOfOthers(_ request: Request, _ context: PeerContext) async throws -> Response {
    let asked: ForecastRequest = try await request.json(context, upTo: Self.largestFilesBody)
    return try await forecast(through: asked.through, service: asked.service, others: asked.files, context.presence)
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
    let inForce = await keeper.ruleSet
    let subjects = await keeper.allSubjects()
    let reviews = try await simulator.forecast(
      {
        guard let others else { return (inForce, try Self.only(service, subjects, inForce)) }
        let ruleSet = try Self.ruleSet(of: others)
        return (ruleSet, try Self.only(service, ruleSet.adopting(subjects, of: inForce, at: now), ruleSet))
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

  private func diff(_ request: Request, _ context: PeerContext) async throws -> RuleDiff {
    let asked: DiffRequest = try await request.json(context, upTo: Self.largestFilesBody)
    return try await simulator.diff(
      await keeper.ruleSet, { try Self.ruleSet(of: asked.files) }, await keeper.allSubjects(), at: clock.now(), context.presence)
  }

  private func replay(_ request: Request, _ context: PeerContext) async throws -> Response {
    let asked: ReplayRequest = try await request.json(context, upTo: Self.largestFilesBody)
    guard let from = try instant(asked.from, "from"), let to = try instant(asked.to, "to"), from < to else {
      throw Problem(.badRequest, "a replay needs 'from' before 'to'")
    }
    guard to - from <= .days(7310) else { throw Problem(.badRequest, "a replay covers at most twenty years, not from \(from) to \(to)") }
    guard let assumed = Simulation.AssumedCompletion(rawValue: asked.assumeCompleted) else {
      let words = Simulation.AssumedCompletion.allCases.map(\.rawValue).joined(separator: ", ")
      throw Problem(.badRequest, "'assume_completed' '\(quoted(asked.assumeCompleted))' is none of \(words)")
    }
    let inForce = await keeper.ruleSet
    let reviews = try await simulator.replay(
      { try asked.files.map { try Self.ruleSet(of: $0) } ?? inForce }, Simulator.Replay(from: from, to: to, assumed: assumed),
      context.presence)
    return try Response(
      list: reviews.items, holding: reviews.room, named: "reviews",
      in: ReplayAnswer(from: from.description, to: to.description, assumedCompleted: assumed.rawValue, reviews: []), \.body)
  }

  private static func ruleSet(of files: [RuleFileBody]) throws -> RuleSet {
    let sources = try files.map { file in
      guard let kind = SourceFile.Kind(rawValue: file.kind) else {
        throw Problem(.badRequest, "there is no kind of file '\(quoted(file.kind))'")
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

import ReviewDaemon
import ReviewEngine
import ReviewStore
import TestSupport
import Testing

/// A random history of the whole language with all that people do meanwhile, played to a keeper: samples, events and
/// their revisions, commands, reviews opened by hand, reloads with other rules and calendars, restarts and downtime.
struct DecidedHistory {
  let seed: UInt64
  private var generator: SeededGenerator
  private var language: RandomLanguage
  private var rules: [String]
  private let bench: KeeperBench
  private var keeper: Keeper
  private var store: Store
  private var eventCount = 0
  private var usedParts: Set<String> = []
  /// Reviews that the tables held otherwise than the fold of the log, after the step after which they first did.
  private var misfolded: [String] = []
  /// To whom the same happens; nil where events are revised and the daemon misses instants.
  private var alone: CentreAlone?

  private static let start = "2026-01-03T06:00:00Z"
  private static let end = instant("2026-01-24")

  private static let satisfaction =
    "indicators:\n  - {id: customer_satisfaction, title: C, unit: points, better: higher, range: [1, 5]}\n"

  init(seed: UInt64) async throws {
    self.seed = seed
    generator = SeededGenerator(seed: seed &* 31 &+ 7)
    language = RandomLanguage(seed: seed)
    rules = language.rules()
    bench = try KeeperBench(
      rules: rules.joined(), catalogue: language.catalogue(), calendars: language.calendars(), at: Self.start)
    try bench.folder.write("rules.d/satisfaction.yaml", Self.satisfaction)
    (keeper, store) = try await bench.start()
    noteParts()
  }

  /// The same history lived by a daemon and by the centre alone, without downtime and revisions.
  ///
  /// - Returns: what both made of it, and their subjects as they are at the end.
  static func livedTwice(seed: UInt64) async throws -> (
    live: [Fact], alone: CentreAlone, subjects: [Subject], ruleSet: RuleSet
  ) {
    var history = try await DecidedHistory(seed: seed)
    let ruleSet = history.keeper.ruleSet
    history.alone = try CentreAlone(ruleSet, at: instant(start))
    try await history.play()
    let alone = try #require(history.alone)
    let live = try history.store.read { try $0.facts(after: 0, limit: 100_000) }.map { try $0.get().fact }
    return (live, alone, await history.keeper.allSubjects(), history.keeper.ruleSet)
  }

  /// - Returns: which parts of the language its rules use, and what was decided, a line each.
  static func decisions(seed: UInt64) async throws -> (parts: String, lines: [String], misfolded: [String]) {
    var history = try await DecidedHistory(seed: seed)
    try await history.play()
    return (history.usedParts.sorted().joined(separator: ", "), try history.lines(), history.misfolded)
  }

  /// Parts of the language by which a difference is explained.
  private static let parts = [
    "per: customer", "applies_to:", "anchor: due_date", "adapt:", "recurs:", "shift:", "cooldown:", "if_unknown: open",
    "merge: 5",
    "merge: 3",
    "target_missed: any", "target_missed: level", "review:", "since: any_review", "holds_for:",
  ]

  private mutating func noteParts() {
    for part in Self.parts where rules.contains(where: { $0.contains(part == "review:" ? "{review:" : part) }) {
      usedParts.insert(part)
    }
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  private mutating func play() async throws {
    while bench.clock.now() < Self.end {
      let longest = number(1...4) == 1 ? 40_000 : 12_000
      let step = Int64(number(1...longest)) * 1000
      await bench.advance(keeper, to: Instant(milliseconds: bench.clock.now().milliseconds + step))
      try alone?.advance(to: bench.clock.now())
      try await happen()
      if misfolded.isEmpty { misfolded = try await unlikeTheLog() }
    }
    // What the last command asks for comes in the next occasion of its instant.
    while case .goOn = await keeper.advance() {}
    try alone?.advance(to: bench.clock.now())
  }

  /// The reviews whose tables, or what is remembered of them, are not the fold of the log.
  private func unlikeTheLog() async throws -> [String] {
    let mended = try store.rebuild().mended.map { "\(bench.clock.now()) review \($0.review) in the tables" }
    var filter = ReviewFilter()
    filter.states = ReviewState.allCases.filter(\.isOpen)
    let stored = try store.read { try $0.reviews(filter, limit: 10_000) }
    let remembered = await keeper.allSubjects().flatMap(\.openReviews)
    let known = Set(remembered.map(\.subject))
    let unlike = Set(stored.filter { known.contains($0.subject) }).symmetricDifference(remembered).map(\.id).sorted()
    return mended + unlike.map { "\(bench.clock.now()) review \($0) in memory" }
  }

  private mutating func happen() async throws {
    switch number(0...99) {
    case 0..<35: try await measure()
    case 35..<60: try await report()
    case 60..<85: try await command()
    case 85..<89: try await openByHand()
    case 89..<94: try await reload()
    case 94..<97: try await restart(after: 0)
    default: try await restart(after: alone == nil ? number(1...60) : 0)
    }
  }

  private mutating func service() -> String { ["a", "b", "c", "s"][number(0...3)] }

  private mutating func measure() async throws {
    for _ in 0..<number(1...6) {
      let time = Instant(milliseconds: bench.clock.now().milliseconds - Int64(number(0...7_200)) * 1000)
      let (value, service) = (number(0...100), service())
      try await bench.take(keeper, time.description, "\(value)", of: service)
      alone?.take(DecimalValue(mantissa: Int64(value)), of: "level", at: time, for: service)
    }
  }

  private mutating func report() async throws {
    eventCount += 1
    // Some are revisions of one before, and some come late.
    let isRevision = eventCount > 1 && number(0...5) == 0 && alone == nil
    let id = isRevision ? number(1...eventCount - 1) : eventCount
    let time = Instant(
      milliseconds: bench.clock.now().milliseconds - Int64(number(0...3) == 0 ? number(0...200_000) : 0) * 1000)
    let severity = AttributeValue.number(DecimalValue(mantissa: Int64(number(1...3))))
    let event = Event(
      identity: EventIdentity(source: "test", id: "e\(id)"), type: ["incident", "incident", "change"][number(0...2)],
      service: service(),
      time: time, attributes: number(0...9) == 0 ? [:] : ["severity": severity])
    let known =
      event.type == "change"
      ? Event(identity: event.identity, type: "change", service: event.service, time: time, attributes: [:]) : event
    _ = try await keeper.take([NumberedEvent(line: 1, event: known)])
    try alone?.take(known)
  }

  private mutating func command() async throws {
    var filter = ReviewFilter()
    filter.states = ReviewState.allCases.filter(\.isOpen)
    let open = try store.read { try $0.reviews(filter, limit: 1000) }.sorted {
      ($0.opened, "\($0.subject)", $0.rule ?? "") < ($1.opened, "\($1.subject)", $1.rule ?? "")
    }
    guard !open.isEmpty else { return }
    let review = open[number(0...open.count - 1)]
    let now = bench.clock.now()
    let satisfaction = DecimalValue(mantissa: Int64(number(1...5)))
    let command: ReviewCommand =
      switch number(0...9) {
      case 0...2: .schedule(at: Instant(milliseconds: now.milliseconds + Int64(number(0...500_000)) * 1000))
      case 3: .conduct(at: nil)
      case 4: .conduct(at: Instant(milliseconds: now.milliseconds - Int64(number(0...100_000)) * 1000))
      case 5: .cancel(reason: "not needed")
      default:
        .complete(number(0...1) == 0 ? Completion(outcome: "held", customerSatisfaction: satisfaction) : Completion())
      }
    // What the state does not allow is refused, here as before.
    _ = try? await keeper.apply(command, to: review.id, who: "ana")
    try alone?.apply(command, to: review.id, who: "ana")
  }

  private mutating func openByHand() async throws {
    let due = number(0...1) == 0 ? nil : bench.clock.now().milliseconds / 86_400_000 + Int64(number(1...9))
    let (service, day) = (service(), due.map { Day(number: Int($0)) })
    _ = try await keeper.open(service: service, reason: "asked for", due: day, who: "ben")
    try alone?.open(OpeningByHand(subject: .service(service), reason: "asked for", due: day, by: "ben"))
  }

  private mutating func reload() async throws {
    if number(0...2) == 0 {
      try bench.write(calendars: language.calendars())
    } else {
      let others = language.rules()
      for index in rules.indices where index < others.count && number(0...2) == 0 { rules[index] = others[index] }
      try bench.write(rules: rules.joined())
      noteParts()
    }
    if try await bench.load() == [] { try alone?.reload(keeper.ruleSet) }
  }

  private mutating func restart(after hours: Int) async throws {
    try store.close()
    bench.clock.set(Instant(milliseconds: bench.clock.now().milliseconds + Int64(hours) * 3_600_000))
    (keeper, store) = try await bench.start()
    while case .goOn = await keeper.advance() {}
  }

  // MARK: What was decided

  private func lines() throws -> [String] {
    var filter = ReviewFilter()
    filter.states = ReviewState.allCases
    let reviews = try store.read { try $0.reviews(filter, limit: 10_000) }.sorted {
      ($0.opened, "\($0.subject)", $0.rule ?? "", $0.id) < ($1.opened, "\($1.subject)", $1.rule ?? "", $1.id)
    }
    let told = try reviews.flatMap { review in [Self.line(review)] + (try history(of: review)) }
    return told + (try counts())
  }

  private static func line(_ review: Review) -> String {
    let moments = [("scheduled", review.scheduled), ("conducted", review.conducted), ("closed", review.closed)]
      .compactMap { name, at in
        at.map { "\(name) \($0)" }
      }
    let satisfaction = review.completion.customerSatisfaction.map { "satisfaction \($0)" }
    return
      ([
        "\(review.subject)", review.rule ?? "-", "\(review.opened)", review.state.rawValue, "due \(review.due)",
        "×\(review.triggerCount)",
        "from \(review.periodStart)", review.services.joined(separator: "+"), review.priority.rawValue,
      ] + moments + [satisfaction].compactMap { $0 }).joined(separator: " ")
  }

  private func history(of review: Review) throws -> [String] {
    try ReviewDaemonTests.history(of: review.id, in: store).filter { $0.what != "opened" }.map { entry in
      "  \(entry.at) \(entry.who) \(entry.what)"
        + (entry.what == "joined" ? "" : " \(entry.from ?? "") \(entry.to ?? "")")
    }
  }

  private func counts() throws -> [String] {
    try store.read { snapshot in
      let tallies = try snapshot.ruleTallies().sorted { $0.key < $1.key }.map { rule, tally in
        "\(rule) through \(tally.evaluatedThrough?.description ?? "-") unknown \(tally.unknownCount) lacking \(tally.lackingAttributeCount)"
      }
      return tallies + (try snapshot.counters().sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
    }
  }
}

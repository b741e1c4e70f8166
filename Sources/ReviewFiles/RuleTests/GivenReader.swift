import ReviewEngine

/// Reads what a test gives: reviews, samples and events.
struct GivenReader {
  let document: YamlDocument
  let declarations: Declarations
  let times: TestTimes
  let services: [Service]
  let subject: SubjectID

  struct Facts {
    var reviews: [RuleTest.GivenReview] = []
    var samples: [SubjectHistory.SeriesKey: [Sample]] = [:]
    var events: [Event] = []

    /// The instants that say when the test's time begins.
    var instants: [Instant] {
      reviews.map(\.closed) + events.map(\.time) + samples.values.compactMap { $0.first?.time }
    }
  }

  func read(_ node: Node?) -> Facts {
    var facts = Facts()
    guard let node, let fields = Fields(node, document, "'given'") else { return facts }
    facts.reviews = (document.list(fields.optional("reviews"), "'reviews'") ?? []).compactMap(review)
    readSamples(fields.optional("samples"), into: &facts)
    for node in document.list(fields.optional("events"), "'events'") ?? [] {
      facts.events += events(node, after: facts.events.count)
    }
    facts.events.sort { ($0.time, $0.identity) < ($1.time, $1.identity) }
    fields.finish()
    return facts
  }

  // MARK: Reviews

  private func review(_ node: Node) -> RuleTest.GivenReview? {
    guard let fields = Fields(node, document, "a review") else { return nil }
    let ruleNode = fields.optional("rule")
    let rule = ruleNode.flatMap { declarations.reference($0, .rule, in: document) }
    let completed = times.instant(fields.optional("completed"), "'completed'")
    let cancelled = times.instant(fields.optional("cancelled"), "'cancelled'")
    let due = document.day(fields.optional("due"), "'due'")
    let opened = times.instant(fields.optional("opened"), "'opened'")
    fields.finish()
    guard let closed = completed ?? cancelled, completed == nil || cancelled == nil else {
      document.report(at: node, "a review of the past needs 'completed' or 'cancelled'")
      return nil
    }
    return RuleTest.GivenReview(
      rule: rule, subject: subject, opened: opened ?? closed, due: due ?? times.zone.day(of: closed), closed: closed,
      isCompleted: completed != nil)
  }

  // MARK: Samples

  /// By indicator, or, where a test has several services, by service and then by indicator.
  private func readSamples(_ node: Node?, into facts: inout Facts) {
    for (name, keyNode, value) in document.mapping(node, "'samples'") ?? [] {
      if services.count > 1 || services.contains(where: { $0.id == name }) {
        guard let service = declared(name, at: keyNode) else { continue }
        for (_, keyNode, value) in document.mapping(value, "the samples of '\(name)'") ?? [] {
          readSeries(keyNode, value, of: service, into: &facts)
        }
      } else if let service = services.first?.id {
        readSeries(keyNode, value, of: service, into: &facts)
      }
    }
  }

  private func declared(_ name: String, at node: Node) -> String? {
    if services.contains(where: { $0.id == name }) { return name }
    document.report(
      at: node, "the test has no service '\(name)'" + document.suggestions.meant(name, among: services.map(\.id)))
    return nil
  }

  private func readSeries(_ keyNode: Node, _ value: Node, of service: String, into facts: inout Facts) {
    guard let indicator = declarations.indicator(keyNode, in: document) else { return }
    let key = SubjectHistory.SeriesKey(service: service, indicator: indicator.id)
    let isNotation = Fields.keys(of: value).contains("values")
    let samples = isNotation ? notation(value) : dated(value)
    for sample in samples where indicator.range.map({ !$0.contains(sample.value) }) ?? false {
      document.report(at: value, "\(sample.value) is outside the range of '\(indicator.id)'")
      break
    }
    facts.samples[key] = samples.sorted { $0.time < $1.time }
  }

  private func dated(_ node: Node) -> [Sample] {
    (document.mapping(node, "samples") ?? []).compactMap { _, keyNode, value in
      guard let time = times.instant(keyNode, "the time of a sample"), let number = document.decimal(value, "a sample")
      else { return nil }
      return Sample(time: time, value: number)
    }
  }

  private func notation(_ node: Node) -> [Sample] {
    guard let fields = Fields(node, document, "a series") else { return [] }
    let from = times.instant(fields.required("from"), "'from'")
    let step = document.elapsed(fields.required("step"), "'step'")
    let valuesNode = fields.required("values")
    let text = document.text(valuesNode, "'values'", allowsLines: true)
    fields.finish()
    guard let from, let step, let text else { return [] }
    do {
      let values = try SeriesNotation.values(text)
      guard document.claimExpanded(values.count, at: valuesNode) else { return [] }
      return values.enumerated().compactMap { index, value in
        value.map { Sample(time: from + Elapsed(milliseconds: step.milliseconds * Int64(index)), value: $0) }
      }
    } catch {
      document.report(at: valuesNode, "'values': \(error.message)")
      return []
    }
  }

  // MARK: Events

  private static let largestEventCount = 10_000

  private func events(_ node: Node, after count: Int) -> [Event] {
    guard let fields = Fields(node, document, "an event") else { return [] }
    let type = declarations.eventType(fields.required("event"), in: document)
    let at = times.instant(fields.required("at"), "'at'")
    let id = document.text(fields.optional("id"), "'id'")
    let timesNode = fields.optional("times")
    let repeats = document.count(timesNode, "'times'") ?? 1
    let every = document.elapsed(fields.optional("every"), "'every'") ?? .hours(1)
    let service = fields.optional("service").flatMap { node in
      document.text(node, "'service'").flatMap { declared($0, at: node) }
    }
    var attributes: [String: AttributeValue] = [:]
    for (name, declared) in (type?.attributes ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let value = fields.optional(name) else { continue }
      attributes[name] = AttributeReader(document: document).value(value, name, declared)
    }
    fields.finish()
    guard repeats >= 1, repeats <= Self.largestEventCount else {
      document.report(at: timesNode, "'times' must be from 1 to \(Self.largestEventCount)")
      return []
    }
    guard let type, let at, let first = services.first?.id, document.claimExpanded(repeats, at: node) else { return [] }
    return (0..<repeats).map { index in
      Event(
        identity: EventIdentity(source: "test", id: (id ?? "\(count)") + (repeats > 1 ? "-\(index)" : "")),
        type: type.id,
        service: service ?? first, time: at + Elapsed(milliseconds: every.milliseconds * Int64(index)),
        attributes: attributes)
    }
  }
}

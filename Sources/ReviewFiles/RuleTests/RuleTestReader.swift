import ReviewEngine

/// Reads `*.test.yaml`: tests of rules.
package enum RuleTestReader {
  /// - Parameters:
  ///   - files: of any kind; only their text and path count.
  ///   - ruleSet: the rules under test, with the catalogue that tests may refer to.
  package static func read(_ files: [SourceFile], _ ruleSet: RuleSet) -> (tests: [RuleTest], diagnostics: [Diagnostic])
  {
    var tests: [RuleTest] = []
    var diagnostics: [Diagnostic] = []
    for file in files {
      let document = YamlDocument(file)
      if let root = document.root, let fields = Fields(root, document, "a file of tests") {
        let nodes = document.list(fields.required("tests"), "'tests'") ?? []
        if nodes.isEmpty, fields.keys.contains("tests"), document.errorCount == 0 {
          document.report(at: root, "there is no test in this file")
        }
        for node in nodes {
          if let test = OneTestReader(document: document, base: ruleSet).test(node) { tests.append(test) }
        }
        fields.finish()
      }
      if document.root == nil, document.errorCount == 0 {
        document.report(line: 1, column: 1, "there is no test in this file")
      }
      diagnostics += document.diagnostics
    }
    return (tests, diagnostics)
  }
}

/// Reads one test.
private struct OneTestReader {
  let document: YamlDocument
  let base: RuleSet

  func test(_ node: Node) -> RuleTest? {
    guard let fields = Fields(node, document, "a test") else { return nil }
    let errorsBefore = document.errorCount
    let title = document.text(fields.required("title"), "'title'")
    let declarations = Declarations(for: base)
    let (subject, services) = readCatalogue(fields, declarations)
    let ruleIds = rules(fields.optional("rules"), declarations)
    let assumed = document.choice(
      fields.optional("assume_completed"), "'assume_completed'", Simulation.AssumedCompletion.self)
    let zone = services.first?.zone ?? .utc
    let times = TestTimes(document: document, zone: zone)
    let fromNode = fields.optional("from")
    let from = times.instant(fromNode, "'from'")
    let given = GivenReader(
      document: document, declarations: declarations, times: times, services: services, subject: subject ?? .service("")
    )
    let facts = given.read(fields.optional("given"))
    let expectations = ExpectationReader(document: document, declarations: declarations, times: times).read(
      fields.required("expect"))
    fields.finish()
    guard document.errorCount == errorsBefore, let title, let subject else { return nil }
    let ruleSet = RuleSet(
      calendars: declarations.calendars, customers: declarations.customers, offerings: declarations.offerings,
      services: services,
      indicators: base.indicators, eventTypes: base.eventTypes,
      rules: base.rules.filter { ruleIds?.contains($0.id) ?? true })
    let earliest = (facts.instants + expectations.map(\.at)).min().map { zone.start(of: zone.day(of: $0)) }
    return RuleTest(
      place: RuleTest.Place(file: document.path, line: node.mark.line), title: title, ruleSet: ruleSet,
      ruleIds: (ruleIds ?? []) + expectations.flatMap(\.ruleIds), subject: subject,
      from: from ?? earliest ?? zone.start(of: Day(number: 0)),
      assumedCompletion: assumed ?? .never, reviews: facts.reviews, samples: facts.samples, events: facts.events,
      expectations: expectations)
  }

  private func rules(_ node: Node?, _ declarations: Declarations) -> [String]? {
    document.oneOrMore(node)?.compactMap { declarations.reference($0, .rule, in: document) }
  }

  /// The catalogue of the test: one service, written out or named, or the services of one customer.
  private func readCatalogue(_ fields: Fields, _ declarations: Declarations) -> (SubjectID?, [Service]) {
    let reader = CatalogueReader(document: document, declarations: declarations)
    for (key, read) in [
      ("calendars", CalendarReader(document: document, declarations: declarations).calendar),
      ("offerings", reader.offering),
      ("customers", reader.customer),
    ] {
      for node in document.list(fields.optional(key), "'\(key)'") ?? [] { read(node) }
    }
    let known = declarations.services.count
    for node in document.list(fields.optional("services"), "'services'") ?? [] { reader.service(node) }
    let single = fields.optional("service").flatMap { service($0, declarations, reader) }
    let services = (single.map { [$0] } ?? []) + declarations.services.dropFirst(known)
    if let node = fields.optional("customer") {
      let id = declarations.reference(node, .customer, in: document)
      if let id, !services.contains(where: { $0.customer == id }) {
        document.report(at: node, "the test has no service of the customer '\(id)'")
      }
      return (id.map { .customer($0) }, services)
    }
    guard let first = services.first else {
      if !fields.keys.contains("service"), !fields.isMisspelt(["service"]) {
        document.report(at: fields.node, "a test needs a 'service', or 'services' of a 'customer'")
      }
      return (nil, [])
    }
    return (.service(first.id), services)
  }

  private func service(_ node: Node, _ declarations: Declarations, _ reader: CatalogueReader) -> Service? {
    if case .scalar = node {
      guard let id = document.text(node, "a service") else { return nil }
      if let service = base.service(id) { return service }
      document.report(
        at: node, "undeclared service '\(id)'" + document.suggestions.meant(id, among: base.services.map(\.id)))
      return nil
    }
    guard let fields = Fields(node, document, "a service") else { return nil }
    let service = reader.service(fields, id: document.identifier(fields.required("id"), "a service's id"))
    fields.finish()
    return service
  }
}

extension Declarations {
  /// What a test may refer to: all that the files declare but the services, which are the test's own.
  fileprivate convenience init(for ruleSet: RuleSet) {
    self.init()
    calendars = ruleSet.calendars
    customers = ruleSet.customers
    offerings = ruleSet.offerings
    ruleIds = ruleSet.rules.map(\.id)
    for indicator in ruleSet.indicators { add(indicator) }
    for type in ruleSet.eventTypes { add(type) }
  }
}

extension RuleTest.Expectation {
  fileprivate var ruleIds: [String] { next.map(\.rule) + (reviews ?? []).compactMap(\.rule) + (unknown ?? []) }
}

/// Reads times of a test, which are in the zone of its service.
struct TestTimes {
  let document: YamlDocument
  let zone: Zone

  func instant(_ node: Node?, _ what: String) -> Instant? {
    guard let text = document.text(node, what) else { return nil }
    if let instant = instant(text) { return instant }
    document.report(
      at: node, "\(what) must be a date such as 2026-03-01 or a time such as 2026-03-01T10:00, not '\(text)'")
    return nil
  }

  /// A day, its first instant; a time without a zone, on the wall; or RFC 3339.
  func instant(_ text: String) -> Instant? { zone.instant(text) }
}

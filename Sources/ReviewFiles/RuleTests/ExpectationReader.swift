import ReviewEngine

/// Reads what a test expects at some instants.
struct ExpectationReader {
  let document: YamlDocument
  let declarations: Declarations
  let times: TestTimes

  func read(_ node: Node?) -> [RuleTest.Expectation] {
    guard let node, let nodes = document.list(node, "'expect'") else { return [] }
    if nodes.isEmpty { document.report(at: node, "'expect' expects nothing") }
    return nodes.compactMap(expectation)
  }

  private func expectation(_ node: Node) -> RuleTest.Expectation? {
    guard let fields = Fields(node, document, "an expectation") else { return nil }
    let atNode = fields.required("at")
    let at = times.instant(atNode, "'at'")
    let place = RuleTest.Place(file: document.path, line: node.mark.line)
    var expectation = RuleTest.Expectation(place: place, at: at ?? .distantPast, atText: atNode?.scalar?.string ?? "")
    expectation.next = (document.oneOrMore(fields.optional("next")) ?? []).compactMap(next)
    expectation.reviews = document.list(fields.optional("reviews"), "'reviews'").map { $0.compactMap(review) }
    expectation.unknown = document.oneOrMore(fields.optional("unknown"), allowsEmpty: true)?.compactMap(rule)
    let nothing = document.boolean(fields.optional("nothing"), "'nothing'")
    fields.finish()
    if nothing == true {
      if expectation.reviews != nil {
        document.report(at: fields.keyNode("nothing"), "'nothing' and 'reviews' say different things")
      }
      expectation.reviews = []
    }
    if expectation.next.isEmpty, expectation.reviews == nil, expectation.unknown == nil, nothing == nil {
      document.report(at: node, "an expectation needs one of next, reviews, unknown, nothing")
    }
    return at == nil ? nil : expectation
  }

  private func rule(_ node: Node?) -> String? {
    node.flatMap { declarations.reference($0, .rule, in: document) }
  }

  private func next(_ node: Node) -> RuleTest.NextReview? {
    guard let fields = Fields(node, document, "'next'") else { return nil }
    let rule = rule(fields.required("rule"))
    let dueNode = fields.required("due")
    let due = dueNode?.scalar?.string == "never" ? nil : document.day(dueNode, "'due'")
    let opens = document.day(fields.optional("opens"), "'opens'")
    let factors = names(fields.optional("factors"), "a factor")
    let unknown = names(fields.optional("unknown"), "a factor")
    fields.finish()
    return rule.map { RuleTest.NextReview(rule: $0, due: due, opens: opens, factors: factors, unknown: unknown) }
  }

  private func names(_ node: Node?, _ what: String) -> [String]? {
    document.oneOrMore(node, allowsEmpty: true)?.compactMap { document.text($0, what) }
  }

  private func review(_ node: Node) -> RuleTest.ExpectedReview? {
    guard let fields = Fields(node, document, "a review") else { return nil }
    let rule = rule(fields.required("rule"))
    let due = document.day(fields.optional("due"), "'due'")
    let opened = times.instant(fields.optional("opened"), "'opened'")
    let triggers = document.count(fields.optional("triggers"), "'triggers'")
    let services = names(fields.optional("services"), "a service")
    fields.finish()
    return rule.map {
      RuleTest.ExpectedReview(rule: $0, due: due, opened: opened, triggers: triggers, services: services)
    }
  }
}

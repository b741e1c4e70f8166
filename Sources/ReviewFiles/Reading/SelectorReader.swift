import ReviewEngine

/// Reads `applies_to` of a rule and `service` of a condition.
struct SelectorReader {
  let document: YamlDocument
  let declarations: Declarations

  /// Which services a rule applies to.
  func appliesTo(_ node: Node?) -> ServiceSelector {
    guard let node, let fields = Fields(node, document, "'applies_to'", example: "{services: [web-shop]}") else {
      return ServiceSelector()
    }
    var selector = ServiceSelector()
    selector.services = references(fields.optional("services"), .service)
    selector.customers = references(fields.optional("customers"), .customer)
    selector.offerings = references(fields.optional("offerings"), .offering)
    readAttributes(fields, into: &selector)
    fields.finish()
    return selector
  }

  /// What a condition asks of the service.
  func attributes(_ node: Node) -> ServiceSelector? {
    guard let fields = Fields(node, document, "'service'") else { return nil }
    var selector = ServiceSelector()
    selector.customers = references(fields.optional("customer"), .customer)
    selector.offerings = references(fields.optional("offering"), .offering)
    readAttributes(fields, into: &selector)
    fields.finish()
    if fields.keys.isEmpty { document.report(at: node, "'service' asks nothing") }
    return selector
  }

  private func readAttributes(_ fields: Fields, into selector: inout ServiceSelector) {
    selector.relationships = choices(fields.optional("relationship"), "'relationship'")
    selector.journeys = choices(fields.optional("journey"), "'journey'")
    selector.expectations = choices(fields.optional("expectations"), "'expectations'")
    selector.labels = (document.mapping(fields.optional("labels"), "'labels'") ?? []).map { key, _, value in
      let values = (document.oneOrMore(value) ?? []).compactMap { document.text($0, "the label '\(key)'") }
      return ServiceSelector.Label(key: key, values: values)
    }
  }

  private func choices<Choice: RawRepresentable & CaseIterable>(_ node: Node?, _ what: String) -> [Choice]?
  where Choice.RawValue == String {
    document.oneOrMore(node)?.compactMap { document.choice($0, what, Choice.self) }
  }

  private func references(_ node: Node?, _ kind: Declarations.Kind) -> [String]? {
    document.oneOrMore(node)?.compactMap { declarations.reference($0, kind, in: document) }
  }
}

import ReviewEngine

/// Reads the `customers`, `offerings` and `services` of a file in services.d.
struct CatalogueReader {
  let document: YamlDocument
  let declarations: Declarations

  private static let consumerRoles = ["sponsor", "customer", "user"]
  private static let providerRoles = [
    "service_manager", "service_owner", "relationship_manager", "team_lead", "supplier",
  ]

  func customer(_ node: Node) {
    guard let fields = Fields(node, document, "a customer") else { return }
    let idNode = fields.required("id")
    let id = document.identifier(idNode, "a customer's id")
    let name = document.text(fields.required("name"), "'name'")
    let stakeholders = stakeholders(fields.optional("stakeholders"), roles: Self.consumerRoles)
    let calendar = calendar(fields.optional("calendar"))
    fields.finish()
    guard let id, declarations.claim(id, "customer", at: idNode, in: document) else { return }
    declarations.customers.append(Customer(id: id, name: name ?? id, stakeholders: stakeholders, calendar: calendar))
  }

  func offering(_ node: Node) {
    guard let fields = Fields(node, document, "an offering") else { return }
    let idNode = fields.required("id")
    let id = document.identifier(idNode, "an offering's id")
    let name = document.text(fields.optional("name"), "'name'")
    let targets = targets(fields.required("targets"))
    fields.finish()
    guard let id, declarations.claim(id, "offering", at: idNode, in: document) else { return }
    declarations.offerings.append(Offering(id: id, name: name ?? id, targets: targets))
  }

  func service(_ node: Node) {
    guard let fields = Fields(node, document, "a service") else { return }
    let idNode = fields.required("id")
    let service = service(fields, id: document.identifier(idNode, "a service's id"))
    fields.finish()
    guard let service, declarations.claim(service.id, "service", at: idNode, in: document) else { return }
    declarations.services.append(service)
  }

  /// What the keys of a service say; the caller looks after those that are left.
  func service(_ fields: Fields, id: String?) -> Service? {
    var service = Service(id: id ?? "", name: document.text(fields.required("name"), "'name'") ?? "")
    if let node = fields.optional("customer") {
      service.customer = declarations.reference(node, .customer, in: document)
    }
    service.relationship = document.choice(fields.optional("relationship"), "'relationship'")
    service.journey = document.choice(fields.optional("journey"), "'journey'")
    service.expectations = document.choice(fields.optional("expectations"), "'expectations'")
    service.labels = labels(fields.optional("labels"))
    service.inServiceSince = document.day(fields.optional("in_service_since"), "'in_service_since'")
    service.inServiceUntil = document.day(fields.optional("in_service_until"), "'in_service_until'")
    service.stakeholders = stakeholders(fields.optional("stakeholders"), roles: Self.providerRoles)
    service.calendar = calendar(fields.optional("calendar")) ?? .everyDay
    readLevels(fields, into: &service)
    checkLife(service, fields)
    return id == nil ? nil : service
  }

  // Levels are tailored or taken from an offering, never both: nobody could say which one was agreed.
  private func readLevels(_ fields: Fields, into service: inout Service) {
    service.targets = targets(fields.optional("targets"))
    guard let node = fields.optional("offering") else { return }
    service.offering = declarations.reference(node, .offering, in: document)
    if fields.keys.contains("targets") {
      document.report(
        at: fields.keyNode("targets"),
        "a service takes its levels from an 'offering' or has 'targets' of its own, not both")
    }
    guard let index = service.offering.flatMap({ declarations.index(of: $0, .offering) }) else { return }
    service.targets = declarations.offerings[index].targets
  }

  private func calendar(_ node: Node?) -> WorkingCalendar? {
    guard let node, let id = declarations.reference(node, .calendar, in: document) else {
      return nil
    }
    return declarations.index(of: id, .calendar).map { declarations.calendars[$0] }
  }

  private func checkLife(_ service: Service, _ fields: Fields) {
    guard let since = service.inServiceSince, let until = service.inServiceUntil, until < since else { return }
    document.report(
      at: fields.keyNode("in_service_until"), "'in_service_until' \(until) is before 'in_service_since' \(since)")
  }

  private func labels(_ node: Node?) -> [String: String] {
    var labels: [String: String] = [:]
    for (key, _, value) in document.mapping(node, "'labels'") ?? [] {
      if let text = document.text(value, "the label '\(key)'") { labels[key] = text }
    }
    return labels
  }

  private func stakeholders(_ node: Node?, roles: [String]) -> Stakeholders {
    var read: [Stakeholders.Role] = []
    for (role, keyNode, value) in document.mapping(node, "'stakeholders'") ?? [] {
      guard roles.contains(role) else {
        document.report(at: keyNode, document.notOne(of: roles, "a role", role))
        continue
      }
      let people = (document.oneOrMore(value) ?? []).compactMap { document.text($0, "a stakeholder") }
      read.append(Stakeholders.Role(role: role, people: people))
    }
    return Stakeholders(roles: read)
  }

  private func targets(_ node: Node?) -> [Target] { (document.list(node, "'targets'") ?? []).compactMap(target) }

  private func target(_ node: Node) -> Target? {
    guard let fields = Fields(node, document, "a target", example: "{indicator: availability, at_least: 99.5}") else {
      return nil
    }
    let read = MeasurementReader(document: document, declarations: declarations).measurement(fields)
    let comparison = ComparisonReader(document: document).comparison(
      fields, read?.measurement, read?.indicator, allowsTarget: false)
    if let window = read?.measurement.window, window == .sinceLastReview || window == .sinceAnyReview {
      document.report(
        at: fields.keyNode("since"),
        "a target is agreed for a time, not for what lies between reviews: 'in_last' or 'in'")
    }
    fields.finish()
    guard let read, let comparison, case .number(let number) = comparison.threshold else { return nil }
    return Target(measurement: read.measurement, comparison: comparison.comparison, number: number)
  }
}

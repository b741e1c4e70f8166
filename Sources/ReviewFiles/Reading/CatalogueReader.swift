import ReviewEngine
import Yams

/// Reads the `customers` and `services` of a file in services.d.
struct CatalogueReader {
  let document: YamlDocument
  let declarations: Declarations

  private static let consumerRoles = ["sponsor", "customer", "user"]
  private static let providerRoles = ["service_manager", "service_owner", "relationship_manager", "team_lead", "supplier"]

  func customer(_ node: Node) {
    guard let fields = Fields(node, document, "a customer") else { return }
    let idNode = fields.required("id")
    let id = document.identifier(idNode, "a customer's id")
    let name = document.text(fields.required("name"), "'name'")
    let stakeholders = stakeholders(fields.optional("stakeholders"), roles: Self.consumerRoles)
    fields.finish()
    guard let id, declarations.claim(id, "customer", at: idNode, in: document) else { return }
    declarations.customers.append(Customer(id: id, name: name ?? id, stakeholders: stakeholders))
  }

  func service(_ node: Node) {
    guard let fields = Fields(node, document, "a service") else { return }
    let idNode = fields.required("id")
    let id = document.identifier(idNode, "a service's id")
    var service = Service(id: id ?? "", name: document.text(fields.required("name"), "'name'") ?? "")
    if let node = fields.optional("customer") {
      service.customer = declarations.reference(node, "customer", among: declarations.customers.map(\.id), in: document)
    }
    service.relationship = document.choice(fields.optional("relationship"), "'relationship'")
    service.journey = document.choice(fields.optional("journey"), "'journey'")
    service.expectations = document.choice(fields.optional("expectations"), "'expectations'")
    service.labels = labels(fields.optional("labels"))
    service.inServiceSince = document.day(fields.optional("in_service_since"), "'in_service_since'")
    service.inServiceUntil = document.day(fields.optional("in_service_until"), "'in_service_until'")
    service.stakeholders = stakeholders(fields.optional("stakeholders"), roles: Self.providerRoles)
    service.targets = (document.list(fields.optional("targets"), "'targets'") ?? []).compactMap(target)
    fields.notSupportedYet("offering", "calendar")
    fields.finish()
    checkLife(service, fields)
    guard let id, declarations.claim(id, "service", at: idNode, in: document) else { return }
    declarations.services.append(service)
  }

  private func checkLife(_ service: Service, _ fields: Fields) {
    guard let since = service.inServiceSince, let until = service.inServiceUntil, until < since else { return }
    document.report(at: fields.keyNode("in_service_until"), "'in_service_until' \(until) is before 'in_service_since' \(since)")
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

  private func target(_ node: Node) -> Target? {
    guard let fields = Fields(node, document, "a target") else { return nil }
    let reader = ConditionReader(document: document, declarations: declarations)
    let indicator = declarations.indicator(fields.required("indicator"), in: document)
    let statistic = reader.statistic(fields.optional("statistic"))
    let window = reader.window(fields, statistic: statistic)
    let comparison = reader.comparison(fields, indicator: indicator, statistic: statistic, allowsTarget: false)
    fields.notSupportedYet("coverage", "minimum_samples")
    fields.finish()
    guard let indicator, let comparison, case .number(let number) = comparison.threshold else { return nil }
    return Target(
      indicator: indicator.id, statistic: statistic, window: window, comparison: comparison.comparison, number: number)
  }
}

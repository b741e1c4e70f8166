import ReviewEngine

/// Reads the `indicators` and `event_types` of a file in rules.d.
struct IndicatorReader {
  let document: YamlDocument
  let declarations: Declarations

  func indicator(_ node: Node) {
    guard let fields = Fields(node, document, "an indicator") else { return }
    let idNode = fields.required("id")
    let id = document.identifier(idNode, "an indicator's id")
    let title = document.text(fields.required("title"), "'title'")
    let unit = document.text(fields.required("unit"), "'unit'")
    let better = document.choice(fields.required("better"), "'better'", Indicator.Better.self)
    let perspective = document.choice(fields.optional("perspective"), "'perspective'", Indicator.Perspective.self)
    let range = range(fields.optional("range"))
    let expectedEvery = document.elapsed(fields.optional("expected_every"), "'expected_every'")
    let staleAfter = document.elapsed(fields.optional("stale_after"), "'stale_after'")
    fields.notSupportedYet("source")
    fields.finish()
    guard let id, declarations.claim(id, "indicator", at: idNode, in: document) else { return }
    declarations.add(
      Indicator(
        id: id, title: title ?? id, unit: unit ?? "", better: better ?? .higher, perspective: perspective, range: range,
        expectedEvery: expectedEvery, staleAfter: staleAfter))
  }

  private func range(_ node: Node?) -> ClosedRange<DecimalValue>? {
    guard let node, let ends = document.list(node, "'range'") else { return nil }
    guard ends.count == 2 else {
      document.report(at: node, "'range' must be two numbers: the lowest and the highest")
      return nil
    }
    guard let lowest = document.decimal(ends[0], "the lowest value"),
      let highest = document.decimal(ends[1], "the highest value")
    else {
      return nil
    }
    guard lowest < highest else {
      document.report(at: node, "'range' must rise: \(lowest) is not below \(highest)")
      return nil
    }
    return lowest...highest
  }

  func eventType(_ node: Node) {
    guard let fields = Fields(node, document, "an event type") else { return }
    let idNode = fields.required("id")
    let id = document.identifier(idNode, "an event type's id")
    let title = document.text(fields.required("title"), "'title'")
    var attributes: [String: EventType.AttributeType] = [:]
    for (name, _, value) in document.mapping(fields.optional("attributes"), "'attributes'") ?? [] {
      if let type = document.choice(value, "the type of '\(name)'", EventType.AttributeType.self) {
        attributes[name] = type
      }
    }
    fields.finish()
    guard let id, declarations.claim(id, "event type", at: idNode, in: document) else { return }
    declarations.add(EventType(id: id, title: title ?? id, attributes: attributes))
  }
}

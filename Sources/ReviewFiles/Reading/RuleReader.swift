import ReviewEngine

/// Reads the `rules` of a file in rules.d.
struct RuleReader {
  let document: YamlDocument
  let declarations: Declarations

  private static let kinds = ["every", "recurs", "upon", "when"]

  func rule(_ node: Node, text: String) {
    guard let fields = Fields(node, document, "a rule") else { return }
    let errorsBefore = document.errorCount
    let idNode = fields.required("id")
    let id = document.identifier(idNode, "a rule's id")
    let title = document.text(fields.required("title"), "'title'")
    let cause = cause(fields)
    let appliesTo = SelectorReader(document: document, declarations: declarations).appliesTo(
      fields.optional("applies_to"))
    let merge = merge(fields.optional("merge"))
    let cooldown = document.elapsed(fields.optional("cooldown"), "'cooldown'")
    let template = template(
      fields.optional("review"), isInterval: fields.keys.contains("every") || fields.keys.contains("recurs"))
    let scope = document.choice(fields.optional("per"), "'per'", Rule.Scope.self)
    checkKeys(fields)
    fields.notSupportedYet("escalate")
    fields.finish()
    guard let id, declarations.claim(id, "rule", at: idNode, in: document), let cause else { return }
    var rule = Rule(id: id, title: title ?? id, cause: cause)
    rule.appliesTo = appliesTo
    rule.scope = scope ?? .service
    rule.merge = merge
    rule.cooldown = cooldown
    rule.review = template
    rule.text = text
    if document.errorCount == errorsBefore { checkServices(rule, at: fields.node) }
    declarations.rules.append(rule)
  }

  private func cause(_ fields: Fields) -> Rule.Cause? {
    let given = Self.kinds.filter { fields.keys.contains($0) }
    for kind in Self.kinds { _ = fields.optional(kind) }
    if given.isEmpty, fields.isMisspelt(Self.kinds) { return nil }
    if given.isEmpty {
      document.report(at: fields.node, "a rule needs one of every, recurs, upon, when")
    } else if given.count > 1 {
      document.report(at: fields.keyNode(given[1]), "a rule has one cause: '\(given[0])' is given too")
    }
    let intervals = IntervalReader(document: document, declarations: declarations)
    switch given.first {
    case "every": return intervals.interval(fields).map { .interval($0) }
    case "recurs": return intervals.recurrence(fields).map { .recurrence($0) }
    case "upon": return event(fields.optional("upon")).map { .event($0) }
    case "when": return condition(fields).map { .condition($0) }
    default: return nil
    }
  }

  private func event(_ node: Node?) -> EventCause? {
    guard let node, let fields = Fields(node, document, "'upon'", example: "{event: incident}") else { return nil }
    let type = declarations.eventType(fields.required("event"), in: document)
    let matches = AttributeReader(document: document).matches(fields.optional("where"), type)
    fields.finish()
    return type.map { EventCause(type: $0.id, matches: matches) }
  }

  private enum IfUnknown: String, CaseIterable { case open, ignore }

  private func condition(_ fields: Fields) -> ConditionCause? {
    let reader = ConditionReader(document: document, declarations: declarations)
    let condition = fields.optional("when").flatMap { reader.condition($0) }
    let evaluateEvery = document.elapsed(fields.optional("evaluate_every"), "'evaluate_every'") ?? .hours(1)
    let holdsFor = document.elapsed(fields.optional("holds_for"), "'holds_for'") ?? .zero
    let ifUnknown = document.choice(fields.optional("if_unknown"), "'if_unknown'", IfUnknown.self)
    guard let condition else { return nil }
    return ConditionCause(
      condition: condition, evaluateEvery: evaluateEvery, holdsFor: holdsFor, opensIfUnknown: ifUnknown == .open)
  }

  /// Keys that belong to another cause than the rule's own.
  private func checkKeys(_ fields: Fields) {
    let owners = [
      "anchor": ["every"], "adapt": ["every"], "opens_before": ["every", "recurs"], "holds_for": ["when"],
      "if_unknown": ["when"],
      "evaluate_every": ["when", "every"], "cooldown": ["upon", "when"],
    ]
    guard let cause = Self.kinds.first(where: { fields.keys.contains($0) }) else { return }
    for key in fields.keys {
      guard let owner = owners[key] else { continue }
      _ = fields.optional(key)
      if !owner.contains(cause) {
        document.report(
          at: fields.keyNode(key),
          "'\(key)' goes with \(owner.map { "'\($0)'" }.joined(separator: " or ")), not with '\(cause)'")
      }
    }
  }

  private func merge(_ node: Node?) -> Rule.Merge {
    if node?.scalar?.string == "never" { return .never }
    return document.dayAmount(node, "'merge'").map { .within($0) } ?? .within(.weeks(2))
  }

  private func template(_ node: Node?, isInterval: Bool) -> ReviewTemplate {
    var template = ReviewTemplate()
    guard let node, let fields = Fields(node, document, "'review'", example: "{due: 10 working days}") else {
      return template
    }
    if let due = fields.optional("due") {
      if isInterval {
        document.report(at: fields.keyNode("due"), "'due' of an interval rule follows from its interval")
      }
      template.due = document.dayAmount(due, "'due'") ?? template.due
    }
    template.priority = document.choice(fields.optional("priority"), "'priority'") ?? template.priority
    template.agenda = (document.list(fields.optional("agenda"), "'agenda'") ?? []).compactMap {
      document.text($0, "an item of 'agenda'", allowsLines: true)
    }
    fields.notSupportedYet("escalate")
    fields.finish()
    return template
  }

  private func checkServices(_ rule: Rule, at node: Node) {
    let selected = declarations.services.filter { rule.appliesTo.matches($0) }
    if rule.scope == .customer, !selected.isEmpty, selected.allSatisfy({ $0.customer == nil }) {
      document.report(
        .warning, at: node, "the rule '\(rule.id)' is per customer, and no service that it matches has one")
    }
    if selected.isEmpty, !declarations.services.isEmpty {
      document.report(.warning, at: node, "the rule '\(rule.id)' matches no service")
    }
    for indicator in rule.indicatorsWithTarget {
      for service in selected where service.targets(for: indicator).count > 1 {
        let count = service.targets(for: indicator).count
        document.report(
          at: node, "'target' is ambiguous: the service '\(service.id)' has \(count) targets for '\(indicator)'")
      }
      if !selected.isEmpty, selected.allSatisfy({ $0.targets(for: indicator).isEmpty }) {
        document.report(
          .warning, at: node, "the rule '\(rule.id)' is never evaluated: no service has a target for '\(indicator)'")
      }
    }
    for condition in rule.targetConditions
    where !selected.isEmpty && selected.allSatisfy({ condition.targets(of: $0).isEmpty }) {
      let why =
        condition.indicator.map { "is never evaluated: no service has a target for '\($0)'" }
        ?? "asks for missed targets, and no service that it matches has any"
      document.report(.warning, at: node, "the rule '\(rule.id)' \(why)")
    }
  }
}

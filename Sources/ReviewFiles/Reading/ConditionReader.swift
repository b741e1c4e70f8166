import ReviewEngine

/// Reads conditions, each one mapping.
struct ConditionReader {
  let document: YamlDocument
  let declarations: Declarations

  private static let kinds = [
    "indicator", "event", "review", "target_missed", "service", "all_of", "any_of", "none_of",
  ]

  func condition(_ node: Node) -> Condition? {
    guard let fields = Fields(node, document, "a condition", example: "{indicator: availability, below: 99}") else {
      return nil
    }
    let given = fields.keys.filter { Self.kinds.contains($0) }
    guard given.count == 1 else { return reportKinds(fields, given) }
    return switch given[0] {
    case "indicator": indicatorCondition(fields)
    case "event": eventCondition(fields)
    case "review": reviewCondition(fields)
    case "target_missed": targetCondition(fields)
    case "service": serviceCondition(fields)
    case "all_of": parts(fields, "all_of").map { .allOf($0) }
    case "any_of": parts(fields, "any_of").map { .anyOf($0) }
    default: parts(fields, "none_of").map { .noneOf($0) }
    }
  }

  private func reportKinds(_ fields: Fields, _ given: [String]) -> Condition? {
    if given.count > 1 {
      document.report(
        at: fields.keyNode(given[1]),
        "a condition asks one thing: '\(given[0])' and '\(given[1])' need an 'all_of' around them")
    } else {
      for key in fields.keys.prefix(Fields.largestComparedCount) {
        guard let meant = nearest(to: key, in: Self.kinds) else { continue }
        document.report(at: fields.keyNode(key), "unknown key '\(key)' in a condition: did you mean '\(meant)'?")
        return nil
      }
      document.report(at: fields.node, "a condition needs one of \(Self.kinds.joined(separator: ", "))")
    }
    return nil
  }

  private func parts(_ fields: Fields, _ key: String) -> [Condition]? {
    let node = fields.required(key)
    fields.finish()
    guard let nodes = document.list(node, "'\(key)'") else { return nil }
    if nodes.isEmpty { document.report(at: node, "'\(key)' needs at least one condition") }
    let read = nodes.map(condition)
    return read.contains { $0 == nil } || nodes.isEmpty ? nil : read.compactMap { $0 }
  }

  private func indicatorCondition(_ fields: Fields) -> Condition? {
    let read = MeasurementReader(document: document, declarations: declarations).measurement(fields)
    let comparison = ComparisonReader(document: document).comparison(
      fields, read?.measurement, read?.indicator, allowsTarget: true)
    fields.finish()
    guard let read, let comparison else { return nil }
    return .indicator(IndicatorCondition(measurement: read.measurement, comparison: comparison))
  }

  private func eventCondition(_ fields: Fields) -> Condition? {
    let type = declarations.eventType(fields.required("event"), in: document)
    let matches = AttributeReader(document: document).matches(fields.optional("where"), type)
    let window = WindowReader(document: document).window(fields, statistic: nil)
    let comparison = ComparisonReader(document: document).count(fields)
    fields.finish()
    guard let type, let window, let comparison else { return nil }
    return .event(EventCondition(type: type.id, matches: matches, window: window, comparison: comparison))
  }

  private func reviewCondition(_ fields: Fields) -> Condition? {
    let transition = document.choice(fields.required("review"), "'review'", ReviewCondition.Transition.self)
    let ofNode = fields.optional("of")
    let rule =
      ofNode?.scalar?.string == "any"
      ? nil : ofNode.flatMap { declarations.reference($0, .rule, in: document) }
    if ofNode == nil { document.report(at: fields.node, "a condition on reviews needs 'of': a rule, or any") }
    let window = WindowReader(document: document).window(fields, statistic: nil)
    let comparison = ComparisonReader(document: document).count(fields)
    fields.finish()
    guard let transition, let window, let comparison else { return nil }
    return .review(ReviewCondition(transition: transition, rule: rule, window: window, comparison: comparison))
  }

  private func targetCondition(_ fields: Fields) -> Condition? {
    let node = fields.required("target_missed")
    let isAny = node?.scalar?.string == "any"
    let indicator = isAny ? nil : declarations.indicator(node, in: document)
    let repeatedNode = fields.optional("repeated")
    let repeated = repeatedNode.flatMap(repetition)
    fields.finish()
    guard isAny || indicator != nil, (repeated == nil) == (repeatedNode == nil) else { return nil }
    return .target(TargetCondition(indicator: indicator?.id, repeated: repeated))
  }

  private static let longestRepetition = 60

  private func repetition(_ node: Node) -> TargetCondition.Repetition? {
    guard let fields = Fields(node, document, "'repeated'") else { return nil }
    let times = document.count(fields.required("times"), "'times'")
    let ofLast = document.count(fields.required("of_last"), "'of_last'")
    let period = document.choice(fields.required("period"), "'period'", Period.self)
    fields.finish()
    guard let times, let ofLast, let period else { return nil }
    guard times >= 1, times <= ofLast, ofLast <= Self.longestRepetition else {
      document.report(
        at: node, "'repeated' needs 1 ≤ times ≤ of_last ≤ \(Self.longestRepetition), not \(times) of the last \(ofLast)"
      )
      return nil
    }
    return TargetCondition.Repetition(times: times, ofLast: ofLast, period: period)
  }

  private func serviceCondition(_ fields: Fields) -> Condition? {
    let node = fields.required("service")
    fields.finish()
    return node.flatMap { SelectorReader(document: document, declarations: declarations).attributes($0) }.map {
      .service($0)
    }
  }
}

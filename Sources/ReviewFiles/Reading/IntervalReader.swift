import ReviewEngine
import ReviewWords

/// Reads the keys of rules that ask for reviews on days: `every` with `adapt`, and `recurs`.
struct IntervalReader {
  let document: YamlDocument
  let declarations: Declarations

  func interval(_ fields: Fields) -> IntervalCause? {
    let every = document.dayAmount(fields.optional("every"), "'every'")
    let anchor = document.choice(fields.optional("anchor"), "'anchor'", IntervalCause.Anchor.self)
    let opensNode = fields.optional("opens_before")
    let opensBefore = document.dayAmount(opensNode, "'opens_before'")
    let adaptation = adaptation(fields, every: every)
    guard let every else { return nil }
    let shortest = adaptation?.least.map { min($0.nominalDays, every.nominalDays) } ?? every.nominalDays
    if let opensBefore, opensBefore.nominalDays >= shortest {
      let interval =
        shortest == every.nominalDays ? "\(every)" : "\(adaptation?.least ?? every), the shortest that 'between' allows"
      document.report(at: opensNode, "'opens_before' \(opensBefore) is as long as the interval, \(interval)")
    }
    return IntervalCause(every: every, anchor: anchor ?? .completion, opensBefore: opensBefore, adaptation: adaptation)
  }

  // MARK: Adapt

  private func adaptation(_ fields: Fields, every: DayAmount?) -> Adaptation? {
    let stepNode = fields.optional("evaluate_every")
    let step = document.elapsed(stepNode, "'evaluate_every'")
    guard let node = fields.optional("adapt") else {
      if stepNode != nil {
        document.report(at: fields.keyNode("evaluate_every"), "'evaluate_every' goes with 'adapt' or 'when'")
      }
      return nil
    }
    guard let parts = Fields(node, document, "'adapt'") else { return nil }
    let bounds = between(parts.optional("between"), every)
    let factorsNode = parts.required("factors")
    let nodes = document.list(factorsNode, "'factors'") ?? []
    if factorsNode != nil, nodes.isEmpty { document.report(at: factorsNode, "'factors' needs at least one factor") }
    if nodes.count > Adaptation.largestFactorCount {
      document.report(
        at: factorsNode, "an interval has at most \(Adaptation.largestFactorCount) factors, not \(nodes.count)")
    }
    var factors: [Adaptation.Factor] = []
    for node in nodes { if let factor = factor(node, after: factors) { factors.append(factor) } }
    parts.finish()
    return Adaptation(least: bounds?.least, most: bounds?.most, factors: factors, evaluateEvery: step ?? .hours(1))
  }

  private func between(_ node: Node?, _ every: DayAmount?) -> (least: DayAmount, most: DayAmount)? {
    guard let node, let ends = document.list(node, "'between'") else { return nil }
    guard ends.count == 2 else {
      document.report(at: node, "'between' must be two amounts: the shortest interval and the longest")
      return nil
    }
    guard let least = document.dayAmount(ends[0], "the shortest interval"),
      let most = document.dayAmount(ends[1], "the longest interval")
    else { return nil }
    guard least.nominalDays <= most.nominalDays else {
      document.report(at: node, "'between' must rise: \(least) is longer than \(most)")
      return nil
    }
    if let every, every.nominalDays < least.nominalDays || every.nominalDays > most.nominalDays {
      document.report(.warning, at: node, "'every' \(every) lies outside of 'between' \(least) and \(most)")
    }
    return (least, most)
  }

  private func factor(_ node: Node, after others: [Adaptation.Factor]) -> Adaptation.Factor? {
    guard let fields = Fields(node, document, "a factor") else { return nil }
    let idNode = fields.required("id")
    let id = document.identifier(idNode, "a factor's id")
    let condition = fields.required("when").flatMap {
      ConditionReader(document: document, declarations: declarations).condition($0)
    }
    let numberNode = fields.required("multiply_by")
    let number = document.decimal(numberNode, "'multiply_by'")
    fields.finish()
    if let id, others.contains(where: { $0.id == id }) {
      document.report(at: idNode, "the factor '\(id)' is given twice")
    }
    guard let id, let condition, let number else { return nil }
    guard number > DecimalValue(mantissa: 0), number <= Adaptation.largestFactor,
      number.scale <= Adaptation.largestFactorScale
    else {
      document.report(
        at: numberNode, "'multiply_by' must be above 0, at most 10 and with at most three decimals, not \(number)")
      return nil
    }
    if number == DecimalValue(mantissa: 1) {
      document.report(.warning, at: numberNode, "'multiply_by' 1 changes nothing")
    }
    return Adaptation.Factor(id: id, condition: condition, multiplyBy: number)
  }

  // MARK: Recurs

  private static let judgedOccurrenceCount = 400
  /// Of all rules together: warnings are not worth more.
  private static let largestJudgedDayCount = 2_000_000
  /// What is counted is gone through from its start.
  private static let firstCountedDay = Day(number: -25_567)

  func recurrence(_ fields: Fields) -> RecurrenceCause? {
    let opensNode = fields.optional("opens_before")
    let opensBefore = document.dayAmount(opensNode, "'opens_before'")
    guard let node = fields.optional("recurs"),
      let parts = Fields(node, document, "'recurs'", example: "{rule: FREQ=MONTHLY, starts: 2026-01-01}")
    else { return nil }
    let ruleNode = parts.required("rule")
    let text = document.text(ruleNode, "'rule'")
    let start = start(parts.required("starts"))
    let shift = document.choice(parts.optional("shift"), "'shift'", Recurrence.Shift.self)
    let exceptions = (document.list(parts.optional("except"), "'except'") ?? []).compactMap {
      document.day($0, "a day of 'except'")
    }
    parts.finish()
    guard let text, let start else { return nil }
    do {
      let recurrence = try Recurrence(text, start: start)
      if recurrence.count != nil, start.day < Self.firstCountedDay {
        document.report(
          at: ruleNode, "COUNT counts from 'starts', which is \(Self.firstCountedDay) at the earliest then")
        return nil
      }
      judge(recurrence, opensBefore, opensNode, ruleNode)
      return RecurrenceCause(
        recurrence: recurrence, exceptions: Set(exceptions), shift: shift, opensBefore: opensBefore,
        text: recurrence.sentence)
    } catch {
      document.report(at: ruleNode, "'rule' is no recurrence rule: \(error.message)")
      return nil
    }
  }

  private func judge(_ recurrence: Recurrence, _ opensBefore: DayAmount?, _ opensNode: Node?, _ ruleNode: Node?) {
    guard declarations.judgedDayCount < Self.largestJudgedDayCount else { return }
    var occurrences = recurrence.occurrences(in: .utc, from: max(recurrence.start.day, Day(number: 0)))
    var days: [Day] = []
    while days.count < Self.judgedOccurrenceCount, let moment = occurrences.next() { days.append(moment.day) }
    declarations.judgedDayCount += occurrences.examinedDayCount
    let shortest = zip(days, days.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }.min()
    if let opensBefore, let shortest, opensBefore.nominalDays >= shortest {
      document.report(
        .warning, at: opensNode,
        "'opens_before' \(opensBefore) is as long as the time between two occurrences, \(counted(shortest, "day"))")
    }
    if days.isEmpty {
      document.report(
        .warning, at: ruleNode, "this never comes: no day until the year \(Recurrence.lastYear) matches it")
    }
  }

  /// A day, or a day and a time on the wall.
  private func start(_ node: Node?) -> Recurrence.Moment? {
    guard let text = document.text(node, "'starts'") else { return nil }
    guard let wall = WallTime(text), (wall.clock ?? 0) % 60_000 == 0 else {
      document.report(
        at: node, "'starts' must be a date such as 2026-01-01, or with a time such as 2026-01-01T10:00, not '\(text)'")
      return nil
    }
    return Recurrence.Moment(day: wall.day, minute: Int((wall.clock ?? 0) / 60_000))
  }
}

/// When to review: an interval, an event or a condition, and what the review is like.
package struct Rule: Hashable, Sendable {
  /// Why a rule opens reviews.
  package enum Cause: Hashable, Sendable {
    case interval(IntervalCause)
    case recurrence(RecurrenceCause)
    case event(EventCause)
    case condition(ConditionCause)
  }

  /// Whom a review is held with: about one service, or about all services of one customer.
  package enum Scope: String, CaseIterable, Hashable, Sendable { case service, customer }

  /// Which reviews of others a trigger joins.
  package enum Merge: Hashable, Sendable {
    case within(DayAmount)
    case never
  }

  package let id: String
  package let title: String
  package let cause: Cause
  package var appliesTo = ServiceSelector()
  package var scope = Scope.service
  package var merge = Merge.within(.weeks(2))
  package var cooldown: Elapsed?
  package var review = ReviewTemplate()
  /// The lines of the file that the rule is written in, kept as evidence.
  package var text = ""

  package init(id: String, title: String, cause: Cause) {
    self.id = id
    self.title = title
    self.cause = cause
  }
}

/// A review at intervals.
package struct IntervalCause: Hashable, Sendable {
  /// What the next due day counts from.
  package enum Anchor: String, CaseIterable, Sendable {
    case completion
    case dueDate = "due_date"
  }

  package let every: DayAmount
  package let anchor: Anchor
  /// How long before its due day the review opens; nil is the smaller of two weeks and half the interval.
  package let opensBefore: DayAmount?
  package let adaptation: Adaptation?

  package init(
    every: DayAmount, anchor: Anchor = .completion, opensBefore: DayAmount? = nil, adaptation: Adaptation? = nil
  ) {
    self.every = every
    self.anchor = anchor
    self.opensBefore = opensBefore
    self.adaptation = adaptation
  }
}

/// What makes an interval shorter or longer.
package struct Adaptation: Hashable, Sendable {
  /// What an interval is multiplied by where a condition holds.
  package struct Factor: Hashable, Sendable {
    package let id: String
    package let condition: Condition
    package let leaves: [Condition]
    package let multiplyBy: DecimalValue

    package init(id: String, condition: Condition, multiplyBy: DecimalValue) {
      self.id = id
      self.condition = condition
      leaves = condition.leaves
      self.multiplyBy = multiplyBy
    }
  }

  package let least: DayAmount?
  package let most: DayAmount?
  package let factors: [Factor]
  /// The grid on which the factors are asked.
  package let evaluateEvery: Elapsed
  /// The leaves of all factors in their order.
  package let leaves: [Condition]

  package init(least: DayAmount? = nil, most: DayAmount? = nil, factors: [Factor], evaluateEvery: Elapsed = .hours(1)) {
    self.least = least
    self.most = most
    self.factors = factors
    self.evaluateEvery = evaluateEvery
    leaves = factors.flatMap(\.leaves)
  }
}

/// A review on days that recur.
package struct RecurrenceCause: Hashable, Sendable {
  package let recurrence: Recurrence
  /// Occurrences on these days are left out.
  package let exceptions: Set<Day>
  package let shift: Recurrence.Shift?
  package let opensBefore: DayAmount?
  /// In words.
  package let text: String

  package init(
    recurrence: Recurrence, exceptions: Set<Day> = [], shift: Recurrence.Shift? = nil, opensBefore: DayAmount? = nil,
    text: String = ""
  ) {
    self.recurrence = recurrence
    self.exceptions = exceptions
    self.shift = shift
    self.opensBefore = opensBefore
    self.text = text
  }
}

/// A review upon an event.
package struct EventCause: Hashable, Sendable {
  package let type: String
  package let matches: [AttributeMatch]

  package init(type: String, matches: [AttributeMatch] = []) {
    self.type = type
    self.matches = matches
  }
}

/// A review when a condition holds.
package struct ConditionCause: Hashable, Sendable {
  package let condition: Condition
  /// The condition's leaves, gathered once: they are asked for at every instant of the grid.
  package let leaves: [Condition]
  package let evaluateEvery: Elapsed
  package let holdsFor: Elapsed
  /// Whether unknown counts as true.
  package let opensIfUnknown: Bool

  package init(
    condition: Condition, evaluateEvery: Elapsed = .hours(1), holdsFor: Elapsed = .zero, opensIfUnknown: Bool = false
  ) {
    self.condition = condition
    leaves = condition.leaves
    self.evaluateEvery = evaluateEvery
    self.holdsFor = holdsFor
    self.opensIfUnknown = opensIfUnknown
  }
}

/// What a review that a rule opens is like.
package struct ReviewTemplate: Hashable, Sendable {
  /// How urgent a review is.
  package enum Priority: String, CaseIterable, Sendable { case low, normal, high }

  package var due = DayAmount.days(10)
  package var priority = Priority.normal
  package var agenda: [String] = []

  package init() {}
}

extension Rule {
  /// Whether it asks for reviews on days rather than after something happened.
  package var isInterval: Bool {
    switch cause {
    case .interval, .recurrence: true
    case .event, .condition: false
    }
  }
}

/// 64-bit FNV-1a (Fowler, Noll, Vo) with a final mix, for short names that need not resist an adversary.
package enum Digest {
  package static func number(of text: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    hash = (hash ^ (hash >> 32)) &* 0xd6e8_feb8_6659_fd93
    return hash ^ (hash >> 32)
  }

  package static func hexadecimal(of text: String) -> String {
    let digits = String(number(of: text), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Twelve letters and digits without those that are mistaken for one another.
  package static func name(of text: String) -> String {
    let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
    var number = number(of: text)
    return String(
      (0..<12).map { _ in
        defer { number >>= 5 }
        return alphabet[Int(number & 31)]
      })
  }
}

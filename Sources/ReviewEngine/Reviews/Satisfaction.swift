/// How satisfied one side of a review is, which rules can ask for like any indicator.
package struct Satisfaction: Hashable, Sendable {
  /// Who meets.
  package enum Side: String, Sendable { case provider, customer }

  /// From dissatisfied to satisfied.
  static let scale = DecimalValue(mantissa: 1)...DecimalValue(mantissa: 5)

  package let side: Side
  package let value: DecimalValue
}

/// The satisfaction that a completed review records for its services, as of the meeting.
package struct RecordedSatisfaction: Hashable, Sendable {
  package let satisfaction: Satisfaction
  package let services: [String]
  package let at: Instant
}

extension Completion {
  /// What the sides said.
  var satisfactions: [Satisfaction] {
    [(.provider, providerSatisfaction), (.customer, customerSatisfaction)].compactMap { side, value in
      value.map { Satisfaction(side: side, value: $0) }
    }
  }
}

extension Adaptation {
  package static let largestFactorCount = 8
  package static let largestFactor = DecimalValue(mantissa: 10)
  package static let largestFactorScale = 3

  /// Design, "Intervals": `due = anchor + clamp(every × the product of the factors that are true, between)`, everything in days from
  /// the anchor, rounded to the nearest day, half up, after clamping; at least one day.
  ///
  /// With the limits on factors (eight of at most 10.000) the product is exact in 128 bits.
  func adapted(_ cause: IntervalCause, _ base: IntervalBase, _ factors: [FactorEvidence], _ calendar: WorkingCalendar) -> IntervalEvidence {
    let applied = zip(self.factors, factors).filter { $1.verdict == .true }.map(\.0.multiplyBy)
    // Where nothing applies, the intended day of the month is kept.
    let baseDays = (applied.isEmpty ? base.due : cause.every.added(to: base.anchor, in: calendar)) - base.anchor
    var evidence = base.evidence(cause)
    evidence.baseDays = baseDays
    evidence.factors = factors
    let numerator = applied.reduce(Int128(baseDays)) { $0 * Int128($1.mantissa) }
    let denominator = applied.reduce(Int128(1)) { $0 * powerOfTen($1.scale) }
    var days = Int((numerator * 2 + denominator) / (denominator * 2))
    if let least, case let bound = least.added(to: base.anchor, in: calendar) - base.anchor, numerator < Int128(bound) * denominator {
      days = bound
      evidence.limit = "at least \(least) = \(counted(bound, "day"))"
    }
    if let most, case let bound = most.added(to: base.anchor, in: calendar) - base.anchor, numerator > Int128(bound) * denominator {
      days = bound
      evidence.limit = "at most \(most) = \(counted(bound, "day"))"
    }
    days = max(1, days)
    evidence.days = days
    evidence.due = (base.anchor + days).description
    return evidence
  }
}

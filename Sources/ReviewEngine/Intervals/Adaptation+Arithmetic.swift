extension Adaptation {
  package static let largestFactorCount = 8
  package static let largestFactor = DecimalValue(mantissa: 10)
  package static let largestFactorScale = 3
  static let longestDays = 36_525

  /// What the factors make of an interval: days from the anchor.
  struct Adapted {
    let baseDays: Int
    let days: Int
    /// The bound that it ran into, in words.
    let limit: String?
  }

  /// Design, "Intervals": `due = anchor + clamp(every × the product of the factors that are true, between)`, everything
  /// in days from the anchor, rounded to the nearest day, half up, after clamping; at least one day.
  ///
  /// With the limits on factors (eight of at most 10.000) the product is exact in 128 bits.
  func adapted(_ cause: IntervalCause, _ base: IntervalBase, _ verdicts: [Truth], _ calendar: WorkingCalendar)
    -> Adapted
  {
    let applied = zip(factors, verdicts).filter { $1 == .true }.map(\.0.multiplyBy)
    // Where nothing applies, the intended day of the month is kept.
    let baseDays = (applied.isEmpty ? base.due : cause.every.added(to: base.anchor, in: calendar)) - base.anchor
    let numerator = applied.reduce(Int128(baseDays)) { $0 * Int128($1.mantissa) }
    let denominator = applied.reduce(Int128(1)) { $0 * powerOfTen($1.scale) }
    if let least, case let bound = least.added(to: base.anchor, in: calendar) - base.anchor,
      numerator < Int128(bound) * denominator
    {
      return Adapted(baseDays: baseDays, days: max(1, bound), limit: "at least \(least)")
    }
    if let most, case let bound = most.added(to: base.anchor, in: calendar) - base.anchor,
      numerator > Int128(bound) * denominator
    {
      return Adapted(baseDays: baseDays, days: max(1, bound), limit: "at most \(most)")
    }
    // Without `between` a product can reach beyond every calendar.
    guard numerator <= Int128(Self.longestDays) * denominator else {
      return Adapted(baseDays: baseDays, days: Self.longestDays, limit: "at most a century")
    }
    return Adapted(baseDays: baseDays, days: max(1, Int((numerator * 2 + denominator) / (denominator * 2))), limit: nil)
  }
}

extension IntervalBase {
  /// The same with what the factors made of it.
  func evidence(_ adapted: Adaptation.Adapted, _ factors: [FactorEvidence]) -> IntervalEvidence {
    var evidence = evidence
    evidence.baseDays = adapted.baseDays
    evidence.days = adapted.days
    evidence.factors = factors
    evidence.limit = adapted.limit
    evidence.due = (anchor + adapted.days).description
    return evidence
  }
}

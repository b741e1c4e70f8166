extension Measurement {
  /// Why an answer says nothing; nil where it says something. A count is never unknown.
  ///
  /// - Parameter window: what was asked; its end is the instant at which a newest sample can be stale.
  package func unknownReason(_ answer: SeriesAnswer, over window: ServiceWindow, _ indicator: Indicator?) -> String? {
    if statistic == .count { return nil }
    guard let newest = answer.newest, answer.sampleCount > 0 else { return "no sample" }
    if statistic == .latest {
      guard let limit = indicator?.staleAfter, window.through - newest > limit else { return nil }
      return "the newest sample is older than \(limit)"
    }
    if let minimumSamples, answer.sampleCount < minimumSamples {
      return "\(counted(answer.sampleCount, "sample")), fewer than \(minimumSamples)"
    }
    if let coverage, let every = indicator?.expectedEvery, !isCovered(answer.sampleCount, coverage, every, window.length) {
      return "\(counted(answer.sampleCount, "sample")), fewer than \(coverage) % of those expected every \(every)"
    }
    return answer.quantity == nil ? "the sum exceeds 128 bits" : nil
  }

  // count ÷ (length ÷ every) ≥ coverage ÷ 100, without a division.
  private func isCovered(_ count: Int, _ coverage: DecimalValue, _ every: Elapsed, _ length: Elapsed) -> Bool {
    let found = Int128(count) * Int128(every.milliseconds) * 100 * powerOfTen(coverage.scale)
    return found >= Int128(coverage.mantissa) * Int128(length.milliseconds)
  }
}

extension Target {
  /// Whether the target was met.
  package func isMet(_ answer: SeriesAnswer, over window: ServiceWindow, _ indicator: Indicator?) -> Truth {
    guard measurement.unknownReason(answer, over: window, indicator) == nil, let quantity = answer.quantity else { return .unknown }
    return Truth(comparison.holds(quantity, number))
  }
}

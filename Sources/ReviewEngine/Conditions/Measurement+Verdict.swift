extension Measurement {
  /// The same of an answer that may be none.
  func unknownReason(_ answer: Answer, over window: ServiceWindow, _ indicator: Indicator?) -> String? {
    switch answer {
    case .series(let answer): unknownReason(answer, over: window, indicator)
    case .unavailable(let reason): reason
    case .events: preconditionFailure("a statistic was answered by a count of events")
    }
  }

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
    if let coverage, let every = indicator?.expectedEvery,
      !isCovered(answer.sampleCount, coverage, every, window.length)
    {
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

extension Answer {
  /// What a statistic found; nil where nobody could say.
  var figure: SeriesAnswer? { if case .series(let answer) = self { answer } else { nil } }
}

extension Target {
  /// The same of an answer that may be none.
  func isMet(_ answer: Answer, over window: ServiceWindow, _ indicator: Indicator?) -> Truth {
    answer.figure.map { isMet($0, over: window, indicator) } ?? .unknown
  }

  /// Whether the target was met.
  package func isMet(_ answer: SeriesAnswer, over window: ServiceWindow, _ indicator: Indicator?) -> Truth {
    guard measurement.unknownReason(answer, over: window, indicator) == nil, let quantity = answer.quantity else {
      return .unknown
    }
    return Truth(comparison.holds(quantity, number))
  }
}

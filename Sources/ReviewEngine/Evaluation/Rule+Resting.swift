extension Rule {
  /// Whether what it asks changes only with new facts and with a review: nothing leaves its windows as time goes by.
  var rests: Bool {
    isInterval
      && allLeaves.allSatisfy { leaf in
        switch leaf {
        case .indicator(let condition): condition.measurement.rests
        case .event(let condition): condition.window.beginsWithAReview
        case .service: true
        case .review, .target, .allOf, .anyOf, .noneOf: false
        }
      }
  }
}

extension Measurement {
  fileprivate var rests: Bool {
    if case .timeAverage = statistic { return false }
    return coverage == nil && window?.beginsWithAReview ?? false
  }
}

extension Window {
  fileprivate var beginsWithAReview: Bool { self == .sinceLastReview }
}

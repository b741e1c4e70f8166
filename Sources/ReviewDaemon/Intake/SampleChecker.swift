import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewStore

/// Checks samples against the catalogue and gathers them, line by line.
package struct SampleChecker {
  let ruleSet: RuleSet
  let settings: Settings
  package private(set) var batch = SampleBatch()
  package private(set) var answer = SamplesAnswer()

  /// What is known of a series: its number in the batch and its range, or why its samples are refused.
  enum Series {
    case accepted(number: Int, indicator: String, range: ClosedRange<DecimalValue>?)
    case refused(String)
  }

  package init(ruleSet: RuleSet, settings: Settings) {
    self.ruleSet = ruleSet
    self.settings = settings
  }

  mutating func series(service: String, indicator: String, labels: String) -> Series {
    if ruleSet.service(service) == nil, settings.unknownServices == .refuse {
      return .refused("the catalogue has no service '\(service)'" + meant(service, among: ruleSet.services.map(\.id)))
    }
    guard let declared = ruleSet.indicator(indicator) else {
      return .refused("undeclared indicator '\(indicator)'" + meant(indicator, among: ruleSet.indicators.map(\.id)))
    }
    let number = batch.seriesNumber(service: service, indicator: indicator, labels: labels)
    return .accepted(number: number, indicator: indicator, range: declared.range)
  }

  mutating func add(_ sample: Sample, to series: Series, line: Int) {
    switch series {
    case .refused(let reason): refuse(line: line, reason)
    case .accepted(let number, let indicator, let range):
      if let range, !range.contains(sample.value) {
        refuse(line: line, "\(sample.value) is outside the range of '\(indicator)', \(range.lowerBound) to \(range.upperBound)")
      } else {
        batch.add(sample, toSeries: number)
      }
    }
  }

  mutating func refuse(line: Int, _ reason: String) {
    answer.refused += 1
    if answer.refusals.count < SamplesAnswer.listedRefusals { answer.refusals.append(Refusal(line: line, reason: reason)) }
  }
}

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
  private var known: [SeriesName: Series] = [:]
  private var services = Suggestions()
  private var indicators = Suggestions()
  /// By number of series in the batch.
  private var firstLines: [Int] = []

  /// Names are remembered up to so many, good and wrong ones; what is beyond is looked up anew.
  static let rememberedCount = 50_000

  /// What is known of a series: its number in the batch and its range, or why its samples are refused.
  enum Series {
    case accepted(number: Int, indicator: String, range: ClosedRange<DecimalValue>?)
    case refused(LineError)
  }

  private struct SeriesName: Hashable {
    let service: String
    let indicator: String
    let labels: String
  }

  package init(ruleSet: RuleSet, settings: Settings) {
    self.ruleSet = ruleSet
    self.settings = settings
  }

  /// The line that named a series of the batch first, so that what is refused later can be said of it.
  package func line(ofSeries number: Int) -> Int? { firstLines.indices.contains(number) ? firstLines[number] : nil }

  mutating func series(service: String, indicator: String, labels: String, line: Int) -> Series {
    let name = SeriesName(service: service, indicator: indicator, labels: labels)
    if let series = known[name] { return series }
    let series = newSeries(name, line)
    if known.count < Self.rememberedCount { known[name] = series }
    return series
  }

  private mutating func newSeries(_ name: SeriesName, _ line: Int) -> Series {
    do { _ = try name.service.name("the service") } catch { return .refused(error) }
    if ruleSet.service(name.service) == nil, settings.unknownServices == .refuse {
      let meant = services.meant(name.service) { [ruleSet] in ruleSet.services.map(\.id) }
      return .refused(
        LineError(code: .notFound, reason: "the catalogue has no service '\(name.service.quoted)'\(meant)"))
    }
    guard let declared = ruleSet.indicator(name.indicator) else {
      let meant = indicators.meant(name.indicator) { [ruleSet] in ruleSet.indicators.map(\.id) }
      return .refused(LineError(code: .notFound, reason: "undeclared indicator '\(name.indicator.quoted)'\(meant)"))
    }
    let number = batch.seriesNumber(service: name.service, indicator: name.indicator, labels: name.labels)
    if number == firstLines.count { firstLines.append(line) }
    return .accepted(number: number, indicator: name.indicator, range: declared.range)
  }

  mutating func add(_ sample: Sample, to series: Series, line: Int) {
    switch series {
    case .refused(let error): refuse(line: line, error)
    case .accepted(let number, let indicator, let range):
      if let range, !range.contains(sample.value) {
        let bounds = "\(range.lowerBound) to \(range.upperBound)"
        refuse(line: line, LineError(reason: "\(sample.value) is outside the range of '\(indicator)', \(bounds)"))
      } else {
        batch.add(sample, toSeries: number)
      }
    }
  }

  mutating func refuse(line: Int, _ error: @autoclosure () -> LineError) {
    answer.refused += 1
    if answer.refusals.count < SamplesAnswer.listedRefusals {
      let error = error()
      answer.refusals.append(Refusal(line: line, code: error.code, reason: error.reason))
    }
  }

  /// What became of all lines, once what was accepted is stored.
  package func answer(_ tally: SampleTally) -> SamplesAnswer {
    var answered = self
    for series in tally.refused.sorted(by: { $0.number < $1.number }) { answered.refuse(series) }
    answered.answer.taken = tally.taken
    answered.answer.known = tally.known
    return answered.answer
  }

  private mutating func refuse(_ series: RefusedSeries) {
    let reason =
      "'\(series.indicator)' of '\(series.service.quoted)' has \(settings.limits.labelSets) sets of labels, which is the limit (limits: "
      + "label_sets), and none like \(series.labels.quoted)"
    refuse(line: line(ofSeries: series.number) ?? 0, LineError(reason: reason))
    // One line stands for all samples of the series.
    answer.refused += series.sampleCount - 1
  }
}

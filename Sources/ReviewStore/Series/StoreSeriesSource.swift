import GRDB
import ReviewEngine

/// Answers the centre's questions from the store: whole blocks by their summaries, and only the two at the ends of a
/// window by their samples.
package struct StoreSeriesSource: SeriesSource {
  let snapshot: StoreSnapshot

  package func statistic(_ statistic: Statistic, of indicator: String, over window: ServiceWindow) throws
    -> SeriesAnswer
  {
    let series = try snapshot.seriesIds.entries(
      SeriesIds.Key(service: window.service, indicator: indicator), snapshot.database)
    var tally = WindowTally(window: window, statistic: statistic)
    for entry in series { try tally.read(entry.id, BlockReader(database: snapshot.database)) }
    return tally.answer
  }

  package func eventCount(of type: String, matching matches: [AttributeMatch], over window: ServiceWindow) throws
    -> EventCount
  {
    if matches.isEmpty {
      return EventCount(matching: try snapshot.eventCount(of: type, in: window), lackingAttribute: 0)
    }
    return EventCount(try snapshot.events(of: type, in: window), matching: matches)
  }
}

extension StoreSnapshot {
  package var series: StoreSeriesSource { StoreSeriesSource(snapshot: self) }
}

/// What is gathered about one window, over all series of an indicator.
private struct WindowTally {
  let window: ServiceWindow
  let statistic: Statistic
  private var count = 0
  private var sum = ExactSum()
  private var minimum: DecimalValue?
  private var maximum: DecimalValue?
  private var oldest: Sample?
  private var newest: Sample?
  private var values: [DecimalValue] = []
  /// In the order of time within each series.
  private var samples: [Sample] = []
  private var seriesCount = 0

  init(window: ServiceWindow, statistic: Statistic) {
    self.window = window
    self.statistic = statistic
  }

  mutating func read(_ series: Int64, _ reader: BlockReader) throws {
    if statistic == .latest { return try readLatest(series, reader) }
    seriesCount += 1
    var isFirst = true
    try reader.each(of: series, after: window.after, through: window.through) { row in
      let isWhole = row.firstTime > window.after.milliseconds && row.lastTime <= window.through.milliseconds
      // A summary does not say what its first value is.
      let needsValues = statistic.needsValues || statistic == .difference && isFirst
      if isWhole, !needsValues { add(row) } else { try addSamples(row) }
      isFirst = false
    }
  }

  private mutating func readLatest(_ series: Int64, _ reader: BlockReader) throws {
    try reader.last(of: series, through: window.through) { row in
      if row.lastTime <= window.through.milliseconds {
        note(Sample(time: Instant(milliseconds: row.lastTime), value: row.last))
      } else {
        try addSamples(row)
      }
    }
    count = newest == nil ? 0 : 1
  }

  private mutating func add(_ row: BlockReader.Row) {
    count += row.count
    sum.add(row.sum)
    note(minimum: row.minimum, maximum: row.maximum)
    note(Sample(time: Instant(milliseconds: row.lastTime), value: row.last))
  }

  private mutating func addSamples(_ row: BlockReader.Row) throws {
    let scale = row.scale
    try row.decode { time, mantissa in
      guard time > window.after.milliseconds, time <= window.through.milliseconds else { return }
      let value = DecimalValue(mantissa: mantissa, scale: scale)
      count += 1
      sum.add(value)
      note(minimum: value, maximum: value)
      let sample = Sample(time: Instant(milliseconds: time), value: value)
      note(sample)
      switch statistic {
      case .percentile: values.append(value)
      case .timeAverage: samples.append(sample)
      default: break
      }
    }
  }

  private mutating func note(minimum low: DecimalValue, maximum high: DecimalValue) {
    minimum = min(minimum ?? low, low)
    maximum = max(maximum ?? high, high)
  }

  private mutating func note(_ sample: Sample) {
    if newest.map({ $0.time <= sample.time }) ?? true { newest = sample }
    if oldest.map({ $0.time > sample.time }) ?? true { oldest = sample }
  }

  // Stable: at the same time those of the earlier labels come first, as in a replay.
  private var samplesInOrder: [Sample] {
    guard seriesCount > 1 else { return samples }
    return samples.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
  }

  var answer: SeriesAnswer {
    let quantity: Quantity? =
      switch statistic {
      case .count: Quantity(count: count)
      case .latest: newest.map { Quantity($0.value) }
      case .minimum: minimum.map { Quantity($0) }
      case .maximum: maximum.map { Quantity($0) }
      case .sum: count == 0 ? nil : sum.quantity
      case .average: sum.average(count: count)
      case .timeAverage(let limit): timeAverage(of: samplesInOrder, through: window.through, holdsAtMost: limit)
      case .difference: oldest.flatMap { oldest in newest.flatMap { difference(from: oldest.value, to: $0.value) } }
      case .percentile(let percent): percentile(percent, of: values.sorted())
      }
    return SeriesAnswer(quantity: quantity, sampleCount: count, newest: newest?.time)
  }
}

extension Statistic {
  /// Whether summaries of blocks do not suffice.
  fileprivate var needsValues: Bool {
    switch self {
    case .percentile, .timeAverage: true
    default: false
    }
  }
}

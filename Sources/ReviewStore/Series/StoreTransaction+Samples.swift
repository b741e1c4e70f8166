import GRDB
import ReviewEngine

/// A sample with the series that it belongs to.
package struct SeriesSample: Sendable {
  package let service: String
  package let indicator: String
  /// Canonical text of the labels; empty without.
  package let labels: String
  package let sample: Sample

  package init(service: String, indicator: String, labels: String, sample: Sample) {
    self.service = service
    self.indicator = indicator
    self.labels = labels
    self.sample = sample
  }
}

/// How many samples were new or changed a value, how many said what was known, and which series were one too many.
package struct SampleTally: Hashable, Sendable {
  package var taken = 0
  package var known = 0
  package var refused: [RefusedSeries] = []

  package init() {}

  package static func += (tally: inout SampleTally, other: SampleTally) {
    tally.taken += other.taken
    tally.known += other.known
    tally.refused += other.refused
  }
}

/// A series that was not begun, because its indicator has as many sets of labels for its service as it may.
package struct RefusedSeries: Hashable, Sendable {
  /// Its number in the batch.
  package let number: Int
  package let service: String
  package let indicator: String
  package let labels: String
  package let sampleCount: Int
}

/// Samples gathered series by series, so that a batch in the order of time is written in the order of series.
package struct SampleBatch: Sendable {
  private struct Key: Hashable {
    let service: String
    let indicator: String
    let labels: String
  }

  /// The samples of one series, or a stretch of them.
  package struct Series: Sendable {
    let number: Int
    let service: String
    let indicator: String
    let labels: String
    package fileprivate(set) var samples: [Sample] = []
  }

  private var index: [Key: Int] = [:]
  package private(set) var series: [Series] = []
  package private(set) var count = 0

  package init() {}

  package mutating func add(_ sample: SeriesSample) {
    add(
      sample.sample, toSeries: seriesNumber(service: sample.service, indicator: sample.indicator, labels: sample.labels)
    )
  }

  /// A number that stands for a series within this batch.
  package mutating func seriesNumber(service: String, indicator: String, labels: String) -> Int {
    let key = Key(service: service, indicator: indicator, labels: labels)
    if let number = index[key] { return number }
    series.append(Series(number: series.count, service: service, indicator: indicator, labels: labels))
    index[key] = series.count - 1
    return series.count - 1
  }

  package mutating func add(_ sample: Sample, toSeries number: Int) {
    series[number].samples.append(sample)
    count += 1
  }
}

extension [SampleBatch.Series] {
  /// Takes about so many samples from the end, whole series where they fit; a series that is longer goes in stretches.
  /// What comes later in a series is taken later, so that the last one written for an instant still wins.
  package mutating func takePortion(sampleCount: Int) -> [SampleBatch.Series] {
    var portion: [SampleBatch.Series] = []
    var left = sampleCount
    while left > 0, var last = popLast() {
      if last.samples.count > left {
        var rest = last
        last.samples.removeLast(last.samples.count - left)
        rest.samples.removeFirst(left)
        append(rest)
      }
      left -= Swift.max(1, last.samples.count)
      portion.append(last)
    }
    return portion
  }
}

extension StoreTransaction {
  /// Stores a whole batch.
  package func take(_ batch: SampleBatch, labelSets: Int = .max) throws -> SampleTally {
    var rest = batch.series
    return try take(&rest, labelSets: labelSets)
  }

  /// Stores samples for as long as it may go on: the last one written for a series and an instant wins, and a late one
  /// is taken.
  ///
  /// - Parameters:
  ///   - rest: what is left of it.
  ///   - labelSets: how many series an indicator of a service may have; one more is refused.
  package func take(_ rest: inout [SampleBatch.Series], labelSets: Int, while goesOn: () -> Bool = { true }) throws
    -> SampleTally
  {
    var tally = SampleTally()
    while var series = rest.popLast() {
      if series.samples.isEmpty { continue }
      let key = SeriesIds.Key(service: series.service, indicator: series.indicator)
      if let id = try seriesIds.id(key, labels: series.labels, atMost: labelSets, database) {
        series.samples = try SeriesWriter(database: database, series: id).take(series.samples, &tally, while: goesOn)
        if !series.samples.isEmpty { rest.append(series) }
      } else {
        tally.refused.append(
          RefusedSeries(
            number: series.number, service: series.service, indicator: series.indicator, labels: series.labels,
            sampleCount: series.samples.count))
      }
      if !goesOn() { break }
    }
    return tally
  }
}

/// Merges samples into the blocks of one series.
private struct SeriesWriter {
  let database: Database
  let series: Int64

  /// Between the first and the last of samples that are written together there are at most so many blocks: two samples
  /// far apart must not rewrite all that lies between them.
  private static let blocksAtOnce: Int64 = 16

  /// - Returns: those that are left, in the order of time, because it was to go on no longer.
  func take(_ incoming: [Sample], _ tally: inout SampleTally, while goesOn: () -> Bool) throws -> [Sample] {
    let ordered = incoming.isStrictlyRising ? incoming : lastWins(incoming)
    tally.known += incoming.count - ordered.count
    var rest = ordered[...]
    while let first = rest.first {
      let end = try blockStart(after: first.time)
      let together = rest.prefix { sample in end.map { sample.time.milliseconds < $0 } ?? true }
      try write(Array(together), &tally)
      rest = rest.dropFirst(together.count)
      if !goesOn() { break }
    }
    return Array(rest)
  }

  private func blockStart(after time: Instant) throws -> Int64? {
    let statement = try database.cachedStatement(
      sql:
        "SELECT first_time FROM sample_block WHERE series = ? AND first_time > ? ORDER BY first_time LIMIT 1 OFFSET ?")
    return try Int64.fetchOne(statement, arguments: [series, time.milliseconds, Self.blocksAtOnce])
  }

  private func write(_ ordered: [Sample], _ tally: inout SampleTally) throws {
    guard let first = ordered.first, let last = ordered.last else { return }
    let (existing, firstTimes) = try affectedSamples(first.time, last.time)
    let (merged, taken) = merge(existing, ordered)
    tally.taken += taken
    tally.known += ordered.count - taken
    guard taken > 0 else { return }
    try delete(firstTimes)
    var rest = merged[...]
    while !rest.isEmpty { try insert(SeriesBlock(takingFrom: &rest)) }
  }

  // Within one batch the one that comes later wins.
  private func lastWins(_ incoming: [Sample]) -> [Sample] {
    let sorted = incoming.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(
      \.element)
    return sorted.indices.filter { $0 + 1 == sorted.count || sorted[$0].time != sorted[$0 + 1].time }.map { sorted[$0] }
  }

  /// The samples of the blocks between two instants, with the blocks before and after them unless those are full: late
  /// samples must not leave a trail of tiny blocks.
  private func affectedSamples(_ first: Instant, _ last: Instant) throws -> ([Sample], [Int64]) {
    let reader = BlockReader(database: database)
    var samples: [Sample] = []
    var firstTimes: [Int64] = []
    func add(_ row: BlockReader.Row) throws {
      let scale = row.scale
      firstTimes.append(row.firstTime)
      try row.decode {
        samples.append(Sample(time: Instant(milliseconds: $0), value: DecimalValue(mantissa: $1, scale: scale)))
      }
    }
    try reader.last(of: series, through: Instant(milliseconds: first.milliseconds - 1)) { row in
      if row.lastTime >= first.milliseconds || row.count < SeriesBlock.largestCount { try add(row) }
    }
    try reader.each(of: series, after: Instant(milliseconds: first.milliseconds - 1), through: last) { row in
      if row.firstTime >= first.milliseconds { try add(row) }
    }
    try reader.first(of: series, after: last) { row in
      if row.count < SeriesBlock.largestCount { try add(row) }
    }
    return (samples, firstTimes)
  }

  private func merge(_ existing: [Sample], _ incoming: [Sample]) -> (merged: [Sample], taken: Int) {
    var merged: [Sample] = []
    merged.reserveCapacity(existing.count + incoming.count)
    var (old, new, taken) = (0, 0, 0)
    while new < incoming.count {
      if old < existing.count, existing[old].time < incoming[new].time {
        merged.append(existing[old])
        old += 1
        continue
      }
      let replaces = old < existing.count && existing[old].time == incoming[new].time
      if !replaces || existing[old].value != incoming[new].value { taken += 1 }
      if replaces { old += 1 }
      merged.append(incoming[new])
      new += 1
    }
    merged += existing[old...]
    return (merged, taken)
  }

  private func delete(_ firstTimes: [Int64]) throws {
    let statement = try RawStatement(database, "DELETE FROM sample_block WHERE series = ? AND first_time = ?")
    for time in firstTimes {
      statement.bind(1, series)
      statement.bind(2, time)
      try statement.run()
    }
  }

  private func insert(_ block: SeriesBlock) throws {
    let statement = try RawStatement(
      database,
      """
      INSERT INTO sample_block (series, first_time, last_time, sample_count, scale, minimum, maximum, sum, last_value, body)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    let numbers = [
      series, block.firstTime, block.lastTime, Int64(block.count), Int64(block.scale), block.minimum, block.maximum,
      block.sum, block.last,
    ]
    for (index, number) in numbers.enumerated() { statement.bind(Int32(index + 1), number) }
    statement.bind(10, block.body)
    try statement.run()
  }
}

extension [Sample] {
  fileprivate var isStrictlyRising: Bool { zip(self, dropFirst()).allSatisfy { $0.time < $1.time } }
}

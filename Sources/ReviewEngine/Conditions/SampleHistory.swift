import Algorithms

/// One indicator of one service, held in memory in the order of time: what a replay and a rule test read.
package struct SampleHistory: Sendable {
  private let samples: [Sample]
  /// `sums[i]` is the sum of the first `i` values.
  private let sums: [ExactSum]
  private var windows: [SortedWindow] = []

  /// - Parameter samples: in the order of time.
  package init(_ samples: [Sample]) {
    self.samples = samples
    var sum = ExactSum()
    var sums = [sum]
    sums.reserveCapacity(samples.count + 1)
    for sample in samples {
      sum.add(sample.value)
      sums.append(sum)
    }
    self.sums = sums
  }

  package mutating func answer(_ statistic: Statistic, after: Instant, through: Instant) -> SeriesAnswer {
    let range = index(after: after)..<index(after: through)
    guard !range.isEmpty else {
      return SeriesAnswer(quantity: statistic == .count ? Quantity(count: 0) : nil, sampleCount: 0, newest: nil)
    }
    return SeriesAnswer(
      quantity: quantity(statistic, range, through: through), sampleCount: range.count,
      newest: samples[range.upperBound - 1].time)
  }

  private mutating func quantity(_ statistic: Statistic, _ range: Range<Int>, through: Instant) -> Quantity? {
    switch statistic {
    case .latest: Quantity(samples[range.upperBound - 1].value)
    case .count: Quantity(count: range.count)
    case .sum: sum(range).quantity
    case .average: sum(range).average(count: range.count)
    case .timeAverage(let limit): timeAverage(of: samples[range], through: through, holdsAtMost: limit)
    case .difference: difference(from: samples[range.lowerBound].value, to: samples[range.upperBound - 1].value)
    case .minimum: Quantity(sorted(range)[0])
    case .maximum: Quantity(sorted(range)[range.count - 1])
    case .percentile(let percent): percentile(percent, of: sorted(range))
    }
  }

  private func sum(_ range: Range<Int>) -> ExactSum {
    var sum = sums[range.upperBound]
    sum.subtract(sums[range.lowerBound])
    return sum
  }

  /// How many samples are not later than an instant.
  private func index(after instant: Instant) -> Int { samples.partitioningIndex { $0.time > instant } }

  private static let keptWindows = 8

  // Rules slide a few windows along the series: the nearest one is moved, and a new one sorted only where none is near.
  private mutating func sorted(_ range: Range<Int>) -> [DecimalValue] {
    let distances = windows.map {
      abs($0.range.lowerBound - range.lowerBound) + abs($0.range.upperBound - range.upperBound)
    }
    if let nearest = distances.indices.min(by: { distances[$0] < distances[$1] }),
      distances[nearest] <= 16 + range.count / 8
    {
      windows[nearest].move(to: range, in: samples)
      return windows[nearest].values
    }
    if windows.count == SampleHistory.keptWindows { windows.removeFirst() }
    windows.append(SortedWindow(range, of: samples))
    return windows[windows.count - 1].values
  }
}

/// The values of a stretch of samples in the order of size.
private struct SortedWindow: Sendable {
  private(set) var range: Range<Int>
  private(set) var values: [DecimalValue]

  init(_ range: Range<Int>, of samples: [Sample]) {
    self.range = range
    values = samples[range].map(\.value).sorted()
  }

  mutating func move(to newRange: Range<Int>, in samples: [Sample]) {
    for index in newRange where !range.contains(index) {
      let value = samples[index].value
      values.insert(value, at: position(of: value))
    }
    for index in range where !newRange.contains(index) { values.remove(at: position(of: samples[index].value)) }
    range = newRange
  }

  private func position(of value: DecimalValue) -> Int { values.partitioningIndex { $0 >= value } }
}

/// The average of samples in the order of time, each weighed by how long it held: until the next one or `through`, at
/// most `limit`. A single one at the very end counts as it is.
package func timeAverage(of samples: some Collection<Sample>, through: Instant, holdsAtMost limit: Elapsed?)
  -> Quantity?
{
  var sum = ExactSum()
  var (weight, last) = (Int64(0), Sample?.none)
  func add(_ sample: Sample, until end: Instant) {
    let held = min((end - sample.time).milliseconds, limit?.milliseconds ?? .max)
    sum.add(sample.value, times: held)
    weight += held
  }
  for sample in samples {
    if let last { add(last, until: sample.time) }
    last = sample
  }
  guard let last else { return nil }
  add(last, until: through)
  guard weight > 0 else { return Quantity(last.value) }
  return sum.isOverflown ? nil : Quantity(numerator: sum.numerator, scale: sum.scale, divisor: weight)
}

package func difference(from oldest: DecimalValue, to newest: DecimalValue) -> Quantity? {
  var sum = ExactSum()
  sum.add(newest)
  sum.add(oldest, times: -1)
  return sum.quantity
}

/// The value that `percent` of the sorted values do not exceed, interpolated linearly between the two nearest ranks as
/// Prometheus' `quantile_over_time` does, but exactly.
package func percentile(_ percent: DecimalValue, of sorted: [DecimalValue]) -> Quantity? {
  guard !sorted.isEmpty else { return nil }
  let whole = 100 * Int64(powerOfTen(percent.scale))
  let rank = Int128(percent.mantissa) * Int128(sorted.count - 1)
  let lower = Int(rank / Int128(whole))
  let weight = rank % Int128(whole)
  let (low, high) = (sorted[lower], sorted[min(lower + 1, sorted.count - 1)])
  let scale = max(low.scale, high.scale)
  // 18 digits, two of the percent and these stay within the 38 that 128 bits hold.
  guard scale - min(low.scale, high.scale) + percent.scale <= 17 else { return nil }
  let numerator =
    Int128(low.mantissa) * powerOfTen(scale - low.scale) * (Int128(whole) - weight) + Int128(high.mantissa)
    * powerOfTen(scale - high.scale) * weight
  return Quantity(numerator: numerator, scale: scale, divisor: whole)
}

import ReviewEngine
import TestSupport
import Testing

struct StatisticTests {
  private static let ten = (0..<10).map {
    Sample(time: Instant(seconds: Int64($0) * 60), value: DecimalValue(mantissa: Int64($0 * $0)))
  }

  @Test(arguments: [
    ("p0", 0.0), ("p50", 20.5), ("p95", 73.35), ("p99.9", 80.847), ("p100", 81), ("average", 28.5), ("minimum", 0),
    ("maximum", 81),
    ("sum", 285),
    ("count", 10), ("latest", 81),
  ])
  func statisticsOfTheFirstTenSquares(_ name: String, _ expected: Double) throws {
    var history = SampleHistory(Self.ten)
    let answer = history.answer(try statistic(name), after: .distantPast, through: .distantFuture)
    #expect(try #require(answer.quantity).doubleValue == expected)
  }

  @Test func aWindowIsOpenAtItsStartAndClosedAtItsEnd() {
    var history = SampleHistory(Self.ten)
    #expect(history.answer(.count, after: Instant(seconds: 60), through: Instant(seconds: 180)).sampleCount == 2)
    #expect(
      history.answer(.sum, after: Instant(seconds: 60), through: Instant(seconds: 180)).quantity?.doubleValue == 13)
  }

  @Test func anEmptyWindowHasACountAndNothingElse() throws {
    var history = SampleHistory(Self.ten)
    for name in ["average", "minimum", "maximum", "sum", "p95"] {
      #expect(history.answer(try statistic(name), after: .distantFuture, through: .distantFuture).quantity == nil)
    }
    #expect(history.answer(.count, after: .distantFuture, through: .distantFuture).quantity?.doubleValue == 0)
  }

  @Test func aWindowThatSlidesAnswersAsOneThatIsSortedAnew() throws {
    let seed = testSeed()
    var generator = SeededGenerator(seed: seed)
    for round in 0..<20 {
      var time: Int64 = 0
      let samples = (0..<400).map { _ in
        time += Int64.random(in: 1...5, using: &generator)
        return Sample(
          time: Instant(seconds: time),
          value: DecimalValue(mantissa: Int64.random(in: 0...30, using: &generator), scale: 1))
      }
      var sliding = SampleHistory(samples)
      for step in 0..<200 {
        let through = Instant(seconds: Int64(step) * 6 + Int64.random(in: 0...3, using: &generator))
        let after = through - Elapsed(milliseconds: [30_000, 120_000, 600_000][step % 3])
        let inside = samples.filter { $0.time > after && $0.time <= through }.map(\.value).sorted()
        for name in ["minimum", "maximum", "p50", "p95"] {
          let answer = sliding.answer(try statistic(name), after: after, through: through)
          #expect(
            answer.quantity?.doubleValue == expected(name, inside), "seed \(seed) round \(round) step \(step) \(name)")
        }
      }
    }
  }

  private func expected(_ name: String, _ sorted: [DecimalValue]) -> Double? {
    switch name {
    case "minimum": sorted.first?.doubleValue
    case "maximum": sorted.last?.doubleValue
    default: DecimalValue(name.dropFirst()).flatMap { percentile($0, of: sorted)?.doubleValue }
    }
  }

  private func statistic(_ name: String) throws -> Statistic {
    switch name {
    case "latest": .latest
    case "average": .average
    case "minimum": .minimum
    case "maximum": .maximum
    case "sum": .sum
    case "count": .count
    default: .percentile(try #require(DecimalValue(name.dropFirst())))
    }
  }
}

struct TruthTests {
  private static let values: [Truth] = [.true, .false, .unknown]

  @Test func theTablesAreKleenes() {
    for left in Self.values {
      for right in Self.values {
        let all: Truth =
          left == .false || right == .false ? .false : left == .unknown || right == .unknown ? .unknown : .true
        let any: Truth =
          left == .true || right == .true ? .true : left == .unknown || right == .unknown ? .unknown : .false
        #expect(Truth.all(of: [left, right]) == all)
        #expect(Truth.any(of: [left, right]) == any)
        #expect(Truth.any(of: [left, right]).negated == Truth.all(of: [left.negated, right.negated]))
      }
    }
  }

  @Test func unknownIsNeverFalse() { #expect(Truth.unknown.negated == .unknown) }
}

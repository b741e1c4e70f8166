import GRDB
import ReviewEngine
import ReviewStore
import TestSupport
import Testing

struct SeriesTests {
  private let folder: TemporaryFolder
  private let store: Store

  init() throws {
    folder = try TemporaryFolder()
    store = try Store(path: folder.path + "/reviewd.sqlite")
  }

  private func take(_ samples: [Sample], labels: String = "") throws -> SampleTally {
    var batch = SampleBatch()
    for sample in samples { batch.add(SeriesSample(service: "s", indicator: "level", labels: labels, sample: sample)) }
    return try store.write { try $0.take(batch) }
  }

  private func sample(_ seconds: Int64, _ value: String) -> Sample {
    Sample(time: Instant(seconds: seconds), value: DecimalValue(value) ?? DecimalValue(mantissa: 0))
  }

  private let level = SubjectHistory.SeriesKey(service: "s", indicator: "level")

  private func stored() throws -> [String] {
    try store.read { try $0.history(of: ["s"], through: .distantFuture).samples[level] ?? [] }.map {
      "\($0.time.milliseconds / 1000) \($0.value)"
    }
  }

  @Test func theLastOneWrittenWinsAndALateOneIsTaken() throws {
    #expect(try take([sample(10, "1"), sample(20, "2")]).taken == 2)
    #expect(try take([sample(15, "1.5"), sample(20, "2")]) == tally(taken: 1, known: 1))
    #expect(try take([sample(20, "7")]) == tally(taken: 1, known: 0))
    #expect(try take([sample(5, "0"), sample(5, "0.5")]) == tally(taken: 1, known: 1))
    #expect(try stored() == ["5 0.5", "10 1", "15 1.5", "20 7"])
  }

  /// The oldest and the newest of a long series, in one request.
  @Test func twoSamplesFarApartRewriteNothingBetweenThem() throws {
    let count: Int64 = 60_000
    _ = try take((0..<count).map { sample($0 * 10, "1") })
    let before = try blocks()
    #expect(before.count > 50)
    #expect(try take([sample(5, "2"), sample(count * 10 - 5, "3")]) == tally(taken: 2, known: 0))
    #expect(try blocks().intersection(before).count >= before.count - 6)
    #expect(try stored().count == Int(count) + 2)
  }

  private func blocks() throws -> Set<Int64> {
    let queue = try DatabaseQueue(path: store.path)
    defer { try? queue.close() }
    return try queue.read { try Int64.fetchSet($0, sql: "SELECT id FROM sample_block") }
  }

  @Test func valuesComeBackAsTheyWereWritten() throws {
    let values = [
      "0.1", "-3", "99.999999999", "0.000000000000000001", "999999999999999999", "-999999999999999999", "0",
    ]
    _ = try take(values.enumerated().map { sample(Int64($0.offset), $0.element) })
    #expect(try stored() == values.enumerated().map { "\($0.offset) \($0.element)" })
  }

  @Test func aRolledBackSeriesIsNotRemembered() throws {
    struct Stop: Error {}
    var batch = SampleBatch()
    batch.add(SeriesSample(service: "s", indicator: "level", labels: "", sample: sample(1, "1")))
    let refused = batch
    #expect(throws: Stop.self) {
      try store.write { transaction in
        _ = try transaction.take(refused)
        throw Stop()
      }
    }
    #expect(try take([sample(1, "1")]).taken == 1)
    #expect(try stored() == ["1 1"])
  }

  /// The store answers from summaries of blocks, the history from samples: they must say the same of any window.
  @Test func theStoreAnswersAsAHistoryInMemoryDoes() throws {
    let seed = testSeed()
    var generator = SeededGenerator(seed: seed)
    var model: [String: [Int64: DecimalValue]] = [:]
    for round in 0..<40 {
      let labels = ["", "region=a"][Int.random(in: 0...1, using: &generator)]
      let start = Int64.random(in: 0...20_000, using: &generator)
      let samples = (0..<Int.random(in: 1...300, using: &generator)).map { _ in
        let value = DecimalValue(
          mantissa: Int64.random(in: -500...500, using: &generator), scale: Int.random(in: 0...3, using: &generator))
        return Sample(time: Instant(seconds: start + Int64.random(in: 0...4000, using: &generator)), value: value)
      }
      for sample in samples { model[labels, default: [:]][sample.time.milliseconds] = sample.value }
      _ = try take(samples, labels: labels)
      var history = SubjectHistory(samples: [level: merged(model)], events: [])
      try compare(&history, &generator, "seed \(seed) round \(round)")
    }
  }

  private func merged(_ model: [String: [Int64: DecimalValue]]) -> [Sample] {
    model.sorted { $0.key < $1.key }.flatMap { series in
      series.value.sorted { $0.key < $1.key }.map { Sample(time: Instant(milliseconds: $0.key), value: $0.value) }
    }.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
  }

  private func compare(_ history: inout SubjectHistory, _ generator: inout SeededGenerator, _ place: String) throws {
    let percent = DecimalValue(mantissa: 95)
    for statistic in [
      Statistic.latest, .average, .minimum, .maximum, .sum, .count, .difference, .timeAverage(holdsAtMost: nil),
      .timeAverage(holdsAtMost: .minutes(1)), .percentile(percent),
    ] {
      let through = Int64.random(in: 0...26_000, using: &generator)
      let after =
        statistic == .latest
        ? Instant.distantPast : Instant(seconds: through - Int64.random(in: 0...9000, using: &generator))
      let window = ServiceWindow(service: "s", after: after, through: Instant(seconds: through))
      let expected = history.statistic(statistic, of: "level", over: window)
      let found = try store.read { try $0.series.statistic(statistic, of: "level", over: window) }
      #expect(found.quantity?.doubleValue == expected.quantity?.doubleValue, "\(place) \(statistic) \(window)")
      #expect(found.newest == expected.newest, "\(place) \(statistic) \(window)")
      if statistic != .latest { #expect(found.sampleCount == expected.sampleCount, "\(place) \(statistic)") }
    }
  }

  private func tally(taken: Int, known: Int) -> SampleTally {
    var tally = SampleTally()
    tally.taken = taken
    tally.known = known
    return tally
  }
}

import ReviewEngine
import ReviewFiles
import TestSupport
import Testing

/// Time zones against Python's zoneinfo, which reads the same tzdata.
struct ZoneOracleTests {
  private struct Question {
    let line: String
    let answer: Int64
  }

  @Test func offsetsTimesOnTheWallAndDaysAreZoneinfos() throws {
    let (seed, count) = (testSeed(), Oracle.count(sample: 40, long: 1500))
    var generator = SeededGenerator(seed: seed &+ 2)
    var questions: [Question] = []
    for name in RecurrenceGenerator.zones {
      let zone = try ZoneDirectory.system.zone(name)
      for _ in 0..<count { questions += self.questions(zone, near: randomInstant(&generator), &generator) }
      for change in changes(of: zone, atMost: Oracle.isLong ? 400 : 30) {
        questions += self.questions(zone, near: change, &generator)
      }
    }
    let answers = try Oracle.python(
      "zones.py", input: questions.map { $0.line + "\n" }.joined(), in: try TemporaryFolder())
    try #require(answers.count == questions.count)
    var wrong = 0
    for (question, answer) in zip(questions, answers) where "\(question.answer)" != answer {
      wrong += 1
      if wrong < 10 {
        Issue.record("seed \(seed): \(question.line): zoneinfo says \(answer), reviewd \(question.answer)")
      }
    }
    #expect(wrong == 0)
    print(
      "zones against zoneinfo: seed \(seed), \(RecurrenceGenerator.zones.count) zones, \(questions.count) questions, \(wrong) differ"
    )
  }

  private func randomInstant(_ generator: inout SeededGenerator) -> Instant {
    Instant(seconds: Int64.random(in: 0..<4_102_444_800, using: &generator))
  }

  /// The offset at an instant, what a clock that shows about that time means, and the day's first instant.
  private func questions(_ zone: Zone, near instant: Instant, _ generator: inout SeededGenerator) -> [Question] {
    let seconds = instant.milliseconds / 1000
    let day = zone.day(of: instant)
    let minute = (zone.clock(at: instant) / 60_000 + Int64.random(in: -90...90, using: &generator) + 1440) % 1440
    let clock = "\(minute / 60 < 10 ? "0" : "")\(minute / 60):\(minute % 60 < 10 ? "0" : "")\(minute % 60)"
    return [
      Question(line: "offset \(zone.id) \(seconds)", answer: zone.offset(at: instant) / 1000),
      Question(
        line: "wall \(zone.id) \(day)T\(clock)",
        answer: zone.instant(on: day, clock: minute * 60_000).milliseconds / 1000),
      Question(line: "start \(zone.id) \(day)", answer: zone.start(of: day).milliseconds / 1000),
      Question(line: "start \(zone.id) \(day + 1)", answer: zone.end(of: day).milliseconds / 1000),
    ]
  }

  /// Instants just around the changes of the clocks from 1970 to 2100.
  private func changes(of zone: Zone, atMost count: Int) -> [Instant] {
    var found: [Instant] = []
    var seconds: Int64 = 0
    while seconds < 4_102_444_800, found.count < count * 2 {
      let (here, next) = (Instant(seconds: seconds), Instant(seconds: seconds + 86_400))
      if zone.offset(at: here) != zone.offset(at: next) { found += [here, next] }
      seconds += 86_400
    }
    return found
  }
}

import Foundation
import NIOCore
import ReviewAPI
import ReviewEngine
import TestSupport
import Testing

/// Grid instants of six rules over a thousand services with years of samples: who sends an event meanwhile does not
/// wait for them.
@Suite(.serialized)
struct GridWaitingTests {
  private static let serviceCount = 1000
  /// 52 million samples, or so many that their instants are noticed.
  private static let roundCount = isLong ? 52_000 : 400
  private static let roundsAtOnce = 200

  private static let rules = """
    rules:
      - {id: r1, title: R1, when: {indicator: level, statistic: average, in: month, below: 1}, evaluate_every: 1 minute}
      - {id: r2, title: R2, when: {indicator: level, statistic: p95, in_last: 7 days, below: 1}, evaluate_every: 1 minute}
      - {id: r3, title: R3, when: {indicator: level, statistic: minimum, in_last: 30 days, below: 1}, evaluate_every: 1 minute}
      - {id: r4, title: R4, when: {indicator: level, statistic: time_average, in_last: 1 day, below: 1}, evaluate_every: 1 minute}
      - {id: r5, title: R5, when: {target_missed: level, repeated: {times: 3, of_last: 4, period: month}}, evaluate_every: 1 minute}
      - {id: r6, title: R6, when: {event: incident, in_last: 30 days, at_least: 5}, evaluate_every: 1 minute}

    """

  private let configuration: TemporaryFolder
  private let daemon: RunningDaemon

  init() throws {
    configuration = try TemporaryFolder()
    try configuration.write("rules.d/r.yaml", Scenario.declarations + Self.rules)
    let services = (0..<Self.serviceCount).map {
      "  - {id: s\($0), name: S, in_service_since: 2020-01-01, targets: [{indicator: level, statistic: average, at_least: 1, in: month}]}"
    }
    try configuration.write("services.d/s.yaml", "services:\n" + services.joined(separator: "\n") + "\n")
    daemon = try RunningDaemon(directories: [configuration.path])
    daemon.environment = ["WATCHDOG_USEC": "3000000"]
    try daemon.start()
  }

  /// Sends some rounds of one sample of each service, in the order of time.
  private func send(_ rounds: Range<Int>, from start: Instant) async throws -> Int {
    var body = "time,service,indicator,value\n"
    body.reserveCapacity(rounds.count * Self.serviceCount * 40)
    for round in rounds {
      let time = Instant(milliseconds: start.milliseconds + Int64(round) * 300_000).description
      for service in 0..<Self.serviceCount { body += "\(time),s\(service),level,\(10 + (round + service) % 90)\n" }
    }
    // What is written above may take longer than an idle connection is kept.
    let client = ReviewClient(socketPath: daemon.socket, timeoutSeconds: 300)
    let answer = try await client.samples(ByteBuffer(string: body), format: "csv", firstLine: 2)
    return answer.taken + answer.known
  }

  private func measure(_ what: String, until isDone: () async throws -> Bool) async throws {
    let watchdog = WatchdogListener(daemon.notify)
    let sync = SyncProbe(in: FileManager.default.temporaryDirectory.path)
    // The last of the services whose turn comes.
    let prober = Prober(socket: daemon.socket, service: "s\(Self.serviceCount - 1)")
    while try await !isDone() {}
    let (report, gap, disk) = (prober.stop(), watchdog.stop() / .seconds(1), sync.stop())
    print(
      "\(what): another caller: \(report); watchdog's longest gap \((gap * 10).rounded() / 10) s; longest sync of another file "
        + "\((disk * 10).rounded() / 10) ms")
    #expect(report.failures.isEmpty, "\(what): \(report)")
    #expect(gap < 5, "\(what)")
    // Beside all other tests a figure of milliseconds says nothing; and a disk that keeps everybody waiting is not the
    // daemon's doing.
    #expect(report.event.at(100) < (isLong ? 50 : 2000) + disk, "\(what): \(report); disk \(disk)")
  }

  @Test func anEventWaitsNeitherForGridInstantsNorForAnImportInTheOrderOfTime() async throws {
    let client = ReviewClient(socketPath: daemon.socket, timeoutSeconds: 300)
    let now = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    let start = Instant(milliseconds: now.milliseconds - Int64(Self.roundCount) * 300_000)
    var sent = 0
    for round in stride(from: 0, to: Self.roundCount - Self.roundsAtOnce, by: Self.roundsAtOnce) {
      sent += try await send(round..<round + Self.roundsAtOnce, from: start)
    }
    print("\(sent) samples of \(Self.serviceCount) services")
    var left = isLong ? 3 : 1
    var through: String?
    try await measure("grid instants") {
      let newest = try await client.status().evaluatedThrough
      if newest != through { (through, left) = (newest, left - 1) }
      return left < 0
    }
    try await measure("an import in the order of time") {
      let last = Self.roundCount - Self.roundsAtOnce
      return try await send(last..<Self.roundCount, from: start) == Self.roundsAtOnce * Self.serviceCount
    }
  }
}

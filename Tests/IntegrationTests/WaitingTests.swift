import Foundation
import NIOCore
import ReviewAPI
import ReviewEngine
import TestSupport
import Testing

/// Who sends much makes nobody else wait, and the watchdog hears of the loop all the while.
@Suite(.serialized)
struct WaitingTests {
  private let configuration: TemporaryFolder
  private let daemon: RunningDaemon

  /// A tenth of it where other tests run beside.
  private static let scale = isLong ? 1 : 10

  private static let rules = """
    rules:
      - {id: storm, title: Storm, upon: {event: incident}, merge: never, cooldown: 30 days}

    """

  init() throws {
    configuration = try TemporaryFolder()
    try configuration.write("rules.d/r.yaml", Scenario.declarations + Self.rules)
    let services = (0..<(20_000 / Self.scale)).map { "  - {id: s\($0), name: S, in_service_since: 2026-01-01}" }
    for (index, part) in services.chunked(5000).enumerated() {
      try configuration.write("services.d/s\(index).yaml", "services:\n" + part.joined(separator: "\n") + "\n")
    }
    daemon = try RunningDaemon(directories: [configuration.path])
    daemon.environment = ["WATCHDOG_USEC": "3000000"]
    try daemon.start()
  }

  private func measure(_ what: String, _ load: (ReviewClient) async throws -> String) async throws {
    let watchdog = WatchdogListener(daemon.notify)
    let prober = Prober(socket: daemon.socket, service: "s1")
    let start = ContinuousClock.now
    let done = try await load(ReviewClient(socketPath: daemon.socket, timeoutSeconds: 300))
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let (report, gap) = (prober.stop(), watchdog.stop() / .seconds(1))
    print(
      "\(what): \(done) in \((seconds * 100).rounded() / 100) s; another caller: \(report); watchdog's longest gap \((gap * 10).rounded() / 10) s"
    )
    #expect(report.failures.isEmpty, "\(what): \(report)")
    #expect(gap < 5, "\(what)")
    // Beside all other tests a figure of milliseconds says nothing.
    #expect(report.event.at(99) < (isLong ? 50 : 1000), "\(what): \(report)")
    #expect(report.health.at(99) < (isLong ? 20 : 1000), "\(what): \(report)")
    #expect(daemon.process.isRunning)
  }

  @Test func twentyThousandReviewsThatOpenAtOnce() async throws {
    try configuration.write("rules.d/every.yaml", "rules:\n  - {id: daily, title: Daily, every: 1 day}\n")
    try await measure("openings") { client in
      let answer = try await client.reload()
      #expect(answer.problems == [])
      let status = try await client.status()
      #expect(status.reviews["pending"] == 20_000 / Self.scale)
      return "\(status.reviews["pending"] ?? 0) reviews opened"
    }
  }

  @Test func twentyThousandEventsThatACooldownKeeps() async throws {
    #expect(try daemon.ctl("event", "incident", "--service", "s0").status == 0)
    let list = try daemon.ctl("list", "--service", "s0", "--output", "csv").output.split(separator: "\n")
    #expect(try daemon.ctl("complete", String(list[1].prefix { $0 != "," }), "--outcome", "x").status == 0)
    let now = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    try await measure("kept events") { client in
      let answers = try await sendKept(client, severity: 3, at: now)
      let kept = answers.reduce(0) { $0 + $1.effects.count { $0.action == "kept" } }
      #expect(kept == 20_000 / min(Self.scale, 5))
      return "\(kept) events kept"
    }
    // Such as Alertmanager's word that each is resolved.
    try await measure("revisions of kept events") { client in
      let answers = try await sendKept(client, severity: 2, at: now)
      let revised = answers.reduce(0) { $0 + $1.revised }
      #expect(revised == 20_000 / min(Self.scale, 5))
      return "\(revised) revisions"
    }
  }

  private func sendKept(_ client: ReviewClient, severity: Int, at time: Instant) async throws -> [EventsAnswer] {
    var answers: [EventsAnswer] = []
    for batch in 0..<(10 / min(Self.scale, 5)) {
      let lines = (0..<2000).map {
        #"{"specversion":"1.0","id":"k\#(batch * 2000 + $0)","source":"x","type":"incident","subject":"s0","time":"\#(time)","data":{"severity":\#(severity)}}"#
      }
      answers.append(try await client.events(ByteBuffer(string: lines.joined(separator: "\n")), firstLine: 1))
    }
    return answers
  }

  @Test func revisionsOfOneEvent() async throws {
    try await measure("revisions") { client in
      var revised = 0
      for batch in 0..<(5 / min(Self.scale, 5)) {
        let lines = (0..<2000).map { number in
          #"{"specversion":"1.0","id":"same","source":"x","type":"incident","subject":"s2","time":"2026-01-05T10:00:00Z","data":{"severity":\#(batch * 2000 + number)}}"#
        }
        revised += try await client.events(ByteBuffer(string: lines.joined(separator: "\n")), firstLine: 1).revised
      }
      return "\(revised) revisions"
    }
  }

  @Test func aHundredThousandSetsOfLabels() async throws {
    try await measure("sets of labels") { client in
      var (taken, refused) = (0, 0)
      for batch in 0..<(10 / min(Self.scale, 5)) {
        let lines = (0..<10_000).map { "2026-01-05T10:00:00Z,s3,level,5,host=h\(batch * 10_000 + $0)" }
        let body = "time,service,indicator,value,labels\n" + lines.joined(separator: "\n")
        let answer = try await client.samples(ByteBuffer(string: body), format: "csv", firstLine: 2)
        (taken, refused) = (taken + answer.taken, refused + answer.refused)
        if let first = answer.refusals.first {
          #expect(first.reason.contains("has 1000 sets of labels, which is the limit"))
        }
      }
      #expect(taken == 1000)
      return "\(taken) sets of labels taken, \(refused) refused"
    }
  }

  @Test func aLargeImportOfSamples() async throws {
    try await measure("import") { client in
      var taken = 0
      for batch in 0..<(10 / min(Self.scale, 5)) {
        let lines = (0..<200_000).map {
          "2026-01-0\(1 + batch % 9)T10:00:00.\(100 + $0 / 1000)Z,s\($0 % 1000),level,\($0 % 100)"
        }
        let body = "time,service,indicator,value\n" + lines.joined(separator: "\n")
        let answer = try await client.samples(ByteBuffer(string: body), format: "csv", firstLine: 2)
        taken += answer.taken + answer.known
      }
      return "\(taken) samples"
    }
  }
}

extension Array {
  fileprivate func chunked(_ count: Int) -> [[Element]] {
    stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
  }
}

import Foundation
import TestSupport
import Testing

/// The disk says at a sync that it failed: nothing of which it is not known whether it is kept is acknowledged, and
/// everybody is told.
@Suite(.serialized)
struct FailingSyncTests {
  private let configuration: TemporaryFolder
  private let library: String

  init() throws {
    configuration = try TemporaryFolder()
    try configuration.write(
      "rules.d/r.yaml",
      Scenario.declarations + "rules:\n  - {id: r, title: Any incident, upon: {event: incident}, merge: never}\n")
    try configuration.write("services.d/s.yaml", "services: [{id: s, name: S}]\n")
    library = configuration.path + "/failing-sync.so"
    let source = projectDirectory + "/Tests/IntegrationTests/failing-sync.c"
    let compiled = try run("/usr/bin/env", ["clang", "-shared", "-fPIC", "-O1", "-o", library, source])
    try #require(compiled.status == 0, "\(compiled.errors)")
  }

  /// Starts a daemon whose syncs fail from one of them on, or that one alone; nil where it does not get to run.
  private func start(_ position: Int, forEver: Bool, in folder: TemporaryFolder) throws -> RunningDaemon? {
    let daemon = try RunningDaemon(directories: [configuration.path], folder: folder)
    daemon.environment = [
      "LD_PRELOAD": library, "REVIEWD_FAIL_FIRST": "\(position)",
      "REVIEWD_FAIL_LAST": "\(forEver ? Int32.max : Int32(position))",
    ]
    return try daemon.startOrEnd() ? daemon : nil
  }

  /// Sends events one after the other, and returns the ids of those that were acknowledged.
  private func send(_ ids: Range<Int>, to daemon: RunningDaemon) throws -> (acknowledged: [Int], errors: [String]) {
    var (acknowledged, errors) = ([Int](), [String]())
    for id in ids {
      let answer = try send(id, to: daemon)
      if answer.status == 200 { acknowledged.append(id) } else { errors.append(answer.body) }
    }
    return (acknowledged, errors)
  }

  private func send(_ id: Int, to daemon: RunningDaemon) throws -> RawAnswer {
    let event =
      #"{"specversion":"1.0","id":"e\#(id)","source":"t","type":"incident","subject":"s","time":"2026-01-05T10:00:00Z"}"#
    let connection = try #require(RawConnection(daemon.socket))
    connection.send("POST /v1/events HTTP/1.1\r\nhost: l\r\ncontent-length: \(event.utf8.count)\r\n\r\n\(event)")
    return connection.answer()
  }

  @Test func aSyncThatFailsOnceIsAnErrorForItsCallerAndNothingIsLost() throws {
    var (refused, starts) = (0, 0)
    for position in positions {
      let folder = try TemporaryFolder()
      guard let daemon = try start(position, forEver: false, in: folder) else {
        // It failed while it started: it says so, and the next start does.
        let again = try RunningDaemon(directories: [configuration.path], folder: folder)
        try again.start()
        #expect(again.stop() == 0)
        starts += 1
        continue
      }
      let sent = try send(0..<eventCount, to: daemon)
      refused += sent.errors.count
      for error in sent.errors {
        #expect(error.contains("it is not known whether this was kept"), "position \(position): \(error)")
      }
      // One sync failed, and at most one caller heard of it: it goes on by itself.
      #expect(sent.errors.count <= 1, "position \(position): \(sent.errors)")
      daemon.killAtOnce()
      try expectKept(sent.acknowledged, folder, "position \(position)")
    }
    print(
      "a sync that fails once: \(positions.count) positions, \(starts) of them at the start, \(refused) callers were told"
    )
    #expect(refused > 0)
  }

  @Test func syncsThatFailForEverLetNothingBeAcknowledged() throws {
    var refused = 0
    for position in positions {
      let folder = try TemporaryFolder()
      guard let daemon = try start(position, forEver: true, in: folder) else { continue }
      let sent = try send(0..<eventCount, to: daemon)
      refused += sent.errors.count
      if let first = sent.errors.first {
        #expect(first.contains("it is not known whether this was kept"), "position \(position): \(first)")
        // From the first refusal on nothing is acknowledged.
        #expect(sent.acknowledged == Array(0..<sent.acknowledged.count), "position \(position)")
        let doctor = try daemon.ctl("doctor")
        #expect(doctor.status == 1)
        #expect(
          doctor.output.contains("wrong  database    nothing is taken: "), "position \(position): \(doctor.output)")
        #expect(daemon.log.contains("nothing is taken until this is mended"), "position \(position): \(daemon.log)")
      }
      daemon.killAtOnce()
      try expectKept(sent.acknowledged, folder, "position \(position)")
    }
    print("syncs that fail for ever: from \(positions.count) positions on, \(refused) callers were refused")
    #expect(refused > 0)
  }

  @Test func anEventThatOpensAReviewIsOneSync() throws {
    let (count, log) = (20, configuration.path + "/syncs")
    let services = (1...count).map { "{id: s\($0), name: S}" }.joined(separator: ", ")
    try configuration.write("services.d/s.yaml", "services: [\(services)]\n")
    let daemon = try RunningDaemon(directories: [configuration.path])
    daemon.environment = ["LD_PRELOAD": library, "REVIEWD_SYNC_LOG": log]
    try daemon.start()
    func syncs() -> Int { (try? Data(contentsOf: URL(fileURLWithPath: log)).count) ?? 0 }
    let before = syncs()
    let time = ISO8601DateFormatter().string(from: Date())
    for number in 1...count {
      let connection = try #require(RawConnection(daemon.socket))
      let event =
        #"{"specversion":"1.0","id":"e\#(number)","source":"t","type":"incident","subject":"s\#(number)","time":"\#(time)"}"#
      connection.send("POST /v1/events HTTP/1.1\r\nhost: l\r\ncontent-length: \(event.utf8.count)\r\n\r\n\(event)")
      #expect(connection.answer().body.contains(#""opened""#))
    }
    #expect(syncs() - before == count)
    // Through which fact the journal was told is written when it stops, and the log is folded into the database.
    #expect(daemon.stop() == 0)
    #expect(syncs() - before <= count + 4)
  }

  private var positions: [Int] { isLong ? Array(1...200) : [1, 4, 9, 14, 19, 26] }

  private var eventCount: Int { isLong ? 100 : 14 }

  /// Starts on what is left, without faults: what was acknowledged is known, and each event has one trigger.
  private func expectKept(_ ids: [Int], _ folder: TemporaryFolder, _ place: String) throws {
    let daemon = try RunningDaemon(directories: [configuration.path], folder: folder)
    try daemon.start()
    for id in ids {
      let again = try send(id, to: daemon)
      #expect(again.body.contains(#""known":1"#), "\(place): the event e\(id) was acknowledged and lost: \(again.text)")
    }
    #expect(daemon.stop() == 0)
  }
}

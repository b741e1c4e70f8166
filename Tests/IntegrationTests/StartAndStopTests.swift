import Foundation
import TestSupport
import Testing

/// Signals, few descriptors and foreign files do not bring the daemon down, nor does it bring them down.
@Suite(.serialized)
struct StartAndStopTests {
  private let configuration: TemporaryFolder

  init() throws {
    configuration = try TemporaryFolder()
    try configuration.write(
      "rules.d/r.yaml",
      Scenario.declarations
        + "rules:\n  - {id: r, title: R, when: {indicator: level, below: 50}, evaluate_every: 1 minute}\n")
    try configuration.write("services.d/s.yaml", "services:\n  - {id: s, name: S}\n")
  }

  /// Waits until the program itself runs, and says so by what it does with hangups.
  private func waitUntilHangupsWait(_ process: Int32) throws {
    while true {
      let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
      let caught = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }?.split(separator: "\t").last ?? "0"
      if let signals = UInt64(caught, radix: 16), signals & 1 == 1 { return }
    }
  }

  @Test func aHangupBeforeItIsReadyNeitherEndsItNorIsForgotten() throws {
    for _ in 0..<5 {
      let daemon = try RunningDaemon(directories: [configuration.path])
      try daemon.launch()
      try waitUntilHangupsWait(daemon.processIdentifier)
      daemon.send(SIGHUP)
      #expect(daemon.notify.wait(for: "RELOADING=1") != nil, "\(daemon.log)")
      #expect(daemon.notify.wait(for: "READY=1") != nil)
      #expect(daemon.stop() == 0)
    }
  }

  @Test(arguments: [16, 17, 18, 20, 24, 32, 48, 64])
  func tooFewDescriptorsAreSaidAndNothingTraps(_ count: Int) throws {
    let state = try TemporaryFolder()
    let outcome = try run(
      "/bin/bash",
      [
        "-c", "ulimit -n \(count); exec \"$@\"", "bash", Programs.reviewd, "--directory", configuration.path,
        "--state-directory",
        state.path, "--socket", state.path + "/s",
      ])
    #expect(outcome.status == 78, "\(outcome.errors)")
    #expect(
      outcome.errors.contains(
        "may have only \(count) files open at once and needs at least 74: raise LimitNOFILE= of the unit"))
  }

  @Test func withFewDescriptorsItTakesFewerConnections() throws {
    let daemon = try RunningDaemon(directories: [configuration.path], prefix: ["/usr/bin/prlimit", "--nofile=100"])
    try daemon.start()
    #expect(
      daemon.log.contains(
        "only 36 connections at once instead of 200: the process may have 100 files open (LimitNOFILE=)"))
    #expect(try daemon.ctl("services").status == 0)
    #expect(daemon.stop() == 0)
  }

  @Test func aSoftLimitIsRaisedAndNothingIsLost() throws {
    let daemon = try RunningDaemon(directories: [configuration.path], prefix: ["/usr/bin/prlimit", "--nofile=16:1024"])
    try daemon.start()
    #expect(!daemon.log.contains("connections at once"))
    #expect(daemon.stop() == 0)
  }

  @Test(arguments: ["file", "link"])
  func whatIsNoSocketIsLeftAlone(_ kind: String) throws {
    let state = try TemporaryFolder()
    try state.write("precious", "mine\n")
    let path = kind == "file" ? state.path + "/precious" : state.path + "/link"
    if kind == "link" {
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: state.path + "/precious")
    }
    let outcome = try run(
      Programs.reviewd, ["--directory", configuration.path, "--state-directory", state.path, "--socket", path])
    #expect(outcome.status == 78)
    #expect(
      outcome.errors.contains("cannot listen on \(path): there is something else than a socket, which is left alone"))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine\n")
  }

  /// Whoever writes waits up to five seconds for another program that holds the database, and no cancellation ends
  /// that.
  @Test func aStopThatNoCancellationReachesEndsInTimeAndWithSuccess() throws {
    let daemon = try RunningDaemon(directories: [configuration.path])
    try daemon.start()
    let lock = try DatabaseLock(daemon.statePath + "/reviewd.sqlite")
    let event = #"{"specversion":"1.0","id":"1","source":"t","type":"incident","subject":"s"}"#
    let writing = try #require(RawConnection(daemon.socket))
    writing.send("POST /v1/events HTTP/1.1\r\nhost: l\r\ncontent-length: \(event.utf8.count)\r\n\r\n\(event)")
    // The keeper waits for the database as soon as it answers nobody any more.
    while true {
      let probe = try #require(RawConnection(daemon.socket))
      probe.send("GET /v1/services HTTP/1.1\r\nhost: l\r\n\r\n")
      if probe.answer(milliseconds: 300).status == 0 { break }
    }
    let started = ContinuousClock.now
    #expect(daemon.stop() == 0, "\(daemon.log.suffix(500))")
    #expect(daemon.process.terminationReason == .exit)
    let took = ContinuousClock.now - started
    print("a stop that no cancellation reaches: \(took)")
    #expect(took < .seconds(6))
    lock.release()
    try daemon.start()
    #expect(try daemon.ctl("event", "incident", "--service", "s").status == 0)
    #expect(daemon.stop() == 0)
  }

  /// NIO listened anew with a line of 128, in which a caller waited twice as long behind a flood.
  @Test func theLineOfThoseWhoWaitToBeAcceptedIsAsShortAsWeSay() throws {
    let daemon = try RunningDaemon(directories: [configuration.path])
    try daemon.start()
    // It is ready when the socket takes connections, and answers a moment later.
    #expect(try daemon.ctl("services").status == 0)
    kill(daemon.processIdentifier, SIGSTOP)
    var waiting: [RawConnection] = []
    while waiting.count < 200, let connection = RawConnection(daemon.socket, waits: false) {
      waiting.append(connection)
    }
    kill(daemon.processIdentifier, SIGCONT)
    #expect((60...66).contains(waiting.count), "\(waiting.count)")
    #expect(daemon.stop() == 0)
  }
}

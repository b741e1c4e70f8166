import Foundation
import Glibc
import TestSupport
import Testing

/// The daemon as a service manager and an operator see it.
@Suite(.serialized)
struct DaemonTests {
  private let configuration: TemporaryFolder
  private static let rule = "rules:\n  - {id: r, title: Any incident, upon: {event: incident}, merge: never}\n"

  init() throws {
    configuration = try TemporaryFolder()
    try configuration.write("rules.d/r.yaml", Scenario.declarations + Self.rule)
    try configuration.write("services.d/s.yaml", "services:\n  - {id: s, name: S}\n")
  }

  @Test func aBrokenReloadKeepsTheRulesAndTellsEverybody() throws {
    let daemon = try RunningDaemon(directories: [configuration.path])
    try daemon.start()
    let before = try status(daemon)
    try configuration.write(
      "rules.d/r.yaml", Scenario.declarations + "rules:\n  - {id: r, title: R, upon: {event: incidnt}}\n")
    daemon.send(SIGHUP)
    #expect(daemon.notify.wait(for: "RELOADING=1") != nil)
    #expect(
      daemon.notify.wait(for: "READY=1")?.contains("STATUS=1 error in the rules: the old ones stay in force") == true)
    let after = try status(daemon)
    #expect(after["fingerprint"] as? String == before["fingerprint"] as? String)
    #expect(
      (after["problems"] as? [String])?.first == """
        \(configuration.path)/rules.d/r.yaml:7:37: error: undeclared event type 'incidnt': did you mean 'incident'?
            - {id: r, title: R, upon: {event: incidnt}}
                                              ^
        """)
    #expect(daemon.log.contains("The rules were not loaded: 1 error"))
    #expect(try daemon.ctl("event", "incident", "--service", "s").output.contains("opened review"))
    #expect(try daemon.ctl("status").output.contains("stay in force until these are mended"))
    try configuration.write("rules.d/r.yaml", Scenario.declarations + Self.rule)
    daemon.send(SIGHUP)
    #expect(daemon.notify.wait(for: "READY=1") != nil)
    #expect((try status(daemon)["problems"] as? [String]) == [])
    #expect(daemon.stop() == 0)
  }

  private func status(_ daemon: RunningDaemon) throws -> [String: Any] {
    try #require(try daemon.object("status")["rules"] as? [String: Any])
  }

  @Test func aSecondDaemonOnTheSameStateIsToldWhoHoldsIt() throws {
    let daemon = try RunningDaemon(directories: [configuration.path])
    try daemon.start()
    let second = try run(
      Programs.reviewd,
      [
        "--directory", configuration.path, "--state-directory", daemon.statePath, "--socket",
        daemon.folder.path + "/s2",
      ])
    #expect(second.status == 1)
    #expect(
      second.errors.contains(
        "another reviewd (process \(daemon.processIdentifier)) uses \(daemon.statePath): stop it first, or give another --state-directory"
      ))
    #expect(daemon.stop() == 0)
  }

  @Test func aSocketThatIsAnsweredIsLeftAlone() throws {
    let daemon = try RunningDaemon(directories: [configuration.path])
    try daemon.start()
    let other = try TemporaryFolder()
    let second = try run(
      Programs.reviewd, ["--directory", configuration.path, "--state-directory", other.path, "--socket", daemon.socket])
    #expect(second.status == 1)
    #expect(second.errors.contains("cannot listen on \(daemon.socket): another program listens there already"))
    #expect(try daemon.ctl("services").status == 0)
    #expect(daemon.stop() == 0)
  }

  private func startLongReplay(_ daemon: RunningDaemon) throws -> Process {
    let replay = Process()
    replay.executableURL = URL(fileURLWithPath: Programs.reviewctl)
    replay.arguments = ["rules", "replay", "--from", "2007-01-01", "--to", "2026-01-01", "--socket", daemon.socket]
    replay.standardError = FileHandle.nullDevice
    replay.standardOutput = FileHandle.nullDevice
    try replay.run()
    return replay
  }

  @Test func aLongReplayNeitherBlocksAForecastNorAStop() throws {
    try configuration.write(
      "rules.d/r.yaml",
      Scenario.declarations
        + "rules:\n  - {id: r, title: R, when: {indicator: level, below: 50}, evaluate_every: 1 minute}\n")
    let daemon = try RunningDaemon(directories: [configuration.path])
    try daemon.start()
    let tooLong = try daemon.ctl("rules", "replay", "--from", "1900-01-01", "--to", "2026-01-01")
    #expect(
      tooLong.errors
        == "reviewctl: a replay covers at most twenty years, not from 1900-01-01T00:00:00Z to 2026-01-01T00:00:00Z\n")
    let replay = try startLongReplay(daemon)
    #expect(try daemon.ctl("forecast").status == 0)
    #expect(daemon.stop() == 0)
    replay.waitUntilExit()
  }

  /// As on a machine with one core: a replay of minutes there would else take the thread of the loop, and the watchdog
  /// would bite.
  @Test func aLongReplayKeepsNobodyWaitingWhereThereIsOneThread() throws {
    try configuration.write(
      "rules.d/r.yaml",
      Scenario.declarations
        + "rules:\n  - {id: r, title: R, when: {indicator: level, below: 50}, evaluate_every: 1 minute}\n")
    let daemon = try RunningDaemon(
      directories: [configuration.path],
      prefix: ["/usr/bin/taskset", "-c", "0", "/usr/bin/env", "WATCHDOG_USEC=300000"])
    try daemon.start()
    let replay = try startLongReplay(daemon)
    for _ in 0..<10 {
      #expect(daemon.notify.wait(for: "WATCHDOG=1", seconds: 5) != nil)
      #expect(try daemon.ctl("services").status == 0)
    }
    #expect(replay.isRunning)
    #expect(daemon.stop() == 0)
    replay.waitUntilExit()
  }

  @Test func brokenRulesAtTheFirstStartAreShownAndNothingRuns() throws {
    try configuration.write("rules.d/r.yaml", "rules:\n  - {id: r}\n")
    let folder = try TemporaryFolder()
    let outcome = try run(
      Programs.reviewd,
      ["--directory", configuration.path, "--state-directory", folder.path, "--socket", folder.path + "/s"])
    #expect(outcome.status == 78)
    #expect(outcome.errors.contains("no rules are in force, because the files have 2 errors"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/s"))
  }

  @Test func brokenSettingsAreShownWithTheirPlace() throws {
    try configuration.write("reviewd.yaml", "socket: here\n")
    let outcome = try run(Programs.reviewd, ["--config", configuration.path + "/reviewd.yaml"])
    #expect(outcome.status == 78)
    #expect(outcome.errors.contains("reviewd.yaml:1:9: error: 'socket' must be an absolute path, not 'here'"))
  }

  @Test func itStopsWithinTwoSecondsAndRemovesItsSocket() throws {
    let daemon = try RunningDaemon(directories: [configuration.path])
    try daemon.start()
    let started = ContinuousClock.now
    #expect(daemon.stop() == 0)
    #expect(ContinuousClock.now - started < .seconds(2))
    #expect(!FileManager.default.fileExists(atPath: daemon.socket))
  }

  @Test func theWatchdogIsFed() throws {
    let daemon = try RunningDaemon(directories: [configuration.path], prefix: ["/usr/bin/env", "WATCHDOG_USEC=300000"])
    try daemon.start()
    #expect(daemon.notify.wait(for: "WATCHDOG=1") != nil)
    #expect(daemon.notify.wait(for: "WATCHDOG=1") != nil)
    #expect(daemon.stop() == 0)
  }

  @Test func aSocketOfTheServiceManagerIsTakenOver() throws {
    let folder = try TemporaryFolder()
    // The first request starts the daemon and waits for it.
    let script = """
      systemd-socket-activate --listen '\(folder.path)/s' '\(Programs.reviewd)' --directory '\(configuration.path)' \
        --state-directory '\(folder.path)/state' 2>/dev/null &
      until [ -S '\(folder.path)/s' ]; do :; done
      '\(Programs.reviewctl)' services --socket '\(folder.path)/s'
      status=$?
      kill -KILL $!
      exit $status
      """
    let outcome = try run("/bin/bash", ["-c", script])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("SERVICE"))
  }

  @Test func theUnitsAreWhatSystemdUnderstands() throws {
    let folder = try TemporaryFolder()
    for name in ["reviewd.service", "reviewd.socket"] {
      let text = try String(contentsOfFile: "\(projectDirectory)/systemd/\(name)", encoding: .utf8)
      try folder.write(
        name,
        text.replacing("/usr/bin/reviewd", with: Programs.reviewd).replacing(
          "/usr/bin/reviewctl", with: Programs.reviewctl))
    }
    let units = [folder.path + "/reviewd.service", folder.path + "/reviewd.socket"]
    let outcome = try run("/usr/bin/systemd-analyze", ["verify", "--man=no"] + units)
    #expect(outcome.status == 0)
    // It exits with 0 for unknown keys too, but not without a word.
    #expect(outcome.output + outcome.errors == "")
    let security = try run(
      "/usr/bin/systemd-analyze", ["security", "--offline=true", "--threshold=12", "--no-pager", units[0]])
    #expect(security.status == 0, "\(security.output.suffix(200))")
  }

  @Test func theCatalogSysusersAndTmpfilesAreWhatSystemdUnderstands() throws {
    let root = try TemporaryFolder()
    for folder in ["usr/lib/systemd/catalog", "var/lib/systemd/catalog", "etc"] {
      try FileManager.default.createDirectory(atPath: "\(root.path)/\(folder)", withIntermediateDirectories: true)
    }
    try FileManager.default.copyItem(
      atPath: "\(projectDirectory)/systemd/reviewd.catalog",
      toPath: "\(root.path)/usr/lib/systemd/catalog/reviewd.catalog")
    #expect(try run("/usr/bin/journalctl", ["--root", root.path, "--update-catalog"]).status == 0)
    let catalog = try run("/usr/bin/journalctl", ["--root", root.path, "--dump-catalog"]).output
    for kind in 1...9 { #expect(catalog.contains("-- 5c1f0f0b8d6e4a5fb2a3d0c6e7914a0\(kind)")) }
    let users = try run(
      "/usr/bin/systemd-sysusers", ["--root", root.path, projectDirectory + "/systemd/reviewd.sysusers"])
    #expect(users.status == 0, "\(users.errors)")
    #expect(try String(contentsOfFile: root.path + "/etc/passwd", encoding: .utf8).contains("reviewd:x:"))
    let files = try run(
      "/usr/bin/systemd-tmpfiles", ["--create", "--root", root.path, projectDirectory + "/systemd/reviewd.tmpfiles"])
    #expect(files.status == 0, "\(files.errors)")
    #expect(FileManager.default.fileExists(atPath: root.path + "/etc/reviewd/rules.d"))
  }
}

import Foundation
import Glibc
import TestSupport
import Testing

/// What those who run the daemon ask of it.
@Suite(.serialized)
struct MaintenanceTests {
  private let configuration: TemporaryFolder
  private let daemon: RunningDaemon

  init() throws {
    configuration = try TemporaryFolder()
    try configuration.write(
      "rules.d/r.yaml",
      Scenario.declarations + "rules:\n  - {id: r, title: Any incident, upon: {event: incident}, merge: never}\n")
    try configuration.write("services.d/s.yaml", "services: [{id: s, name: S}, {id: other, name: O}]\n")
    daemon = try RunningDaemon(directories: [configuration.path])
    try daemon.start()
  }

  private func findings() throws -> [[String: Any]] {
    let outcome = try daemon.ctl("doctor", "--output", "json")
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    return try #require(object?["findings"] as? [[String: Any]])
  }

  private func finding(_ about: String, _ verdict: String) throws -> [String: Any]? {
    try findings().first { $0["about"] as? String == about && $0["verdict"] as? String == verdict }
  }

  @Test func theDoctorLooksAtEverythingAndFindsNothingWrong() throws {
    let found = try findings()
    #expect(
      Set(found.compactMap { $0["about"] as? String }) == [
        "socket", "permissions", "journal", "clock", "disk", "database", "rules",
      ])
    #expect(
      found.filter { $0["verdict"] as? String == "failed" && $0["about"] as? String != "journal" }.isEmpty, "\(found)")
    #expect(try daemon.ctl("doctor").output.contains("ok     database    the database is sound, schema 7, SQLite "))
  }

  @Test func theDoctorSaysWhatToDoAboutEachFinding() throws {
    try configuration.write(
      "rules.d/r.yaml", Scenario.declarations + "rules:\n  - {id: r, title: R, upon: {event: change}, merge: never}\n")
    let stale = try #require(try finding("rules", "warning"))
    #expect(stale["message"] as? String == "the files were changed since they were read")
    #expect(stale["advice"] as? String == "put them in force: systemctl reload reviewd")
    try configuration.write("rules.d/r.yaml", "rules:\n  - {id: r}\n")
    #expect(try daemon.ctl("rules", "reload").status == 1)
    let broken = try #require(try finding("rules", "failed"))
    #expect(
      (broken["message"] as? String)?.contains("the files have 2 errors, the rules before stay in force: ") == true)
    #expect(try daemon.ctl("doctor").status == 1)
    chmod(daemon.statePath, 0o755)
    #expect(try finding("permissions", "warning")?["advice"] as? String == "close it: chmod o= \(daemon.statePath)")
    try Data().write(to: URL(fileURLWithPath: daemon.statePath + "/reviewd.sqlite.schema-2"))
    #expect(
      (try finding("database", "warning")?["advice"] as? String)?.hasPrefix("delete it when nobody will go back")
        == true)
  }

  @Test func theDoctorSaysWhyNobodyAnswers() throws {
    #expect(daemon.stop() == 0)
    let gone = try daemon.ctl("doctor")
    #expect(gone.status == 1)
    #expect(gone.output.contains("wrong  socket      there is no socket \(daemon.socket)"))
    #expect(gone.output.contains("→ look why it stopped: journalctl -u reviewd -n 20"))
    try Data().write(to: URL(fileURLWithPath: daemon.socket))
    #expect(try daemon.ctl("doctor").output.contains("\(daemon.socket) is no socket"))
  }

  @Test func aBackupHoldsWhatWasAcknowledgedAndADaemonRunsOnIt() throws {
    #expect(try daemon.ctl("event", "incident", "--service", "s").status == 0)
    let file = daemon.folder.path + "/backup.sqlite"
    #expect(try daemon.ctl("backup", file).output.hasSuffix("a sound copy of the database\n"))
    #expect(try daemon.ctl("event", "incident", "--service", "other").status == 0)
    let again = try daemon.ctl("backup", file)
    #expect(again.status == 4)
    #expect(again.errors == "reviewctl: \(file) is there already: give another name\n")
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let left = try FileManager.default.contentsOfDirectory(atPath: daemon.statePath).filter { $0.contains("being") }
    #expect(left == [])

    let restored = try RunningDaemon(directories: [configuration.path])
    try FileManager.default.createDirectory(atPath: restored.statePath, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: file, toPath: restored.statePath + "/reviewd.sqlite")
    try restored.start()
    #expect(try #require(try restored.object("list")["reviews"] as? [Any]).count == 1)
    #expect(try #require(try daemon.object("list")["reviews"] as? [Any]).count == 2)
    #expect(restored.stop() == 0)
  }

  /// Such as a copy of the whole folder: what was acknowledged last lies in the log beside.
  @Test func whoHasTheLastByteOfABackupMayAskForTheNext() throws {
    let connections = try [#require(RawConnection(daemon.socket)), #require(RawConnection(daemon.socket))]
    let statuses = (0..<400).map { number in
      connections[number % 2].send("GET /v1/backup HTTP/1.1\r\nhost: l\r\n\r\n")
      return connections[number % 2].answer(milliseconds: 5000).status
    }
    #expect(statuses.filter { $0 != 200 } == [])
  }

  @Test func aRestoredDatabaseHoldsWhatLayInItsLog() throws {
    #expect(try daemon.ctl("event", "incident", "--service", "s").status == 0)
    let files = try TemporaryFolder()
    daemon.killAtOnce()
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(
        atPath: "\(daemon.statePath)/reviewd.sqlite\(suffix)", toPath: "\(files.path)/b.sqlite\(suffix)")
    }
    #expect(
      try #require(try FileManager.default.attributesOfItem(atPath: files.path + "/b.sqlite-wal")[.size] as? Int) > 0)
    let restored = try RunningDaemon(directories: [configuration.path])
    let outcome = try run(
      Programs.reviewd, ["--state-directory", restored.statePath, "--restore", files.path + "/b.sqlite"])
    #expect(outcome.output == "\(restored.statePath)/reviewd.sqlite is now \(files.path)/b.sqlite\n")
    try restored.start()
    #expect(try #require(try restored.object("list")["reviews"] as? [Any]).count == 1)
    #expect(restored.stop() == 0)
  }

  @Test func aPersonsOwnBackupsStayAndWhatTheProgramLeftHalfMadeGoes() throws {
    #expect(daemon.stop() == 0)
    let own = ["backup-2026.sqlite", "backup-old.sqlite-wal", "reviewd.sqlite.backup"]
    let left = [
      "reviewd.sqlite.being-backed-up", "reviewd.sqlite.being-restored", "reviewd.sqlite.being-restored-journal",
    ]
    for name in own + left { try Data("x".utf8).write(to: URL(fileURLWithPath: "\(daemon.statePath)/\(name)")) }
    try daemon.start()
    let names = try FileManager.default.contentsOfDirectory(atPath: daemon.statePath)
    #expect(own.allSatisfy(names.contains) && !left.contains(where: names.contains), "\(names)")
    // Also the one that is being restored.
    let file = daemon.statePath + "/backup-mine.sqlite"
    #expect(try daemon.ctl("backup", file).status == 0)
    #expect(daemon.stop() == 0)
    let restored = try run(Programs.reviewd, ["--state-directory", daemon.statePath, "--restore", file])
    #expect(restored.status == 0, "\(restored.errors)")
    #expect(FileManager.default.fileExists(atPath: file))
  }

  /// The state directory belongs to the daemon's user: what it plants there leads root nowhere.
  @Test(.enabled(if: geteuid() == 0, "needs root")) func aRestoreByRootFollowsNoLinkInADirectoryOfOthers() throws {
    let files = try TemporaryFolder(in: "/tmp")
    #expect(try daemon.ctl("backup", files.path + "/b.sqlite").status == 0)
    #expect(daemon.stop() == 0)
    let state = files.path + "/state"
    try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
    try files.write("secret", "root's own\n")
    chmod(files.path, 0o755)
    for name in ["reviewd.lock", "reviewd.sqlite.being-restored"] {
      symlink(files.path + "/secret", "\(state)/\(name)")
    }
    chown(state, 65_534, 65_534)
    let refused = try run(Programs.reviewd, ["--state-directory", state, "--restore", files.path + "/b.sqlite"])
    #expect(refused.status == 1)
    #expect(
      refused.errors.contains("cannot write in the state directory \(state) (Too many levels of symbolic links)"),
      "\(refused.errors)")
    unlink(state + "/reviewd.lock")
    let restored = try run(Programs.reviewd, ["--state-directory", state, "--restore", files.path + "/b.sqlite"])
    #expect(restored.status == 0, "\(restored.errors)")
    #expect(try String(contentsOfFile: files.path + "/secret", encoding: .utf8) == "root's own\n")
    var status = stat()
    #expect(stat(files.path + "/secret", &status) == 0 && status.st_uid == 0)
    #expect(
      lstat(state + "/reviewd.sqlite", &status) == 0 && status.st_uid == 65_534 && status.st_mode & S_IFMT == S_IFREG)
  }

  @Test func whatIsNoBackupIsNotRestored() throws {
    let files = try TemporaryFolder()
    try files.write("text", "no database\n")
    let cases = [
      ("nothing", "cannot read \(files.path)/nothing (No such file or directory)"),
      ("text", "\(files.path)/text is no database, or is damaged (file is not a database)"),
    ]
    for (name, message) in cases {
      let outcome = try run(
        Programs.reviewd, ["--state-directory", files.path + "/state", "--restore", "\(files.path)/\(name)"])
      #expect(outcome.status == 1)
      #expect(outcome.errors == "reviewd: nothing was restored: \(message)\n")
    }
    let inUse = try run(Programs.reviewd, ["--state-directory", daemon.statePath, "--restore", files.path + "/text"])
    #expect(inUse.errors.contains("nothing was restored: another reviewd (process \(daemon.processIdentifier)) uses"))
  }

  @Test func metricsAreWhatPrometheusReads() throws {
    #expect(try daemon.ctl("event", "incident", "--service", "s").status == 0)
    let metrics = try run("/usr/bin/curl", ["--silent", "--unix-socket", daemon.socket, "http://localhost/metrics"])
      .output
    for line in [
      "reviewd_build_info{version=\"", "reviewd_reviews{state=\"pending\"} 1", "reviewd_events 1",
      "reviewd_journal_events_total 0",
    ] {
      #expect(metrics.contains(line), "\(line) is not in \(metrics)")
    }
    #expect(metrics.hasSuffix("\n# EOF\n"))
    let parser = """
      import sys
      from prometheus_client.openmetrics.parser import text_string_to_metric_families
      print(sum(len(family.samples) for family in text_string_to_metric_families(sys.stdin.read())))
      """
    let parsed = try run("/usr/bin/python3", ["-c", parser], input: Data(metrics.utf8))
    #expect(parsed.status == 0, "\(parsed.errors)")
    #expect(parsed.output == "\(metrics.split(separator: "\n").count { !$0.hasPrefix("#") })\n")
    let documentation = try String(contentsOfFile: projectDirectory + "/docs/operations.md", encoding: .utf8)
    for line in metrics.split(separator: "\n") where line.hasPrefix("# TYPE ") {
      let words = line.split(separator: " ")
      let name =
        words[3] == "counter" ? "\(words[2])_total" : words[3] == "info" ? "\(words[2])_info" : String(words[2])
      #expect(documentation.contains("`\(name)`"), "\(name) is not in docs/operations.md")
    }
  }
}

import Foundation
import Glibc
import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewStore

/// Looks at everything that the daemon needs, from inside its own sandbox.
struct Examination {
  let keeper: Keeper
  let store: Store
  let settings: Settings
  let clock: any WallClock
  /// Who waits for it: looking through the database ends when that one has gone.
  let caller: CallerPresence

  private static let scarceByteCount: UInt64 = 1 << 30
  private static let lastByteCount: UInt64 = 64 << 20

  func findings() async -> [HealthFinding] {
    let overview = await keeper.overview()
    return permissions() + (await journal()) + [time(overview), disk()] + (await database()) + rules(overview)
  }

  // MARK: Permissions

  private func permissions() -> [HealthFinding] {
    let path = settings.stateDirectory
    var status = stat()
    guard stat(path, &status) == 0, access(path, W_OK) == 0 else {
      return [
        HealthFinding(
          "permissions", .failed, "reviewd cannot write in \(path): \(String(cString: strerror(errno)))",
          advice: "give it to its user: chown -R reviewd: \(path)")
      ]
    }
    if status.st_mode & 0o007 != 0 {
      return [
        HealthFinding("permissions", .warning, "everybody may look into \(path)", advice: "close it: chmod o= \(path)")
      ]
    }
    return [HealthFinding("permissions", .ok, "reviewd can write in \(path), and strangers cannot look into it")]
  }

  // MARK: Journal

  private func journal() async -> [HealthFinding] {
    guard JournalSink.isPresent else {
      return [HealthFinding("journal", .ok, "there is no journal here: announcements go to the log")]
    }
    let waiting = (try? store.read { try $0.untoldCount(of: keeper) }) ?? 0
    let sending =
      access(JournalSink.socketPath, W_OK) != 0 || waiting > 0
      ? HealthFinding(
        "journal", .failed, "\(counted(waiting, "announcement")) \(waiting == 1 ? "waits" : "wait") for the journal",
        advice: "look whether it runs: systemctl status systemd-journald; they are sent when it does")
      : HealthFinding("journal", .ok, "announcements reach the journal")
    return [sending] + (await sources())
  }

  private func sources() async -> [HealthFinding] {
    let sources = await keeper.journalSources
    guard !sources.isEmpty else { return [] }
    let advice =
      "let reviewd's user read it: SupplementaryGroups=systemd-journal in the unit, or usermod -aG systemd-journal reviewd"
    do {
      guard try !JournalFile(onChange: {}).newest().isEmpty else {
        return [
          HealthFinding(
            "journal", .failed, "the settings name entries of the journal, and none can be read", advice: advice)
        ]
      }
      if let problem = await keeper.journalProblem {
        return [
          HealthFinding(
            "journal", .failed, "entries wait to become events: \(problem)", advice: "mend that; they are taken then")
        ]
      }
      return [HealthFinding("journal", .ok, "the journal can be read, \(counted(sources.count, "source")) of events")]
    } catch { return [HealthFinding("journal", .failed, "\(error)", advice: advice)] }
  }

  // MARK: Clock

  private func time(_ overview: Keeper.Overview) -> HealthFinding {
    guard let through = overview.evaluatedThrough, through - clock.now() > .minutes(1) else {
      return HealthFinding("clock", .ok, "no condition was asked as of a later time than now")
    }
    return HealthFinding(
      "clock", .failed, "conditions are evaluated through \(through), and the clock of this machine is behind that",
      advice:
        "set the clock if it is wrong now; if it was wrong before, conditions are asked again from then on, or sooner from a backup"
    )
  }

  // MARK: Disk

  private func disk() -> HealthFinding {
    var status = statvfs()
    guard statvfs(settings.stateDirectory, &status) == 0 else {
      return HealthFinding("disk", .failed, "cannot tell how full the disk is: \(String(cString: strerror(errno)))")
    }
    let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
    let says = "\(bytes(free)) free for \(settings.stateDirectory), the database takes \(bytes(store.byteCount))"
    let advice = "free some space; retention in reviewd.yaml keeps the database from growing on"
    if free < Self.lastByteCount { return HealthFinding("disk", .failed, says, advice: advice) }
    if free < max(Self.scarceByteCount, store.byteCount) {
      return HealthFinding("disk", .warning, says, advice: advice)
    }
    return HealthFinding("disk", .ok, says)
  }

  // MARK: Database

  private func database() async -> [HealthFinding] {
    await keeper.lookAtStore()
    if let trouble = store.trouble {
      return [
        HealthFinding(
          "database", .failed, trouble.code == .replaced ? trouble.description : "nothing is taken: \(trouble)",
          advice: "mend the cause; where the file is another now: systemctl restart reviewd")
      ]
    }
    do {
      let (findings, schema, sqlite) = try await offTheSharedThreads { [store] in
        (try lookThrough(store), try store.schema(), try store.sqliteVersion())
      }
      guard findings.isEmpty else {
        return [
          HealthFinding(
            "database", .failed, "the database is damaged: \(findings.joined(separator: "; "))",
            advice:
              "stop it and restore a backup: systemctl stop reviewd.socket reviewd.service; reviewd --restore BACKUP")
        ]
      }
      return [
        HealthFinding(
          "database", .ok, "the database is sound, schema \(schema), SQLite \(sqlite), synced at each commit")
      ]
        + leftovers()
        + (await keeper.lastFailure.map {
          [
            HealthFinding(
              "database", .failed, "evaluation fails and is tried again: \($0)",
              advice: "mend the cause; it goes on by itself")
          ]
        } ?? [])
    } catch { return [HealthFinding("database", .failed, "\(error)", advice: "mend the cause; it goes on by itself")] }
  }

  private func lookThrough(_ store: Store) throws -> [String] {
    defer { caller.forget(0, of: store) }
    return try store.findings { caller.whenGone(0, of: store, $0) }
  }

  private func leftovers() -> [HealthFinding] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: settings.stateDirectory)) ?? []).filter {
      $0.contains(".sqlite.schema-")
    }
    return names.sorted().map {
      HealthFinding(
        "database", .warning, "the database as it was before an upgrade is still there: \($0)",
        advice: "delete it when nobody will go back to the version before: rm \(settings.stateDirectory)/\($0)")
    }
  }

  // MARK: Rules

  private func advice(about problems: [String]) -> String {
    if problems.contains(where: { $0.contains("/credentials/") }) {
      return
        "mend the credential that it was given, such as /etc/credstore/reviewd.yaml, then: systemctl restart reviewd"
    }
    if let unreadable = problems.first(where: { $0.contains("Permission denied") }),
      let path = unreadable.split(separator: ":").first
    {
      return "let its group read it: chgrp reviewd \(path); chmod g+r \(path); then: systemctl reload reviewd"
    }
    return "reviewctl rules check shows all; mend them, then: systemctl reload reviewd"
  }

  private func rules(_ overview: Keeper.Overview) -> [HealthFinding] {
    let inForce = overview.rulesInForce
    guard inForce.problems.isEmpty else {
      let first = inForce.problems[0].split(separator: "\n").first ?? ""
      return [
        HealthFinding(
          "rules", .failed,
          "the files have \(counted(inForce.problems.count, "error")), the rules before stay in force: \(first)",
          advice: advice(about: inForce.problems))
      ]
    }
    let summary =
      "\(counted(overview.ruleSet.rules.count, "rule")) for \(counted(overview.ruleSet.services.count, "service")) in force"
    if overview.ruleSet.services.isEmpty {
      return [
        HealthFinding(
          "rules", .warning, summary,
          advice: "declare services in /etc/reviewd/services.d; there are examples in /usr/share/doc/reviewd/examples")
      ]
    }
    if let files = try? RuleDirectories(settings.directories).files(),
      LoadedRules.fingerprint(of: files) != inForce.fingerprint
    {
      return [
        HealthFinding(
          "rules", .warning, "the files were changed since they were read",
          advice: "put them in force: systemctl reload reviewd")
      ]
    }
    if !inForce.warnings.isEmpty {
      return [
        HealthFinding(
          "rules", .warning, "\(summary), with \(counted(inForce.warnings.count, "warning"))",
          advice: "reviewctl status shows them")
      ]
    }
    return [HealthFinding("rules", .ok, summary)]
  }
}

/// `37 MiB`
func bytes(_ count: UInt64) -> String {
  var (number, unit) = (Double(count), 0)
  let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
  while number >= 1024, unit < units.count - 1 { (number, unit) = (number / 1024, unit + 1) }
  return "\(unit > 0 && number < 10 ? "\((number * 10).rounded() / 10)" : "\(Int(number.rounded()))") \(units[unit])"
}

import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// A machine of its own with a real systemd as PID 1, by `scripts/machine`; what is done there is gone with it.
final class BootedMachine: Sendable {
  private let state: TemporaryFolder
  private static let script = projectDirectory + "/scripts/machine"
  /// Machines that are stopped when the tests end, whatever they end with.
  private static let running = Mutex<[String]>([])

  /// The package that `scripts/package` built of this commit, and the one of an earlier commit.
  static let package = ProcessInfo.processInfo.environment["REVIEWD_PACKAGE"]
  static let earlierPackage = ProcessInfo.processInfo.environment["REVIEWD_EARLIER_PACKAGE"]

  static let isPossible = package != nil && geteuid() == 0 && access("/usr/bin/systemd-nspawn", X_OK) == 0
  static let missing: Comment =
    "needs root, systemd-container and the package that scripts/test builds (REVIEWD_PACKAGE)"

  init() throws {
    state = try TemporaryFolder()
    let started = try IntegrationTests.run(Self.script, ["start"], environment: ["MACHINE_STATE": state.path])
    try #require(started.status == 0, "\(started.errors)")
    Self.running.withLock {
      if $0.isEmpty { atexit { BootedMachine.stopAll() } }
      $0.append(state.path)
    }
  }

  deinit { Self.stop(state.path) }

  private static func stopAll() { for path in running.withLock({ $0 }) { stop(path) } }

  private static func stop(_ path: String) {
    running.withLock { $0.removeAll { $0 == path } }
    _ = try? IntegrationTests.run(script, ["stop"], environment: ["MACHINE_STATE": path])
  }

  /// A folder of this machine that the other one has as /share.
  var share: String { state.path + "/share" }

  /// Runs a shell script on the machine, whatever it ends with.
  func run(_ script: String) throws -> Outcome {
    try IntegrationTests.run(
      Self.script, ["exec", "/bin/bash", "-c", script], environment: ["MACHINE_STATE": state.path])
  }

  /// Runs a shell script that must succeed, and returns what it printed, without the last line feed.
  @discardableResult
  func sh(_ script: String, _ location: SourceLocation = #_sourceLocation) throws -> String {
    let outcome = try run("set -euo pipefail; " + script)
    try #require(outcome.status == 0, "\(script): \(outcome.output)\(outcome.errors)", sourceLocation: location)
    return outcome.output.trimmingCharacters(in: .newlines)
  }

  /// The same, as the JSON object that it printed.
  func object(_ script: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(try sh(script).utf8)) as? [String: Any])
  }

  /// Runs a script again and again until it succeeds.
  func wait(until script: String, seconds: Double = 20, _ location: SourceLocation = #_sourceLocation) throws {
    let end = ContinuousClock.now + .seconds(seconds)
    var last: Outcome?
    while ContinuousClock.now < end {
      let outcome = try run(script)
      if outcome.status == 0 { return }
      last = outcome
    }
    let log = try? run("journalctl -u reviewd.service -n 30 --no-pager -o cat").output
    Issue.record(
      "not within \(seconds) s: \(script)\n\(last.map { $0.output + $0.errors } ?? "")\n\(log ?? "")",
      sourceLocation: location)
    throw NeverCame(script: script)
  }

  struct NeverCame: Error { let script: String }

  func write(_ path: String, _ text: String) throws {
    try FileManager.default.createDirectory(atPath: share, withIntermediateDirectories: true)
    try text.write(toFile: share + "/written", atomically: true, encoding: .utf8)
    try sh("mkdir -p \"$(dirname '\(path)')\" && cat /share/written >'\(path)'")
  }

  /// A property of a unit, as `systemctl show` gives it.
  func property(_ name: String, of unit: String = "reviewd.service") throws -> String {
    try sh("systemctl show -P \(name) \(unit)")
  }

  func install(_ package: String) throws {
    try? FileManager.default.removeItem(atPath: share + "/reviewd.deb")
    try FileManager.default.copyItem(atPath: package, toPath: share + "/reviewd.deb")
    try sh("DEBIAN_FRONTEND=noninteractive dpkg -i --force-confdef --force-confold /share/reviewd.deb")
  }

  /// Installs the package of this commit and gives it a catalogue of two services.
  static func installed() throws -> BootedMachine {
    let machine = try BootedMachine()
    try machine.write("/etc/reviewd/services.d/services.yaml", catalogue)
    try machine.install(try #require(package))
    return machine
  }

  static let catalogue = """
    services:
      - {id: web-shop, name: Web shop, in_service_since: 2026-01-01}
      - {id: payments, name: Payments, in_service_since: 2026-01-01}

    """
}

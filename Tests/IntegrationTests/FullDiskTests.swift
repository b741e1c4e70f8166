import Foundation
import TestSupport
import Testing

/// The disk is full when the log has to be folded into the database: what was written is in the log, and nobody is
/// refused for that.
@Suite(.enabled(if: LoopDisk.isPossible, LoopDisk.missing))
struct FullDiskTests {
  private let disk: LoopDisk
  private let daemon: RunningDaemon

  init() throws {
    disk = try LoopDisk()
    let configuration = try TemporaryFolder()
    try configuration.write(
      "rules.d/r.yaml",
      Scenario.declarations + "rules:\n  - {id: r, title: Any change, upon: {event: change}, merge: never}\n")
    try configuration.write("services.d/s.yaml", "services: [{id: s, name: S}]\n")
    daemon = try RunningDaemon(directories: [configuration.path], prefix: disk.prefix, statePath: disk.path + "/state")
    try daemon.start()
  }

  private func onDisk(_ script: String) throws -> String {
    let outcome = try run(
      disk.prefix[0], Array(disk.prefix.dropFirst()) + ["/bin/sh", "-c", "cd '\(disk.path)'; \(script)"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static let batchCount = 10

  /// Sends ten events of some 25 KB each.
  private func send(_ number: Int) throws -> Outcome {
    let attributes = (0..<3).map { #""a\#($0)":"\#(String(repeating: "x", count: 8000))""# }.joined(separator: ",")
    let lines = (0..<Self.batchCount).map { index in
      let id = "e\(number)-\(index)"
      return
        #"{"specversion":"1.0","id":"\#(id)","source":"x","type":"incident","subject":"s","time":"2026-01-05T10:00:00Z","data":{\#(attributes)}}"#
    }
    return try run(
      Programs.reviewctl, ["import", "-", "--format", "cloudevents"], environment: ["REVIEWD_SOCKET": daemon.socket],
      input: Data((lines.joined(separator: "\n") + "\n").utf8))
  }

  @Test func aCheckpointWithoutRoomRefusesNobodyAndRoomLetsItGoOn() throws {
    try #require(try send(0).status == 0)
    // Room for the log until it is to be folded, and not for the database that it is folded into.
    let free = try #require(Int(try onDisk("df --output=avail -B1 . | tail -1")))
    _ = try onDisk("fallocate -l \(free - 6_000_000) ballast")
    var (number, last) = (1, try send(1))
    while last.status == 0, number < 40 { (number, last) = (number + 1, try send(number + 1)) }
    #expect(last.errors.contains("is full: free some space; nothing that was acknowledged is lost"), "\(last.errors)")
    let log = try #require(Int(try onDisk("stat -c %s state/reviewd.sqlite-wal")))
    #expect(log > 4_120_000, "the log of \(log) bytes was not to be folded yet when batch \(number) was refused")
    #expect(try daemon.ctl("doctor").output.contains("the database is sound"))
    // It recovers by itself, and knows what it took.
    _ = try onDisk("rm ballast")
    for index in 0..<number { #expect(try send(index).output.contains("0 taken")) }
    #expect(try send(number).status == 0)
    #expect(try daemon.ctl("event", "change", "--service", "s", "--id", "c").output.contains("opened review"))
    #expect(daemon.stop() == 0)
    let count = try onDisk("sqlite3 state/reviewd.sqlite \"SELECT count(*) FROM event WHERE type = 'incident'\"")
    #expect(count == "\((number + 1) * Self.batchCount)")
  }
}

import Foundation
import Glibc
import TestSupport
import Testing

/// Files that reviewctl writes in folders that others may own: nothing is followed, nothing replaced, nothing left.
@Suite(.serialized)
struct WrittenFileTests {
  private let folder: TemporaryFolder
  private let victim: String
  private let target: String

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("victim", "precious")
    try FileManager.default.createDirectory(atPath: folder.path + "/shared", withIntermediateDirectories: true)
    victim = folder.path + "/victim"
    target = folder.path + "/shared/F"
  }

  private func daemon() throws -> RunningDaemon {
    try folder.write("rules.d/r.yaml", Scenario.declarations + "rules: []\n")
    try folder.write("services.d/s.yaml", "services:\n  - {id: s, name: S}\n")
    let daemon = try RunningDaemon(directories: [folder.path])
    try daemon.start()
    return daemon
  }

  private func link(_ name: String, to destination: String) throws {
    try FileManager.default.createSymbolicLink(atPath: name, withDestinationPath: destination)
  }

  private var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/shared")) ?? []).sorted()
  }
  private var victimText: String? { try? String(contentsOfFile: victim, encoding: .utf8) }

  @Test func aBackupFollowsNoPlantedLinkBesideItsPlace() throws {
    let daemon = try daemon()
    try link(target + ".part", to: victim)
    let outcome = try daemon.ctl("backup", target)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(victimText == "precious")
    #expect(names == ["F", "F.part"])
    var status = stat()
    #expect(lstat(target, &status) == 0 && status.st_mode == S_IFREG | 0o600 && status.st_nlink == 1)
    #expect(try Data(contentsOf: URL(fileURLWithPath: target)).starts(with: Data("SQLite format 3".utf8)))
  }

  @Test(arguments: ["victim", "nothing"]) func aBackupReplacesNoLink(_ destination: String) throws {
    let daemon = try daemon()
    try link(target, to: folder.path + "/" + destination)
    let outcome = try daemon.ctl("backup", target)
    #expect(outcome.status == 4)
    #expect(outcome.errors == "reviewctl: \(target) is there already: give another name\n")
    #expect(victimText == "precious")
    #expect(names == ["F"])
    #expect(access(folder.path + "/nothing", F_OK) != 0)
  }

  @Test func aBackupThatFailsLeavesNothing() throws {
    let outcome = try run(Programs.reviewctl, ["backup", target, "--socket", folder.path + "/none"])
    #expect(outcome.status == 5)
    #expect(names.isEmpty)
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func aBackupThatIsInterruptedLeavesNothing(_ number: Int32) throws {
    let listener = try SilentListener(path: folder.path + "/silent")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Programs.reviewctl)
    process.arguments = ["backup", target, "--socket", folder.path + "/silent"]
    try process.run()
    try listener.waitForRequest()
    #expect(names.count == 1)
    kill(process.processIdentifier, number)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == number)
    #expect(names.isEmpty)
  }

  @Test func aPlaceThatIsTakenMeanwhileIsNotReplaced() throws {
    let daemon = try daemon()
    // The file appears between the first look and the last step.
    let listener = try SilentListener(path: folder.path + "/silent")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Programs.reviewctl)
    process.arguments = ["backup", target, "--socket", folder.path + "/silent"]
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    try listener.waitForRequest()
    try folder.write("shared/F", "somebody else's")
    listener.answer("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ncopy")
    process.waitUntilExit()
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(said == "reviewctl: \(target) is there already: give another name\n")
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "somebody else's")
    #expect(names == ["F"])
    withExtendedLifetime(daemon) {}
  }

  @Test func aFileOfEventsThatIsTooLargeToBeSentIsNotReadWhole() throws {
    try folder.write("large.json", "[" + String(repeating: " ", count: 4 << 20) + "]")
    let outcome = try run(Programs.reviewctl, ["import", folder.path + "/large.json", "--socket", "/nonexistent"])
    #expect(
      outcome.errors
        == "reviewctl: \(folder.path)/large.json is larger than 4 MiB: write the events as JSON lines, into a file .jsonl\n"
    )
  }

  @Test func junitWritesThroughNoLinkAndHoldsNothingThatXmlForbids() throws {
    try folder.write(
      "rules.d/r.yaml", Scenario.declarations + "rules:\n  - {id: r, title: R, upon: {event: incident}}\n")
    try folder.write("services.d/s.yaml", "services:\n  - {id: s, name: S}\n")
    try folder.write(
      "rules.d/tests/r.test.yaml",
      """
      tests:
        - title: an incident opens a review
          service: {id: s, name: S}
          rules: r
          given: {events: [{event: incident, at: 2026-01-05T10:00, attributes: {cause: "a\\u001bb\\uffff"}}]}
          expect: [{at: 2026-01-05T10:00, reviews: []}]

      """)
    try link(target, to: victim)
    let refused = try run(Programs.reviewctl, ["rules", "test", folder.path, "--junit", target])
    #expect(refused.errors == "reviewctl: \(target) is no regular file: name one, or one that is not there yet\n")
    #expect(victimText == "precious")
    #expect(names == ["F"])
    try FileManager.default.removeItem(atPath: target)
    for _ in 0..<2 { _ = try run(Programs.reviewctl, ["rules", "test", folder.path, "--junit", target]) }
    let xml = try String(contentsOfFile: target, encoding: .utf8)
    #expect(xml.hasPrefix("<?xml"))
    #expect(xml.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0xffff || $0 == "\n" })
    #expect(names == ["F"])
  }
}

/// A socket that takes one connection and answers only what it is told to.
private final class SilentListener {
  private let listener: Int32
  private var connection: Int32 = -1

  init(path: String) throws {
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0 && listen(listener, 1) == 0)
  }

  deinit {
    close(listener)
    if connection >= 0 { close(connection) }
  }

  func waitForRequest() throws {
    connection = accept(listener, nil, nil)
    var buffer = [UInt8](repeating: 0, count: 4096)
    try #require(connection >= 0 && read(connection, &buffer, buffer.count) > 0)
  }

  func answer(_ text: String) { _ = Array(text.utf8).withUnsafeBytes { write(connection, $0.baseAddress, $0.count) } }
}

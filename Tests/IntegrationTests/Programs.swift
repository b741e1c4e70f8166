import Foundation
import Glibc
import TestSupport
import Testing

/// The two binaries, as they were built beside the tests.
enum Programs {
  static let folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    .deletingLastPathComponent().path
  static var reviewd: String { folder + "/reviewd" }
  static var reviewctl: String { folder + "/reviewctl" }
  /// Figures of speed are asserted for what people run.
  static var areOptimised: Bool { folder.hasSuffix("release") }
}

/// What a program printed, and how it ended.
struct Outcome {
  let status: Int32
  let output: String
  let errors: String
}

/// Runs a program to its end.
@discardableResult
func run(_ program: String, _ arguments: [String], environment: [String: String] = [:], input: Data? = nil) throws
  -> Outcome
{
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  let folder = try TemporaryFolder()
  // Files and not pipes: what is printed may be larger than a pipe holds.
  for name in ["out", "err", "in"] {
    try (name == "in" ? input ?? Data() : Data()).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
  }
  process.standardOutput = try handle(FileHandle(forWritingAtPath: folder.path + "/out"))
  process.standardError = try handle(FileHandle(forWritingAtPath: folder.path + "/err"))
  process.standardInput = try handle(FileHandle(forReadingAtPath: folder.path + "/in"))
  try process.run()
  process.waitUntilExit()
  return Outcome(
    status: process.terminationStatus, output: try String(contentsOfFile: folder.path + "/out", encoding: .utf8),
    errors: try String(contentsOfFile: folder.path + "/err", encoding: .utf8))
}

private func handle(_ file: FileHandle?) throws -> FileHandle {
  guard let file else { throw CocoaError(.fileNoSuchFile) }
  return file
}

/// Receives what a program tells the service manager.
final class NotifySocket: Sendable {
  let path: String
  private let descriptor: Int32

  init(path: String) throws {
    self.path = path
    unlink(path)
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
  }

  deinit { close(descriptor) }

  /// Waits for a message that holds a text; nil after some seconds without one.
  func wait(for text: String, seconds: Int32 = 20) -> String? { wait(for: text, milliseconds: seconds * 1000) }

  func wait(for text: String, milliseconds: Int32) -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while poll(&entry, 1, milliseconds) > 0 {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      let message = String(decoding: buffer[..<count], as: UTF8.self)
      if message.contains(text) { return message }
    }
    return nil
  }
}

/// A real daemon on a state directory and a socket of its own.
final class RunningDaemon {
  let folder: TemporaryFolder
  let directories: [String]
  let notify: NotifySocket
  private(set) var process = Process()
  /// What is put before the program, such as nsenter.
  let prefix: [String]

  var socket: String { folder.path + "/s" }
  private let otherStatePath: String?
  var statePath: String { otherStatePath ?? folder.path + "/state" }
  var log: String { (try? String(contentsOfFile: folder.path + "/log", encoding: .utf8)) ?? "" }

  init(directories: [String], prefix: [String] = [], folder: TemporaryFolder? = nil, statePath: String? = nil) throws {
    otherStatePath = statePath
    self.folder = try folder ?? TemporaryFolder()
    self.directories = directories
    self.prefix = prefix
    notify = try NotifySocket(path: self.folder.path + "/notify")
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  var arguments: [String] {
    furtherArguments + directories.flatMap { ["--directory", $0] } + [
      "--state-directory", statePath, "--socket", socket,
    ]
  }

  /// Starts it and waits until it says that it is ready.
  func start() throws { try #require(try startOrEnd(), "the daemon is not ready: \(self.log)") }

  /// Starts it and waits until it says that it is ready, or ends.
  ///
  /// - Returns: whether it is ready.
  func startOrEnd() throws -> Bool {
    try launch()
    for _ in 0..<200 {
      if notify.wait(for: "READY=1", milliseconds: 100) != nil { return true }
      if !process.isRunning { return false }
    }
    return false
  }

  /// What the program finds in its environment besides.
  var environment: [String: String] = [:]

  /// Given to the program besides its folders.
  var furtherArguments: [String] = []

  /// Starts it and does not wait.
  func launch() throws {
    process = Process()
    let command = prefix + [Programs.reviewd] + arguments
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = ProcessInfo.processInfo.environment.merging(["NOTIFY_SOCKET": notify.path]) { $1 }
    process.environment?["JOURNAL_STREAM"] = nil
    process.environment?.merge(environment) { $1 }
    let log = folder.path + "/log"
    if !FileManager.default.fileExists(atPath: log) { try Data().write(to: URL(fileURLWithPath: log)) }
    let handle = try #require(FileHandle(forWritingAtPath: log))
    try handle.seekToEnd()
    process.standardError = handle
    process.standardOutput = handle
    try process.run()
  }

  /// The daemon's own process, beneath whatever is put before it.
  var processIdentifier: Int32 { process.processIdentifier }

  func send(_ signal: Int32) { kill(processIdentifier, signal) }

  func stop() -> Int32 {
    send(SIGTERM)
    process.waitUntilExit()
    return process.terminationStatus
  }

  func killAtOnce() {
    send(SIGKILL)
    process.waitUntilExit()
  }

  @discardableResult
  func ctl(_ arguments: String...) throws -> Outcome {
    try run(Programs.reviewctl, arguments, environment: ["REVIEWD_SOCKET": socket])
  }

  /// The answer of a verb as JSON.
  func json(_ arguments: String...) throws -> Any {
    let outcome = try run(
      Programs.reviewctl, arguments + ["--output", "json"], environment: ["REVIEWD_SOCKET": socket])
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
  }

  /// The same for an answer that is an object.
  func object(_ arguments: String...) throws -> [String: Any] {
    let outcome = try run(
      Programs.reviewctl, arguments + ["--output", "json"], environment: ["REVIEWD_SOCKET": socket])
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }
}

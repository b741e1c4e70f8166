import Foundation
import TestSupport
import Testing

/// Programs that others wrote, and how much of them is asked: a small sample with all tests, all of it with
/// `scripts/check --long`.
enum Oracle {
  static let isLong = ProcessInfo.processInfo.environment["REVIEWD_LONG"] == "1"

  /// How many cases to try.
  static func count(sample: Int, long: Int) -> Int {
    ProcessInfo.processInfo.environment["REVIEWD_CASES"].flatMap { Int($0) } ?? (isLong ? long : sample)
  }

  struct Answer {
    let status: Int32
    let output: String
    let errors: String

    var lines: [Substring] { output.split(separator: "\n", omittingEmptySubsequences: false).dropLast() }
  }

  /// Runs a program with a text as its input.
  static func run(_ program: String, _ arguments: [String], input: String = "", in folder: TemporaryFolder) throws
    -> Answer
  {
    try folder.write("input", input)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.standardInput = FileHandle(forReadingAtPath: "\(folder.path)/input")
    for name in ["output", "errors"] { try folder.write(name, "") }
    process.standardOutput = FileHandle(forWritingAtPath: "\(folder.path)/output")
    process.standardError = FileHandle(forWritingAtPath: "\(folder.path)/errors")
    try process.run()
    process.waitUntilExit()
    return Answer(
      status: process.terminationStatus, output: try String(contentsOfFile: "\(folder.path)/output", encoding: .utf8),
      errors: try String(contentsOfFile: "\(folder.path)/errors", encoding: .utf8))
  }

  /// Runs one of `scripts/oracles` with Debian's Python, whose packages the scripts install.
  static func python(_ script: String, input: String, in folder: TemporaryFolder) throws -> [Substring] {
    let answer = try run(
      "/usr/bin/python3", ["\(projectDirectory)/scripts/oracles/\(script)"], input: input, in: folder)
    try #require(answer.status == 0, "\(script): \(answer.errors)")
    return answer.lines
  }
}

extension SeededGenerator {
  mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &self)]
  }

  /// Some of the elements, at least one and at most `most`, in their order.
  mutating func some<Element>(_ elements: [Element], most: Int) -> [Element] {
    let count = Int.random(in: 1...most, using: &self)
    return elements.indices.shuffled(using: &self).prefix(count).sorted().map { elements[$0] }
  }
}

import ArgumentParser
import Foundation
import ReviewAPI
import ReviewEngine
import ReviewFiles

struct RulesTestVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run the tests that lie beside rules, in virtual time and without a daemon.",
    discussion: """
      Tests are files named *.test.yaml, in the folder 'tests' of a directory of rules. Exits with 0 if all pass, with 1 if one \
      fails or cannot be read; --strict counts a rule without a test too.
      """)

  @OptionGroup var options: OutputOptions
  @Argument(
    help: "Directories of rules, or files of tests; without one, the system's.", completion: .file(extensions: ["yaml"])
  )
  var paths: [String] = []
  @Option(
    name: .customLong("rules"),
    help: ArgumentHelp(
      "Directories with the rules to test; without one, those that the tests lie in.", valueName: "dir"),
    completion: .directory)
  var directories: [String] = []
  @Option(
    help: ArgumentHelp("Write the results as JUnit XML to this file too.", valueName: "file"), completion: .file())
  var junit: String?
  @Flag(help: "Count a rule without a test as a finding.") var strict = false

  func run() async throws {
    let report = try report()
    if let junit { try write(JUnitReport(report).xml, to: junit) }
    if options.output == .json { try Output.json(RuleTestAnswer(report)) } else { Output.print(lines(report)) }
    if !report.isClean || strict && !report.untested.isEmpty { throw ExitCode(1) }
  }

  private func report() throws -> RuleTestReport {
    let chosen = paths.isEmpty ? StandardPaths.directories.filter { FileManager.default.fileExists(atPath: $0) } : paths
    for path in chosen where !FileManager.default.fileExists(atPath: path) {
      throw Problem(.notFound, "there is no file or directory \(path)")
    }
    var rulePaths: [String] = []
    for path in directories.isEmpty ? chosen.map({ RuleTestFiles.rulesDirectory(of: $0) }) : directories
    where !rulePaths.contains(path) {
      rulePaths.append(path)
    }
    let read = RuleSetReader.read(try OfflineRules.files(rulePaths))
    guard let ruleSet = read.ruleSet else { return RuleTestReport(diagnostics: read.errors, outcomes: [], rules: []) }
    var files: [SourceFile] = []
    for path in chosen {
      do { files += try RuleTestFiles.files(path) } catch { throw Problem(.notFound, error.description) }
    }
    guard !files.isEmpty else {
      throw Problem(
        .notFound,
        "there are no tests in \(chosen.joined(separator: ", ")): they are files named *.test.yaml in a folder 'tests'")
    }
    let (tests, diagnostics) = RuleTestReader.read(files, ruleSet)
    return RuleTestReport(
      diagnostics: diagnostics, outcomes: try tests.map { try $0.run() }, rules: ruleSet.rules.map(\.id))
  }

  private func write(_ text: String, to path: String) throws {
    var file = try NewFile(at: path, mode: 0o644)
    try file.write(Data(text.utf8))
    try file.finishReplacing()
  }

  private func lines(_ report: RuleTestReport) -> [String] {
    let failed = report.outcomes.filter { !$0.passed }
    let failures = failed.flatMap { outcome in
      ["FAILED".coloured(.late) + "  \(outcome.test.title)"]
        + outcome.failures.flatMap { $0.description.split(separator: "\n").map { "  \($0)" } } + [""]
    }
    return report.diagnostics.flatMap(\.description.textLines) + failures + [summary(report, failed.count)]
  }

  private func summary(_ report: RuleTestReport, _ failed: Int) -> String {
    let count = report.outcomes.count
    var text =
      "\(counted(count, "test")): \(count == 0 ? "none was run" : failed == 0 ? "all passed" : "\(failed) failed")"
    let errors = report.diagnostics.count { $0.severity == .error }
    if errors > 0 { text += ", \(counted(errors, "error")) in the files" }
    text += "; \(report.rules.count - report.untested.count) of \(counted(report.rules.count, "rule")) tested"
    return report.untested.isEmpty ? text : "\(text), without a test: \(report.untested.joined(separator: ", "))"
  }
}

/// What came of all tests.
struct RuleTestReport {
  let diagnostics: [Diagnostic]
  let outcomes: [RuleTestOutcome]
  /// All rules, in rule order.
  let rules: [String]

  var isClean: Bool { outcomes.allSatisfy(\.passed) && !diagnostics.contains { $0.severity == .error } }

  /// Rules that no test says anything about.
  var untested: [String] {
    let tested = Set(outcomes.flatMap(\.test.ruleIds))
    return rules.filter { !tested.contains($0) }
  }
}

private struct RuleTestAnswer: Encodable {
  struct Failure: Encodable {
    let file: String, what: String, expected: String, got: String
    let line: Int
  }

  struct Test: Encodable {
    let title: String, file: String
    let line: Int
    let passed: Bool
    let failures: [Failure]
  }

  let tests: [Test]
  let errors: [String]
  let untested: [String]

  init(_ report: RuleTestReport) {
    tests = report.outcomes.map { outcome in
      Test(
        title: outcome.test.title, file: outcome.test.place.file, line: outcome.test.place.line, passed: outcome.passed,
        failures: outcome.failures.map {
          Failure(file: $0.place.file, what: $0.what, expected: $0.expected, got: $0.got, line: $0.place.line)
        })
    }
    errors = report.diagnostics.map(\.description)
    untested = report.untested
  }
}

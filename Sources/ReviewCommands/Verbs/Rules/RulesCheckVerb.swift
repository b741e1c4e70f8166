import ArgumentParser
import Foundation
import ReviewEngine
import ReviewFiles

struct RulesCheckVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Find every mistake in rule and catalogue files, without a daemon.",
    discussion: "Exits with 0 if there is no error, with 1 if there is; --strict counts warnings too.")

  @OptionGroup var options: OutputOptions
  @Argument(
    help:
      "Directories with rules.d and services.d, a later one winning file by file, or one file of such a directory; without one, the system's, with its settings.",
    completion: .directory)
  var paths: [String] = []
  @Flag(help: "Count warnings as findings.") var strict = false

  private struct Finding: Encodable {
    let severity: String, file: String
    let line: Int, column: Int
    let message: String
  }

  private struct Answer: Encodable {
    let errors: Int, warnings: Int
    let findings: [Finding]
  }

  func run() async throws {
    let (directories, file) = try chosen()
    let files = try OfflineRules.files(directories)
    let neglected = try OfflineRules.directories(directories).neglected()
    let all = withSettings(RuleSetReader.read(files)).with(neglected)
    let read = all.only(file)
    let (errors, warnings) = (read.errors.count, read.warnings.count)
    if options.output == .json {
      let findings = read.diagnostics.map {
        Finding(severity: $0.severity.rawValue, file: $0.file, line: $0.line, column: $0.column, message: $0.message)
      }
      try Output.json(Answer(errors: errors, warnings: warnings, findings: findings))
    } else {
      let summary = file == nil ? summary(files.count, read, errors, warnings) : summary(of: read, among: all)
      Output.print(read.diagnostics.flatMap(\.description.textLines) + [summary])
    }
    if errors > 0 || strict && warnings > 0 { throw ExitCode(1) }
  }

  /// The directories to look through, and the file that is meant where one was named: what it says depends on the
  /// others.
  private func chosen() throws -> ([String], file: String?) {
    var isDirectory: ObjCBool = false
    guard paths.count == 1, FileManager.default.fileExists(atPath: paths[0], isDirectory: &isDirectory),
      !isDirectory.boolValue
    else { return (paths, nil) }
    let file = paths[0]
    if file.hasSuffix(".test.yaml") {
      throw ValidationError("\(file) is a file of tests, which 'reviewctl rules test \(file)' checks and runs")
    }
    return ([RuleTestFiles.rulesDirectory(of: file)], URL(fileURLWithPath: file).standardizedFileURL.path)
  }

  /// The settings name event types and services, so that a change of the rules may break them.
  private func withSettings(_ read: ReadRuleSet) -> ReadRuleSet {
    let path = StandardPaths.settings
    guard paths.isEmpty, let text = try? TextFile.read(path) else { return read }
    var diagnostics = SettingsReader.read(text, path: path).diagnostics
    if let ruleSet = read.ruleSet {
      let all = Set(diagnostics).union(SettingsReader.journalSources(text, path: path, ruleSet: ruleSet).diagnostics)
      diagnostics = all.sorted { ($0.line, $0.column, $0.message) < ($1.line, $1.column, $1.message) }
    }
    return ReadRuleSet(ruleSet: diagnostics.isEmpty ? read.ruleSet : nil, diagnostics: read.diagnostics + diagnostics)
  }

  private func summary(of read: ReadRuleSet, among all: ReadRuleSet) -> String {
    let elsewhere = all.errors.count - read.errors.count
    let found = read.diagnostics.isEmpty ? "no mistakes" : counted(read.diagnostics.count, "mistake")
    return "1 file: \(found)\(elsewhere > 0 ? "; other files have \(counted(elsewhere, "error"))" : "")"
  }

  private func summary(_ fileCount: Int, _ read: ReadRuleSet, _ errors: Int, _ warnings: Int) -> String {
    let found = [errors > 0 ? counted(errors, "error") : nil, warnings > 0 ? counted(warnings, "warning") : nil]
      .compactMap { $0 }
    guard let ruleSet = read.ruleSet else { return "\(counted(fileCount, "file")): \(found.joined(separator: ", "))" }
    let contents = "\(counted(ruleSet.rules.count, "rule")), \(counted(ruleSet.services.count, "service"))"
    return
      "\(counted(fileCount, "file")), \(contents): \(found.isEmpty ? "no mistakes" : found.joined(separator: ", "))"
  }
}

extension ReadRuleSet {
  fileprivate func with(_ warnings: [Diagnostic]) -> ReadRuleSet {
    ReadRuleSet(ruleSet: ruleSet, diagnostics: warnings + diagnostics)
  }

  /// What is found in one file alone; all of it where none is meant.
  fileprivate func only(_ file: String?) -> ReadRuleSet {
    guard let file else { return self }
    return ReadRuleSet(
      ruleSet: ruleSet,
      diagnostics: diagnostics.filter { URL(fileURLWithPath: $0.file).standardizedFileURL.path == file })
  }
}

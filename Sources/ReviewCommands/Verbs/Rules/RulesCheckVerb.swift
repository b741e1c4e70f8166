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
      "Directories with rules.d and services.d, a later one winning file by file; without one, the system's, with its settings.",
    completion: .directory)
  var directories: [String] = []
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
    let files = try OfflineRules.files(directories)
    let read = withSettings(RuleSetReader.read(files))
    let (errors, warnings) = (read.errors.count, read.warnings.count)
    if options.output == .json {
      let findings = read.diagnostics.map {
        Finding(severity: $0.severity.rawValue, file: $0.file, line: $0.line, column: $0.column, message: $0.message)
      }
      try Output.json(Answer(errors: errors, warnings: warnings, findings: findings))
    } else {
      Output.print(read.diagnostics.flatMap(\.description.textLines) + [summary(files.count, read, errors, warnings)])
    }
    if errors > 0 || strict && warnings > 0 { throw ExitCode(1) }
  }

  /// The settings name event types and services, so that a change of the rules may break them.
  private func withSettings(_ read: ReadRuleSet) -> ReadRuleSet {
    let path = StandardPaths.settings
    guard directories.isEmpty, let text = try? TextFile.read(path) else { return read }
    var diagnostics = SettingsReader.read(text, path: path).diagnostics
    if let ruleSet = read.ruleSet {
      let all = Set(diagnostics).union(SettingsReader.journalSources(text, path: path, ruleSet: ruleSet).diagnostics)
      diagnostics = all.sorted { ($0.line, $0.column, $0.message) < ($1.line, $1.column, $1.message) }
    }
    return ReadRuleSet(ruleSet: diagnostics.isEmpty ? read.ruleSet : nil, diagnostics: read.diagnostics + diagnostics)
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

import ArgumentParser
import Foundation
import ReviewAPI
import ReviewEngine
import ReviewFiles

struct RulesExportVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "The rules for other programs, without a daemon.",
    discussion:
      "--prometheus writes a rule file of every rule that PromQL can say, and a comment for each that it cannot.")

  @Flag(help: "As a rule file of Prometheus.") var prometheus = false
  @Argument(
    help: "Directories with rules.d and services.d, a later one winning file by file; without one, the system's.",
    completion: .directory)
  var directories: [String] = []

  func validate() throws {
    guard prometheus else { throw ValidationError("say as what: --prometheus") }
  }

  func run() async throws {
    let text = PrometheusRules(try OfflineRules.ruleSet(directories)).text
    Output.document(text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init))
  }
}

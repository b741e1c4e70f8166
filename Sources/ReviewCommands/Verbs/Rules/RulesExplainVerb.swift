import ArgumentParser
import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewWords

struct RulesExplainVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Rules as plain sentences and, where it can be said, as PromQL; without a daemon."
  )

  @OptionGroup var options: OutputOptions
  @Argument(help: "The rule's id; all without it.") var rule: String?
  @Option(
    name: .customLong("rules"),
    help: ArgumentHelp("A directory with rules.d and services.d; without it, the system's.", valueName: "dir"),
    completion: .directory)
  var directories: [String] = []

  private struct Explanation: Encodable {
    let id: String, title: String, sentence: String
    /// One of the two.
    let promql: String?, noPromql: String?
  }

  func run() async throws {
    let ruleSet = try OfflineRules.ruleSet(directories)
    if let rule, ruleSet.rule(rule) == nil {
      throw Problem(.notFound, "there is no rule '\(rule)'" + meant(rule, among: ruleSet.rules.map(\.id)))
    }
    let explanations = ruleSet.rules.filter { rule == nil || $0.id == rule }.map { explanation($0, ruleSet) }
    if options.output == .json { return try Output.json(explanations) }
    Output.print(Array(explanations.map(lines).joined(separator: [""])))
  }

  private func explanation(_ rule: Rule, _ ruleSet: RuleSet) -> Explanation {
    let sentence = Sentences(ruleSet: ruleSet).sentence(rule)
    return switch PrometheusRules(ruleSet).expression(rule) {
    case .success(let expression):
      Explanation(id: rule.id, title: rule.title, sentence: sentence, promql: expression, noPromql: nil)
    case .failure(let obstacle):
      Explanation(id: rule.id, title: rule.title, sentence: sentence, promql: nil, noPromql: obstacle.description)
    }
  }

  private func lines(_ explanation: Explanation) -> [String] {
    let width = min(Terminal.output.width, 100) - 2
    let query = explanation.promql.map { "PromQL: \($0)" } ?? "Not in PromQL: \(explanation.noPromql ?? "")."
    return ["\(explanation.title)  (\(explanation.id))".bold()]
      + explanation.sentence.wrapped(to: width).map { "  \($0)" }
      + query.wrapped(to: width).map { "  \($0)".coloured(.faint) }
  }
}

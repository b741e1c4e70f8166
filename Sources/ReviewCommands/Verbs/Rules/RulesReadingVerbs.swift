import ArgumentParser
import ReviewAPI
import ReviewEngine
import ReviewFiles

struct RulesListVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "The rules in force.")

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let list = try await global.client.rules()
    try global.show(
      list,
      table: {
        var table = Table([
          Table.Column(title: "RULE"), Table.Column(title: "KIND"), Table.Column(title: "TITLE", isFlexible: true),
          Table.Column(title: "SERVICES", isNumber: true), Table.Column(title: "OPEN", isNumber: true),
          Table.Column(title: "UNKNOWN", isNumber: true),
        ])
        for rule in list.rules {
          table.add([rule.id, rule.kind, rule.title, "\(rule.services)", "\(rule.openReviews)", "\(rule.unknownCount)"])
        }
        return table
      }, ifEmpty: "no rules")
  }
}

struct RulesShowVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "One rule in force, as it is written and in words.")

  @OptionGroup var global: GlobalOptions
  @Argument(help: "The rule's id.") var rule: String

  func run() async throws {
    guard let found = try await global.client.rules().rules.first(where: { $0.id == rule }) else {
      throw Problem(.notFound, "there is no rule '\(rule)'")
    }
    try global.show(found) {
      [found.title.bold()] + found.sentence.wrapped(to: min(Terminal.output.width, 100)) + [""]
        + found.text.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
    }
  }
}

struct RulesExplainVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "explain", abstract: "Rules as plain sentences, without a daemon.")

  @OptionGroup var options: OutputOptions
  @Argument(help: "The rule's id; all without it.") var rule: String?
  @Option(
    name: .customLong("rules"), help: ArgumentHelp("A directory with rules.d and services.d; without it, the system's.", valueName: "dir"),
    completion: .directory)
  var directories: [String] = []

  private struct Explanation: Encodable {
    let id: String, title: String, sentence: String
  }

  func run() async throws {
    let read = RuleSetReader.read(try OfflineRules.files(directories))
    guard let ruleSet = read.ruleSet else {
      Output.print(read.errors.map(\.description))
      throw ExitCode(1)
    }
    if let rule, ruleSet.rule(rule) == nil { throw Problem(.notFound, "there is no rule '\(rule)'") }
    let sentences = Sentences(ruleSet: ruleSet)
    let explanations = ruleSet.rules.filter { rule == nil || $0.id == rule }.map {
      Explanation(id: $0.id, title: $0.title, sentence: sentences.sentence($0))
    }
    if options.output == .json { return try Output.json(explanations) }
    let width = min(Terminal.output.width, 100) - 2
    Output.print(explanations.flatMap { ["\($0.title)  (\($0.id))".bold()] + $0.sentence.wrapped(to: width).map { "  \($0)" } })
  }
}

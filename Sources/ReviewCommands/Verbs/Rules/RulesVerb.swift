import ArgumentParser

struct RulesVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "Check, read and try rules.",
    subcommands: [
      RulesCheckVerb.self, RulesListVerb.self, RulesShowVerb.self, RulesExplainVerb.self, RulesTestVerb.self,
      RulesReplayVerb.self, RulesDiffVerb.self, RulesExportVerb.self, RulesReloadVerb.self,
    ])
}

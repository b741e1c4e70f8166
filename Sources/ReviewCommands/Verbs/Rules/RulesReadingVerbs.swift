import ArgumentParser
import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewWords

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
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One rule in force, as it is written and in words.")

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

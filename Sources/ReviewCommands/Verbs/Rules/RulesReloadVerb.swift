import ArgumentParser
import ReviewAPI
import ReviewEngine

struct RulesReloadVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload", abstract: "Let the daemon read its rules again, and wait for what it says.",
    discussion:
      "Exits with 0 if they are in force, with 1 if they have errors: the ones before then stay. 'systemctl reload' runs it."
  )

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let answer = try await global.client.reload()
    try global.show(answer) {
      if answer.problems.isEmpty {
        return answer.warnings.flatMap(\.textLines) + [
          "\(counted(answer.rules, "rule")) for \(counted(answer.services, "service")) in force"
        ]
      }
      return answer.problems.flatMap(\.textLines) + [
        "\(counted(answer.problems.count, "error")): the rules that were in force before stay in force"
      ]
    }
    if !answer.problems.isEmpty { throw ExitCode(1) }
  }
}

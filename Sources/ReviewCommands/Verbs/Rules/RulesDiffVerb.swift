import ArgumentParser
import ReviewAPI
import ReviewEngine

struct RulesDiffVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "What other rules would change, compared with those in force; nothing is written.")

  @OptionGroup var global: GlobalOptions
  @Argument(
    help: "Directories with rules.d and services.d, a later one winning file by file.", completion: .directory)
  var directories: [String]

  func run() async throws {
    let files = try OfflineRules.withoutErrors(directories)
    let diff = try await global.client(timeoutSeconds: 600).diff(DiffRequest(files: files))
    try global.show(diff) { DiffText(diff: diff).lines }
  }
}

/// What would change, as text.
private struct DiffText {
  let diff: RuleDiff
  let saying = Saying()

  private var width: Int { min(Terminal.output.width, 100) }

  var lines: [String] {
    let parts = [
      rules("Added", diff.added, "+"), rules("Removed", diff.removed, "-"),
      meanings,
      rules("Changed in wording only: what they remember stays", diff.changedInWording, "~"), declarations, opens,
      dueDays,
    ].filter { !$0.isEmpty }
    if parts.isEmpty { return ["nothing would change: \(counted(diff.unchanged, "rule")) as in force"] }
    return Array(parts.joined(separator: [""])) + ["", "\(counted(diff.unchanged, "rule")) unchanged"]
  }

  private func rules(_ title: String, _ rules: [RuleName], _ mark: String) -> [String] {
    rules.isEmpty ? [] : [title.bold()] + rules.map { "  \(mark) \($0.id)  \($0.title)".fitted(to: width) }
  }

  private var meanings: [String] {
    diff.changedInMeaning.isEmpty
      ? []
      : ["Changed in meaning: what they remember begins anew".bold()]
        + diff.changedInMeaning.flatMap { rule in
          ["  ! \(rule.id)  \(rule.title)".fitted(to: width)] + said("was", rule.before) + said("is ", rule.after)
        }
  }

  private func said(_ when: String, _ sentence: String) -> [String] {
    sentence.wrapped(to: max(20, width - 10)).enumerated().map { place, line in
      "      \(place == 0 ? when : "   ") \(line)".coloured(.faint)
    }
  }

  private var declarations: [String] {
    diff.declarations.isEmpty
      ? []
      : ["Declared otherwise".bold()]
        + diff.declarations.map { declaration in
          let mark = declaration.change == "added" ? "+" : declaration.change == "removed" ? "-" : "~"
          let keys = declaration.keys.isEmpty ? "" : ": \(declaration.keys.joined(separator: ", "))"
          return "  \(mark) \(declaration.kind.replacing("_", with: " ")) \(declaration.id)\(keys)".fitted(to: width)
        }
  }

  private var opens: [String] {
    diff.opens.isEmpty
      ? []
      : ["Reviews that would open or be joined now".bold()]
        + diff.opens.flatMap { review in
          entry(
            "\(subject(review.service, review.customer))  \(review.rule), due \(saying.due(review.due))", review.because
          )
        }
  }

  private var dueDays: [String] {
    diff.dueDays.isEmpty
      ? []
      : ["Due days that would move".bold()]
        + diff.dueDays.flatMap { change in
          let move = "\(change.before ?? "none") → \(change.after ?? "none")"
          let what = change.review.map { "open review \($0)" } ?? change.rule
          return entry("\(subject(change.service, change.customer))  \(what): \(move)", change.because)
        }
  }

  private func entry(_ head: String, _ because: String) -> [String] {
    ["  \(head)".fitted(to: width)] + because.wrapped(to: max(20, width - 4)).map { "    \($0)".coloured(.faint) }
  }

  private func subject(_ service: String?, _ customer: String?) -> String { service ?? "customer \(customer ?? "")" }
}

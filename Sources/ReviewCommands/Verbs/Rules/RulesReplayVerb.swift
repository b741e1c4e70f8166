import ArgumentParser
import ReviewAPI
import ReviewEngine
import ReviewFiles

struct RulesReplayVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "The reviews that rules would have opened in the past; nothing is written.")

  @OptionGroup var global: GlobalOptions
  @Option(parsing: .unconditional, help: ArgumentHelp("From when: \(TimeInput.help).", valueName: "time")) var from:
    TimeInput
  @Option(parsing: .unconditional, help: ArgumentHelp("Until when; now without it.", valueName: "time")) var to:
    TimeInput?
  @Option(help: "What is assumed of the reviews, which nobody held: due (completed when due), at-once or never.")
  var assumeCompleted =
    "due"
  @Option(
    name: .customLong("rules"),
    help: ArgumentHelp("Try the rules of this directory; without it, those in force.", valueName: "dir"),
    completion: .directory)
  var directories: [String] = []

  func run() async throws {
    let files = directories.isEmpty ? nil : try OfflineRules.withoutErrors(directories)
    let saying = Saying()
    let request = ReplayRequest(
      from: from.instant(in: .utc).description, to: (to?.instant(in: .utc) ?? saying.now).description,
      assumeCompleted: assumeCompleted,
      files: files)
    let answer = try await global.client(timeoutSeconds: 600).replay(request)
    try global.show(answer, table: { table(answer, saying) }, ifEmpty: "no reviews")
    if global.output == .table {
      Output.print(
        "\(answer.reviews.count) reviews from \(answer.from) to \(answer.to); \(assumption(answer.assumedCompleted))")
    }
  }

  private func table(_ answer: ReplayAnswer, _ saying: Saying) -> Table {
    var table = Table([
      Table.Column(title: "OPENED"), Table.Column(title: "DUE"), Table.Column(title: "COMPLETED"),
      Table.Column(title: "SERVICE", isFlexible: true),
      Table.Column(title: "RULE", isFlexible: true), Table.Column(title: "TRIGGERS", isNumber: true),
    ])
    for review in answer.reviews {
      let completed = review.completed.map { "\($0.prefix(16))Z" } ?? ""
      table.add([
        "\(review.opened.prefix(16))Z", review.due, completed, review.service ?? "customer \(review.customer ?? "")",
        review.rule,
        "\(review.triggers)",
      ])
    }
    return table
  }

  private func assumption(_ word: String) -> String {
    switch word {
    case "at-once": "each is assumed completed when it opens"
    case "never": "none is assumed completed"
    default: "each is assumed completed when it is due"
    }
  }
}

import ArgumentParser
import ReviewAPI
import ReviewEngine

struct ListVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The pending reviews, or others, by due day.")

  @OptionGroup var global: GlobalOptions
  @Option(help: ArgumentHelp("Only reviews of this service.", valueName: "id")) var service: String?
  @Option(
    help: "pending, scheduled, conducted, overdue, open, completed, cancelled or all.",
    completion: .list(["pending", "scheduled", "conducted", "overdue", "open", "completed", "cancelled", "all"]))
  var state = "open"
  @Option(help: ArgumentHelp("Only what is due within this time, such as 14d.", valueName: "span")) var dueWithin:
    SpanInput?
  @Flag(help: "Only services that I am a stakeholder of.") var mine = false

  func run() async throws {
    let saying = Saying()
    let through = dueWithin.map { Zone.utc.day(of: saying.now + $0.elapsed).description }
    var page = ReviewPage(reviews: [], next: nil)
    repeat {
      let query: [(Parameter, String?)] = [
        (.state, state), (.service, service), (.dueThrough, through), (.person, mine ? userName() : nil),
        (.limit, "1000"),
        (.after, page.next),
      ]
      let next = try await global.client.reviews(query)
      page = ReviewPage(reviews: page.reviews + next.reviews, next: next.next)
    } while page.next != nil
    if global.output == .csv { return global.csv(csvTable(page.reviews)) }
    try global.show(
      page, table: { reviewTable(page.reviews, saying) }, ifEmpty: "no \(state == "all" ? "" : state + " ")reviews")
  }
}

/// For programs: ids and ISO 8601, the same columns whatever is in them.
private func csvTable(_ reviews: [ReviewBody]) -> Table {
  let titles = [
    "ID", "DUE", "SERVICES", "RULE", "TITLE", "STATE", "OVERDUE", "PRIORITY", "OPENED", "SCHEDULED", "CONDUCTED",
    "CLOSED", "TRIGGERS",
  ]
  var table = Table(titles.map { Table.Column(title: $0) })
  for review in reviews {
    table.add([
      review.id, review.due, review.services.joined(separator: " "), review.rule ?? "", review.title, review.state,
      "\(review.overdue)",
      review.priority, review.opened, review.scheduled ?? "", review.conducted ?? "", review.closed ?? "",
      "\(review.triggerCount)",
    ])
  }
  return table
}

func reviewTable(_ reviews: [ReviewBody], _ saying: Saying) -> Table {
  let showsState = reviews.contains { $0.state != "pending" }
  var columns = [
    Table.Column(title: "REVIEW"), Table.Column(title: "DUE"), Table.Column(title: "SERVICE", isFlexible: true),
    Table.Column(title: "REASON", isFlexible: true),
  ]
  if showsState { columns.append(Table.Column(title: "STATE")) }
  var table = Table(columns)
  for review in reviews {
    let saying = saying.inZone(review.zone)
    var cells = [review.shortId, saying.due(review.due), review.services.joined(separator: ", "), review.title]
    if showsState { cells.append(stateWords(review, saying)) }
    table.add(cells, saying.urgency(due: review.due, state: review.state))
  }
  return table
}

func stateWords(_ review: ReviewBody, _ saying: Saying) -> String {
  if review.state == "scheduled", let time = review.scheduled { return "meets \(saying.time(time))" }
  return review.state
}

import ArgumentParser
import ReviewAPI
import ReviewEngine

struct ShowVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Everything about a review: why it exists, with the figures of that moment.")

  @OptionGroup var global: GlobalOptions
  @Argument(help: "The review's id, or its beginning.") var review: String

  @Flag(help: "All triggers and all of the history, where these are many.") var all = false

  func run() async throws {
    let client = global.client
    var detail = try await client.review(review)
    if all { try await complete(&detail, client) }
    try global.show(detail) { ReviewText(detail).lines }
  }

  /// Asks page by page for what the daemon left out.
  private func complete(_ detail: inout ReviewDetail, _ client: ReviewClient) async throws {
    let id = detail.review.id
    if detail.triggersLeftOut != nil {
      var page = try await client.triggers(ofReview: id)
      detail.triggers = page.triggers
      while let next = page.next {
        page = try await client.triggers(ofReview: id, after: next)
        detail.triggers += page.triggers
      }
      detail.triggersLeftOut = nil
    }
    if detail.historyLeftOut != nil {
      var page = try await client.history(ofReview: id)
      detail.history = page.history
      while let next = page.next {
        page = try await client.history(ofReview: id, after: next)
        detail.history += page.history
      }
      (detail.historyLeftOut, detail.historyLeftOutAfter) = (nil, nil)
    }
  }
}

struct OpenVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "open", abstract: "Open a review by hand.")

  @OptionGroup var global: GlobalOptions
  @Option(help: ArgumentHelp("The service to review.", valueName: "id")) var service: String
  @Option(help: ArgumentHelp("Why.", valueName: "text")) var reason: String
  @Option(parsing: .unconditional, help: ArgumentHelp("The due day; ten days from now without it.", valueName: "day"))
  var due: DayInput?

  func run() async throws {
    let client = global.client
    var day: Day?
    if let due { day = due.day(in: zone(named: try await client.service(service).service.zone)) }
    let answer = try await client.open(OpenRequest(service: service, reason: reason, due: day?.description))
    try report(answer, "opened", global)
  }
}

struct ScheduleVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "schedule", abstract: "Set the time of the meeting.")

  @OptionGroup var global: GlobalOptions
  @Argument(help: "The review's id, or its beginning.") var review: String
  @Option(parsing: .unconditional, help: ArgumentHelp("When: \(TimeInput.help).", valueName: "time")) var at: TimeInput

  func run() async throws {
    let client = global.client
    let request = TransitionRequest(at: try await client.instant(at, ofReview: review).description)
    try report(try await client.transition(review, Endpoints.schedule, request), "scheduled", global)
  }
}

struct ConductVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "conduct", abstract: "Say that the meeting was held.")

  @OptionGroup var global: GlobalOptions
  @Argument(help: "The review's id, or its beginning.") var review: String
  @Option(parsing: .unconditional, help: ArgumentHelp("When; now without it.", valueName: "time")) var at: TimeInput?

  func run() async throws {
    let client = global.client
    var instant: Instant?
    if let at { instant = try await client.instant(at, ofReview: review) }
    try report(
      try await client.transition(review, Endpoints.conduct, TransitionRequest(at: instant?.description)), "conducted",
      global)
  }
}

struct CompleteVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "complete", abstract: "Record the outcome and close the review, from any open state.")

  @OptionGroup var global: GlobalOptions
  @Argument(help: "The review's id, or its beginning.") var review: String
  @Option(help: ArgumentHelp("What was found and agreed.", valueName: "text")) var outcome: String?
  @Option(help: ArgumentHelp("1 to 5.", valueName: "number")) var customerSatisfaction: Double?
  @Option(help: ArgumentHelp("1 to 5.", valueName: "number")) var providerSatisfaction: Double?

  func run() async throws {
    let request = TransitionRequest(
      outcome: outcome, providerSatisfaction: providerSatisfaction, customerSatisfaction: customerSatisfaction)
    try report(try await global.client.transition(review, Endpoints.complete, request), "completed", global)
  }
}

struct CancelVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Close a review that will not be held.")

  @OptionGroup var global: GlobalOptions
  @Argument(help: "The review's id, or its beginning.") var review: String
  @Option(help: ArgumentHelp("Why.", valueName: "text")) var reason: String

  func run() async throws {
    try report(
      try await global.client.transition(review, Endpoints.cancel, TransitionRequest(reason: reason)), "cancelled",
      global)
  }
}

private func report(_ answer: TransitionAnswer, _ done: String, _ global: GlobalOptions) throws {
  try global.show(answer) {
    let review = answer.review
    let what = "\(review.shortId)  \(review.title), \(review.services.joined(separator: ", "))"
    return [answer.changed ? "\(done) \(what)" : "already \(done): \(what)"]
  }
}

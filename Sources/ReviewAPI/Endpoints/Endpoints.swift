/// The table of endpoints: all that the daemon answers.
package enum Endpoints {
  // MARK: The daemon

  package static let health = Endpoint<NoBody, Bytes>.get("/healthz", "whether it works")
  package static let metrics = Endpoint<NoBody, Bytes>.get("/metrics", "its figures, for Prometheus")
  package static let status = Endpoint<NoBody, StatusBody>.get("/v1/status", "how the daemon is")
  package static let reload = Endpoint<NoBody, ReloadAnswer>.post("/v1/reload", "reads the rules again", .administer)
  package static let diagnosis = Endpoint<NoBody, Diagnosis>.get(
    "/v1/diagnosis", "looks through the whole database", .administer)
  package static let backup = Endpoint<NoBody, Bytes>.get(
    "/v1/backup", "the database as of now, as a file of SQLite", .administer)

  // MARK: Reviews

  package static let reviews = Endpoint<NoBody, ReviewPage>.get(
    "/v1/reviews", "a page of reviews by due day", .read, [.state, .service, .dueThrough, .person, .limit, .after])
  package static let review = Endpoint<NoBody, ReviewDetail>.get(
    "/v1/reviews/{id}", "everything about one", errors: [.ambiguous])
  package static let triggers = Endpoint<NoBody, TriggerPage>.get(
    "/v1/reviews/{id}/triggers", "a page of what asked for it", .read, [.limit, .after], errors: [.ambiguous])
  package static let history = Endpoint<NoBody, HistoryPage>.get(
    "/v1/reviews/{id}/history", "a page of what happened to it", .read, [.limit, .after], errors: [.ambiguous])
  package static let open = Endpoint<OpenRequest, TransitionAnswer>.post(
    "/v1/reviews", "opens one by hand", .work, takes: ["service", "reason", "due?"], errors: [.refused], status: 201)
  package static let schedule = transition("schedule", "says when the meeting is", takes: ["at"])
  package static let conduct = transition("conduct", "says that it was held", takes: ["at?"])
  package static let complete = transition(
    "complete", "records what came of it", takes: ["outcome?", "customer_satisfaction?", "provider_satisfaction?"])
  package static let cancel = transition("cancel", "ends it without a meeting", takes: ["reason"])

  private static func transition(_ verb: String, _ summary: String, takes keys: [String]) -> Endpoint<
    TransitionRequest, TransitionAnswer
  > {
    .post("/v1/reviews/{id}/\(verb)", summary, .work, takes: keys, errors: [.ambiguous, .refused])
  }

  // MARK: What is declared, and what it makes of past and future

  package static let services = Endpoint<NoBody, ServiceList>.get("/v1/services", "all services")
  package static let service = Endpoint<NoBody, ServiceDetail>.get("/v1/services/{id}", "everything about one")
  package static let rules = Endpoint<NoBody, RuleList>.get("/v1/rules", "the rules in force, with what they counted")
  package static let forecast = Endpoint<NoBody, Forecast>.get(
    "/v1/forecast", "the interval reviews to come", .read, [.through, .service])
  package static let forecastOfOthers = Endpoint<ForecastRequest, Forecast>.post(
    "/v1/forecast", "the same with other rules", .read, takes: ["through?", "service?", "files"],
    upTo: largestFilesByteCount)
  package static let diff = Endpoint<DiffRequest, RuleDiff>.post(
    "/v1/diff", "what other rules would change", .read, takes: ["files"], upTo: largestFilesByteCount)
  package static let replay = Endpoint<ReplayRequest, ReplayAnswer>.post(
    "/v1/replay", "what rules make of the past", .read, takes: ["from", "to", "assume_completed", "files?"],
    upTo: largestFilesByteCount)

  /// All files of a rule set, which are 16 MiB together at most, as JSON.
  private static let largestFilesByteCount = 20 << 20

  // MARK: What comes in

  package static let samples = Endpoint<Bytes, SamplesAnswer>.post(
    "/v1/samples", "takes samples", .ingest, [.format, .firstLine], ["text/csv", "application/jsonl"], upTo: 16 << 20)
  package static let events = Endpoint<Bytes, EventsAnswer>.post(
    "/v1/events", "takes CloudEvents 1.0: one, a list, or lines", .ingest, [.firstLine],
    ["application/cloudevents+json"], upTo: 4 << 20)

  /// Every operation, in the order of the documentation.
  package static let all: [Operation] = [
    health.operation, status.operation, diagnosis.operation, backup.operation, metrics.operation, reload.operation,
    reviews.operation,
    review.operation, triggers.operation, history.operation, open.operation, schedule.operation, conduct.operation,
    complete.operation,
    cancel.operation, services.operation, service.operation, rules.operation, forecast.operation,
    forecastOfOthers.operation,
    diff.operation, replay.operation, samples.operation, events.operation,
  ]
}

import ArgumentParser
import ReviewAPI
import ReviewEngine

struct ServicesVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "services", abstract: "The services, with what is open and what comes next.")

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let list = try await global.client.services()
    let saying = Saying()
    try global.show(
      list,
      table: {
        var table = Table([
          Table.Column(title: "SERVICE", isFlexible: true), Table.Column(title: "CUSTOMER", isFlexible: true),
          Table.Column(title: "OPEN", isNumber: true), Table.Column(title: "OVERDUE", isNumber: true),
          Table.Column(title: "NEXT INTERVAL REVIEW", isFlexible: true),
        ])
        for service in list.services {
          let isCsv = global.output == .csv
          let next =
            service.nextReview.map {
              isCsv ? "\($0.due) \($0.rule)" : "\(saying.inZone(service.zone).due($0.due)) (\($0.rule))"
            } ?? ""
          table.add(
            [service.id, service.customer ?? "", "\(service.openReviews)", "\(service.overdueReviews)", next],
            service.overdueReviews > 0 ? .late : .normal)
        }
        return table
      }, ifEmpty: "no services")
  }
}

struct ServiceVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "service", abstract: "One service: targets beside what was achieved, reviews, and what comes next.")

  @OptionGroup var global: GlobalOptions
  @Argument(help: "The service's id.") var service: String

  func run() async throws {
    let detail = try await global.client.service(service)
    try global.show(detail) { ServiceText(detail: detail).lines }
  }
}

/// Everything about one service, as text.
private struct ServiceText {
  let detail: ServiceDetail
  let saying: Saying

  init(detail: ServiceDetail) {
    self.detail = detail
    saying = Saying().inZone(detail.service.zone)
  }

  var lines: [String] {
    [head, targets, indicators, reviews, upcoming, changes].filter { !$0.isEmpty }.joined(separator: [""]).map { $0 }
  }

  private var head: [String] {
    let service = detail.service
    var fields: [(String, String?)] = [
      ("customer", service.customer), ("relationship", service.relationship), ("offering", service.offering),
      ("journey", service.journey), ("time zone", service.zone == "UTC" ? nil : service.zone),
      ("expectations", service.expectations),
      ("in service since", service.inServiceSince.map { saying.date(ofDay: $0) }),
      ("in service until", service.inServiceUntil.map { saying.date(ofDay: $0) }),
    ]
    let labels = service.labels.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    if !labels.isEmpty { fields.append(("labels", labels)) }
    for role in detail.stakeholders {
      fields.append((role.role.replacing("_", with: " "), role.people.joined(separator: ", ")))
    }
    return ["\(service.name)  \(service.id)".bold()]
      + fields.compactMap { name, value in value.map { "  " + name.padded(to: 20) + $0 } }
  }

  private var targets: [String] {
    detail.targets.isEmpty
      ? []
      : ["Targets".bold()]
        + detail.targets.map { target in
          let window = target.window.map { " \($0)" } ?? ""
          let agreed =
            "\(target.statistic) of \(target.title)\(window) \(target.comparison.replacing("_", with: " ")) \(plain(target.number)) \(target.unit)"
          let achieved = target.achieved.map { "\(plain($0)), \(target.met == "true" ? "met" : "missed")" } ?? "unknown"
          return "  \(agreed): \(achieved)".coloured(
            target.met == "false" ? .late : target.met == "true" ? .planned : .soon)
        }
  }

  private var indicators: [String] {
    detail.indicators.isEmpty
      ? []
      : ["Newest figures".bold()]
        + detail.indicators.map { indicator in
          let stale = indicator.stale ? ", stale" : ""
          return
            "  \(indicator.title): \(plain(indicator.latest)) \(indicator.unit), \(saying.time(indicator.time))\(stale)"
        }
  }

  private var reviews: [String] {
    detail.reviews.isEmpty ? [] : ["Reviews".bold()] + reviewTable(detail.reviews, saying).lines().map { "  \($0)" }
  }

  private var upcoming: [String] {
    detail.upcoming.isEmpty
      ? []
      : ["Coming".bold()]
        + detail.upcoming.flatMap { review in
          let whole = review.customer.map { ", all services of \($0)" } ?? ""
          return ["  \(review.title)\(whole), due \(saying.due(review.due)), opens \(saying.time(review.opens))"]
            + indented(review.because)
        }
  }

  private var changes: [String] {
    detail.dueChanges.isEmpty
      ? []
      : ["How due days came about".bold()]
        + detail.dueChanges.flatMap { change in
          let before = change.before.map { ", moved from \($0)" } ?? ""
          return ["  \(saying.time(change.at))  \(change.rule): due \(change.after)\(before)"]
            + indented(change.because)
        }
  }

  private func indented(_ text: String) -> [String] {
    text.wrapped(to: max(20, min(Terminal.output.width, 100) - 4)).map { "    \($0)".coloured(.faint) }
  }
}

struct ForecastVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forecast",
    abstract: "The interval reviews to come that are due within a time, if each is held when it is due.")

  @OptionGroup var global: GlobalOptions
  @Option(help: ArgumentHelp("How far to look, such as 6mo.", valueName: "span")) var within: SpanInput?
  @Option(help: ArgumentHelp("Only this service.", valueName: "id")) var service: String?
  @Option(
    name: .customLong("rules"),
    help: ArgumentHelp("Try the rules of this directory; without it, those in force.", valueName: "dir"),
    completion: .directory)
  var directories: [String] = []

  func run() async throws {
    let saying = Saying()
    let through = within.map { (saying.now + $0.elapsed).description }
    let client = global.client(timeoutSeconds: 600)
    let forecast =
      directories.isEmpty
      ? try await client.forecast([(.through, through), (.service, service)])
      : try await client.forecast(
        ForecastRequest(through: through, service: service, files: try OfflineRules.withoutErrors(directories)))
    if global.output == .table { return Output.print(lines(forecast, saying)) }
    try global.show(forecast, table: { table(forecast) })
  }

  private func table(_ forecast: Forecast) -> Table {
    var table = Table(["DUE", "SERVICE", "RULE", "TITLE", "OPENS", "BECAUSE"].map { Table.Column(title: $0) })
    for review in forecast.reviews {
      table.add([
        review.due, review.service ?? "customer \(review.customer ?? "")", review.rule, review.title, review.opens,
        review.because,
      ])
    }
    return table
  }

  /// The arithmetic has a line of its own, because no terminal is wide enough for a column of it.
  private func lines(_ forecast: Forecast, _ saying: Saying) -> [String] {
    if forecast.reviews.isEmpty { return ["nothing is coming until \(saying.time(forecast.to))"] }
    let width = min(Terminal.output.width, 100)
    return forecast.reviews.flatMap { review in
      let head = "\(saying.due(review.due))  \(review.service ?? "customer \(review.customer ?? "")")  \(review.title)"
      return [head.fitted(to: width)]
        + review.because.wrapped(to: max(20, width - 4)).map { "    \($0)".coloured(.faint) }
    }
  }
}

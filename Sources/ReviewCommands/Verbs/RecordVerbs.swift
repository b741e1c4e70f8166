import ArgumentParser
import Foundation
import NIOCore
import NIOFoundationCompat
import ReviewAPI
import ReviewEngine

struct RecordVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "record", abstract: "Record one value of an indicator.")

  @OptionGroup var global: GlobalOptions
  @Argument(help: "The indicator's id.") var indicator: String
  @Argument(help: "The value.") var value: String
  @Option(help: ArgumentHelp("The service that it belongs to.", valueName: "id")) var service: String
  @Option(parsing: .unconditional, help: ArgumentHelp("When: \(TimeInput.help); now without it.", valueName: "time"))
  var at: TimeInput?

  private struct Line: Encodable {
    let time: String, service: String, indicator: String
    let value: Decimal
  }

  func run() async throws {
    guard let decimal = DecimalValue(value), let number = Decimal(string: decimal.description, locale: nil) else {
      throw ValidationError(
        Double(value) == nil ? "'\(value)' is not a number" : "\(value) has more than 18 digits before the point")
    }
    var time = Saying().now
    if let at { time = try await global.client.instant(at, ofService: service) }
    let line = Line(time: time.description, service: service, indicator: indicator, value: number)
    let body = ByteBuffer(data: try WireJson.encode(line))
    let answer = try await global.client.samples(body, format: "jsonl", firstLine: 1)
    if let refusal = answer.refusals.first { throw refusal.problem }
    try global.show(answer) {
      ["\(answer.known > 0 ? "already known" : "recorded"): \(indicator) of \(service) is \(decimal) at \(time)"]
    }
  }
}

extension Refusal {
  /// The same as an error of a verb that sends one thing.
  fileprivate var problem: Problem { Problem(code, reason) }
}

struct EventVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "event", abstract: "Tell of an event; the answer names the reviews that it opened or joined.")

  @OptionGroup var global: GlobalOptions
  @Argument(help: "The event's type.") var type: String
  @Option(help: ArgumentHelp("The service that it happened to.", valueName: "id")) var service: String
  @Option(parsing: .unconditional, help: ArgumentHelp("When: \(TimeInput.help); now without it.", valueName: "time"))
  var at: TimeInput?
  @Option(help: ArgumentHelp("What it is known by: the same id again is the same event.", valueName: "text")) var id:
    String?
  @Option(help: ArgumentHelp("Who tells of it.", valueName: "text")) var source = "reviewctl"
  @Argument(help: "Attributes, such as severity=1.") var attributes: [String] = []

  private struct Envelope: Encodable {
    let specversion = "1.0"
    let id: String, source: String, type: String, subject: String, time: String
    let data: [String: String]
  }

  func run() async throws {
    var time = Saying().now
    if let at { time = try await global.client.instant(at, ofService: service) }
    let envelope = Envelope(
      id: id ?? UUID().uuidString.lowercased(), source: source, type: type, subject: service,
      time: time.description, data: try data())
    let answer = try await global.client.events(ByteBuffer(data: try WireJson.encode(envelope)), firstLine: 1)
    if let refusal = answer.refusals.first { throw refusal.problem }
    try global.show(answer) { lines(answer, envelope.id) }
  }

  private func data() throws -> [String: String] {
    var data: [String: String] = [:]
    for attribute in attributes {
      let parts = attribute.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw ValidationError("'\(attribute)' is no attribute: write key=value")
      }
      guard data.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
        throw ValidationError("the attribute '\(parts[0])' is given twice")
      }
    }
    return data
  }

  private func lines(_ answer: EventsAnswer, _ id: String) -> [String] {
    let taken = answer.known > 0 ? "already known" : answer.revised > 0 ? "revised" : "taken"
    let effects = answer.effects.map { effect in
      switch effect.action {
      case "kept": "kept by the cooldown of \(effect.rule) until \(effect.keptUntil ?? "")"
      default: "\(effect.action) review \(effect.review ?? "") by \(effect.rule)"
      }
    }
    let old = answer.tooOld > 0 ? ["too old to trigger a review"] : []
    return ["\(taken): \(type) \(id) of \(service)"] + (effects + old).map { "  \($0)" }
  }
}

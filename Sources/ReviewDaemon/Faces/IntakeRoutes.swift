import Foundation
import Hummingbird
import NIOCore
import NIOFoundationCompat
import ReviewAPI
import ReviewFiles
import ReviewStore

/// `/v1/samples` and `/v1/events`: what monitoring, ITSM and survey tools send.
struct IntakeRoutes {
  let keeper: Keeper
  let settings: Settings
  let clock: any WallClock

  static let largestSampleBody = 16 << 20
  static let largestEventBody = 4 << 20

  func add(to router: Router<PeerContext>) {
    router.post("v1/samples") { request, _ in try Response(json: try await samples(request)) }
    router.post("v1/events") { request, _ in try Response(json: try await events(request)) }
  }

  private func samples(_ request: Request) async throws -> SamplesAnswer {
    let format = request.query("format") ?? "jsonl"
    let firstLine = try request.whole("first_line", default: format == "csv" ? 2 : 1, in: 1...Int.max)
    let body = try await request.body.collect(upTo: Self.largestSampleBody)
    let checker = SampleChecker(ruleSet: await keeper.ruleSet, settings: settings)
    let checked = try body.withUnsafeReadableBytes { bytes in
      switch format {
      case "csv": try CsvSamples.read(bytes, firstLine: firstLine, checker: checker)
      case "jsonl": JsonSamples.read(bytes, firstLine: firstLine, checker: checker)
      default: throw Problem(.badRequest, "'format' '\(format)' is none of csv, jsonl")
      }
    }
    let tally = try await keeper.take(checked.batch)
    var answer = checked.answer
    answer.taken = tally.taken
    answer.known = tally.known
    return answer
  }

  private func events(_ request: Request) async throws -> EventsAnswer {
    let firstLine = try request.whole("first_line", default: 1, in: 1...Int.max)
    let body = try await request.body.collect(upTo: Self.largestEventBody)
    var reader = CloudEvents(ruleSet: await keeper.ruleSet, settings: settings, now: clock.now())
    try reader.read(Data(buffer: body), firstLine: firstLine)
    var answer = try await keeper.take(reader.events)
    answer.refused = reader.answer.refused
    answer.refusals = reader.answer.refusals
    return answer
  }
}

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
  let hits: LimitHits
  /// Reads what is short, so that it does not wait for what is long.
  private let shortBodies = Workshop(label: "reviewd.intake.short", threads: 1)
  private let longBodies = Workshop(label: "reviewd.intake.long")

  init(keeper: Keeper, settings: Settings, clock: any WallClock, hits: LimitHits) {
    self.keeper = keeper
    self.settings = settings
    self.clock = clock
    self.hits = hits
  }

  private static let largestShortBody = 64 << 10
  /// One event is read at once, because handing it to another thread and back costs more. What is meant by a misspelt
  /// service is milliseconds where there are thousands: so much has room for a few of them, and not for twenty.
  private static let largestEventAtOnce = 512
  /// Much longer than the largest body takes.
  private static let readingSeconds = 60

  func add(to router: Router<PeerContext>) {
    router.on(Endpoints.samples) { try await samples($0) }
    router.on(Endpoints.events) { try await events($0) }
  }

  private func samples(_ call: Call<Bytes>) async throws -> SamplesAnswer {
    let format = try format(call)
    let firstLine = try call.firstLine(default: format == .csv ? 2 : 1)
    let checker = SampleChecker(ruleSet: keeper.ruleSet, settings: settings)
    return try await call.withBytes { body in
      let checked = try await read(body, call.caller) { bytes, budget in
        switch format {
        case .csv: try CsvSamples.read(bytes, firstLine: firstLine, checker: checker, checkpoint: budget.check)
        case .jsonl: try JsonSamples.read(bytes, firstLine: firstLine, checker: checker, checkpoint: budget.check)
        }
      }
      let tally = try await keeper.take(checked.batch)
      if let first = tally.refused.first {
        hits.note(
          .labelSets,
          "samples of \(first.indicator) of \(first.service) were refused, \(tally.refused.count) sets of labels in all"
        )
      }
      return checked.answer(tally)
    }
  }

  private enum Format: String { case csv, jsonl }

  private func format(_ call: Call<Bytes>) throws -> Format {
    let text = call.query(.format) ?? Format.jsonl.rawValue
    guard let format = Format(rawValue: text) else {
      throw Problem(.badRequest, "'format' '\(quoted(text))' is none of csv, jsonl")
    }
    return format
  }

  private func events(_ call: Call<Bytes>) async throws -> EventsAnswer {
    let firstLine = try call.firstLine(default: 1)
    let reader = CloudEvents(ruleSet: keeper.ruleSet, settings: settings, now: clock.now())
    return try await call.withBytes { body in
      let read = try await read(body, call.caller, atOnce: Self.largestEventAtOnce) { bytes, budget in
        var reader = reader
        try reader.read(Data(bytes), firstLine: firstLine, checkpoint: budget.check)
        return reader
      }
      var answer = try await keeper.take(read.events)
      answer.refused = read.answer.refused
      answer.refusals = read.answer.refusals
      return answer
    }
  }

  /// Reads a body off the threads that all share, unless it is no larger than what is read at once.
  private func read<Result: Sendable>(
    _ body: ByteBuffer, _ caller: CallerPresence, atOnce largest: Int = 0,
    _ reading: @escaping @Sendable (UnsafeRawBufferPointer, Budget) throws -> Result
  ) async throws -> Result {
    if body.readableBytes <= largest {
      let budget = Budget(caller: caller, seconds: Self.readingSeconds)
      return try body.withUnsafeReadableBytes { try reading($0, budget) }
    }
    let workshop = body.readableBytes <= Self.largestShortBody ? shortBodies : longBodies
    return try await workshop.run(seconds: Self.readingSeconds, caller: caller) { budget in
      try body.withUnsafeReadableBytes { try reading($0, budget) }
    }
  }
}

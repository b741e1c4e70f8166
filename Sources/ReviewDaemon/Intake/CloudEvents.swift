import Foundation
import ReviewAPI
import ReviewEngine
import ReviewFiles

/// Reads CloudEvents 1.0 in JSON: one, a batch, or a line each. `subject` is the service, `type` the event type, `data`
/// the attributes.
package struct CloudEvents {
  private var reader: EventReader
  package private(set) var events: [NumberedEvent] = []
  package private(set) var answer = EventsAnswer()

  static let largestCount = 2000

  package init(ruleSet: RuleSet, settings: Settings, now: Instant) {
    reader = EventReader(ruleSet: ruleSet, settings: settings, now: now)
  }

  /// - Parameter checkpoint: called now and then; what it throws ends the reading.
  package mutating func read(_ data: Data, firstLine: Int, checkpoint: () throws -> Void = {}) throws {
    try data.withUnsafeBytes { bytes in
      switch bytes.first(where: { $0 > 0x20 }) {
      case UInt8(ascii: "["): try readBatch(bytes, firstLine)
      case UInt8(ascii: "{"):
        if JsonElements.isOneValue(bytes) {
          try add(bytes, line: firstLine)
        } else {
          try readLines(bytes, firstLine, checkpoint)
        }
      default:
        throw Problem(
          .badRequest, "the body holds no CloudEvents: write one JSON object, a list of them, or one a line")
      }
    }
  }

  private mutating func readBatch(_ bytes: UnsafeRawBufferPointer, _ firstLine: Int) throws {
    guard let ranges = JsonElements.ranges(in: bytes, limit: Self.largestCount) else {
      throw Problem(.badRequest, "the body is not a JSON list of CloudEvents")
    }
    if ranges.count > Self.largestCount { throw Self.tooMany }
    for (index, range) in ranges.enumerated() {
      try add(UnsafeRawBufferPointer(rebasing: bytes[range]), line: firstLine.addingSaturated(index))
    }
  }

  private mutating func readLines(_ bytes: UnsafeRawBufferPointer, _ firstLine: Int, _ checkpoint: () throws -> Void)
    throws
  {
    var lines = LineReader(bytes: bytes, firstLine: firstLine)
    try lines.each(checkpoint: checkpoint) { line in
      if !line.isBlank { try add(line.bytes, line: line.number) }
    }
  }

  private mutating func add(_ bytes: UnsafeRawBufferPointer, line: Int) throws {
    guard events.count + answer.refused < Self.largestCount else { throw Self.tooMany }
    do { events.append(NumberedEvent(line: line, event: try reader.event(bytes))) } catch { refuse(line, error) }
  }

  private static var tooMany: Problem {
    Problem(.tooLarge, "more than \(largestCount) events in one request: send them in parts")
  }

  private mutating func refuse(_ line: Int, _ error: LineError) {
    answer.refused += 1
    if answer.refusals.count < SamplesAnswer.listedRefusals {
      answer.refusals.append(Refusal(line: line, code: error.code, reason: error.reason))
    }
  }
}

import Foundation
import ReviewEngine

/// Reads samples from JSON lines: `{"time":…,"service":…,"indicator":…,"value":…}`, `labels` optional.
package enum JsonSamples {
  private struct Line: Decodable {
    let time: String
    let service: String
    let indicator: String
    /// Decimal keeps the number as it is written, which a double does not.
    let value: Decimal
    let labels: [String: String]?
  }

  package static func read(_ bytes: UnsafeRawBufferPointer, firstLine: Int, checker: SampleChecker) -> SampleChecker {
    read(bytes, firstLine: firstLine, checker: checker) { () throws(Never) in }
  }

  /// - Parameter checkpoint: called now and then; what it throws ends the reading.
  package static func read<Failure: Error>(
    _ bytes: UnsafeRawBufferPointer, firstLine: Int, checker: SampleChecker, checkpoint: () throws(Failure) -> Void
  ) throws(Failure) -> SampleChecker {
    var checker = checker
    let decoder = JSONDecoder()
    var lines = LineReader(bytes: bytes, firstLine: firstLine)
    try lines.each(checkpoint: checkpoint) { line throws(Failure) in
      if !line.bytes.isEmpty { read(line, decoder, &checker) }
    }
    return checker
  }

  private static func read(_ line: LineReader.Line, _ decoder: JSONDecoder, _ checker: inout SampleChecker) {
    do {
      let decoded = try decode(line, decoder)
      let instant = try lineTime(decoded.time)
      guard let value = DecimalValue("\(decoded.value)") else {
        throw LineError(reason: "\("\(decoded.value)".quoted) has more than 18 digits before the point")
      }
      let labels = try Labels.canonical(decoded.labels ?? [:])
      let series = checker.series(
        service: decoded.service, indicator: decoded.indicator, labels: labels, line: line.number)
      checker.add(Sample(time: instant, value: value), to: series, line: line.number)
    } catch let error as LineError { checker.refuse(line: line.number, error) } catch {
      checker.refuse(line: line.number, LineError(reason: reason(error, line, decoder)))
    }
  }

  private static func decode(_ line: LineReader.Line, _ decoder: JSONDecoder) throws -> Line {
    if line.isTooLong { throw LineError.lineTooLong }
    if isTooDeep(line.bytes, limit: IntakeLimits.jsonDepth) { throw LineError.tooDeep }
    return try decoder.decode(Line.self, from: Data(line.bytes))
  }

  // The decoder says of a number that does not fit into Decimal what it says of a text that is no JSON.
  private static func reason(_ error: any Error, _ line: LineReader.Line, _ decoder: JSONDecoder) -> String {
    let reason = jsonReason(error)
    guard reason == notJson, let read = try? decoder.decode(JsonScalars.self, from: Data(line.bytes)),
      case .other? = read.scalars["value"]
    else { return reason }
    return "'value' is too large or too small a number"
  }
}

private let notJson = "not JSON"

/// What is wrong with a line of JSON, in a few words.
func jsonReason(_ error: any Error) -> String {
  switch error {
  case DecodingError.keyNotFound(let key, _): "'\(key.onTheWire.quoted)' is missing"
  case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
    path(context).isEmpty ? "not a JSON object" : "'\(path(context))' is of the wrong type"
  case DecodingError.dataCorrupted(let context) where !path(context).isEmpty: "'\(path(context))' is of the wrong type"
  default: notJson
  }
}

/// The keys that lead to a value, as they are written on the wire.
private func path(_ context: DecodingError.Context) -> String {
  context.codingPath.filter { $0.intValue == nil }.map(\.onTheWire).joined(separator: ".").quoted
}

extension CodingKey {
  fileprivate var onTheWire: String {
    stringValue.reduce(into: "") { text, character in
      text += character.isUppercase ? "_\(character.lowercased())" : String(character)
    }
  }
}

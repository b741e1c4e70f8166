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
    var checker = checker
    var lines = LineReader(bytes: bytes)
    let decoder = JSONDecoder()
    var number = firstLine
    while let line = lines.next() {
      if !line.isEmpty { read(Data(line), number, decoder, &checker) }
      number += 1
    }
    return checker
  }

  private static func read(_ data: Data, _ number: Int, _ decoder: JSONDecoder, _ checker: inout SampleChecker) {
    do {
      let line = try decoder.decode(Line.self, from: data)
      guard let time = Instant(line.time) else {
        return checker.refuse(line: number, "'\(line.time)' is not a time such as 2026-03-01T10:00:00Z")
      }
      guard let value = DecimalValue("\(line.value)") else {
        return checker.refuse(line: number, "\(line.value) has more than 18 digits before the point")
      }
      let labels = try Labels.canonical(line.labels ?? [:])
      let series = checker.series(service: line.service, indicator: line.indicator, labels: labels)
      checker.add(Sample(time: time, value: value), to: series, line: number)
    } catch let error as LabelError { checker.refuse(line: number, error.reason) } catch {
      checker.refuse(line: number, jsonReason(error))
    }
  }
}

/// What is wrong with a line of JSON, in a few words.
func jsonReason(_ error: any Error) -> String {
  switch error {
  case DecodingError.keyNotFound(let key, _): "'\(key.stringValue)' is missing"
  case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
    path(context).isEmpty ? "not a JSON object" : "'\(path(context))' is of the wrong type"
  case DecodingError.dataCorrupted(let context) where !path(context).isEmpty: "'\(path(context))' is of the wrong type"
  default: "not JSON"
  }
}

/// The keys that lead to a value, as they are written on the wire.
private func path(_ context: DecodingError.Context) -> String {
  context.codingPath.filter { $0.intValue == nil }.map { key in
    key.stringValue.reduce(into: "") { text, character in text += character.isUppercase ? "_\(character.lowercased())" : String(character) }
  }.joined(separator: ".")
}

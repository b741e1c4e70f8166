import Foundation
import Hummingbird
import NIOFoundationCompat
import ReviewAPI
import ReviewEngine

/// Reads the parts of a request, with a problem that says what was meant.
extension Request {
  func query(_ name: String) -> String? { uri.queryParameters[Substring(name)].map(String.init) }

  func whole(_ name: String, default standard: Int, in range: ClosedRange<Int>) throws -> Int {
    guard let text = query(name) else { return standard }
    guard let number = Int(text), range.contains(number) else {
      throw Problem(.badRequest, "'\(name)' must be a whole number from \(range.lowerBound) to \(range.upperBound), not '\(quoted(text))'")
    }
    return number
  }

  /// The number of the first line of a body in its file. No file has more lines, and no sum with one of a body overflows.
  func firstLine(default standard: Int) throws -> Int { try whole("first_line", default: standard, in: 1...1_000_000_000) }

  func json<Value: Decodable>(_: Value.Type = Value.self) async throws -> Value {
    try WireJson.decode(from: Data(buffer: try await body.collect(upTo: 4 << 20)))
  }
}

func instant(_ text: String?, _ name: String) throws -> Instant? {
  guard let text else { return nil }
  guard let instant = Instant(text) else {
    throw Problem(.badRequest, "'\(name)' must be a time such as 2026-03-01T10:00:00Z, not '\(text)'")
  }
  return instant
}

func day(_ text: String?, _ name: String) throws -> Day? {
  guard let text else { return nil }
  guard let day = Day(text) else { throw Problem(.badRequest, "'\(name)' must be a date such as 2026-03-01, not '\(text)'") }
  return day
}

private let largestFreeText = 4096

/// What a person wrote, without spaces around it; control characters would reach terminals and logs.
func freeText(_ text: String?, _ what: String) throws -> String? {
  guard let trimmed = text?.trimmingCharacters(in: .whitespacesAndNewlines) else { return nil }
  guard trimmed.count <= largestFreeText else { throw Problem(.tooLarge, "\(what) is longer than \(largestFreeText) characters") }
  guard !trimmed.unicodeScalars.contains(where: { $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t" }) else {
    throw Problem(.badRequest, "\(what) holds control characters")
  }
  return trimmed
}

/// The satisfaction of one side, 1 to 5.
func satisfaction(_ number: Double?, _ side: String) throws -> DecimalValue? {
  guard let number else { return nil }
  guard (1...5).contains(number), let value = DecimalValue("\(number)") else {
    throw Problem(.badRequest, "the satisfaction of the \(side) is from 1 to 5, not \(shortNumber(number))")
  }
  return value
}

/// A text that came with a request, as it may be shown: without anything hidden, and of a readable length.
func quoted(_ text: String) -> String {
  let longest = 100
  let start = text.unicodeScalars.prefix(longest)
  let isWhole = start.endIndex == text.unicodeScalars.endIndex
  return String(start).visible + (isWhole ? "" : "…")
}

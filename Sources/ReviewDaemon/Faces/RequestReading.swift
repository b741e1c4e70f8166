import Foundation
import Hummingbird
import NIOCore
import NIOFoundationCompat
import ReviewAPI
import ReviewEngine
import ReviewWords

/// Reads the parts of a request, with a problem that says what was meant.
extension Call {
  func query(_ parameter: Parameter) -> String? {
    request.uri.queryParameters[Substring(parameter.name)].map(String.init)
  }

  func whole(_ parameter: Parameter, default standard: Int, in range: ClosedRange<Int>) throws -> Int {
    guard let text = query(parameter) else { return standard }
    guard let number = Int(text), range.contains(number) else {
      throw Problem(
        .badRequest,
        "'\(parameter.name)' must be a whole number from \(range.lowerBound) to \(range.upperBound), not '\(quoted(text))'"
      )
    }
    return number
  }

  /// The number of the first line of a body in its file. No file has more lines, and no sum with one of a body
  /// overflows.
  func firstLine(default standard: Int) throws -> Int {
    try whole(.firstLine, default: standard, in: 1...1_000_000_000)
  }

  /// Reads the body and does something with it; there is room for both in memory until that is done.
  func withBytes<Result>(_ use: (ByteBuffer) async throws -> Result) async throws -> Result {
    let (largest, announced) = (operation.largestBodyByteCount, request.headers[.contentLength].flatMap { Int($0) })
    guard announced ?? 0 <= largest else { throw NIOTooManyBytesError(maxBytes: largest) }
    return try await context.inFlight.admit(announced ?? largest, context.presence) {
      context.bodyIsWanted()
      var whole = ByteBuffer()
      whole.reserveCapacity(min(announced ?? 0, largest))
      for try await var piece in request.body {
        guard whole.readableBytes + piece.readableBytes <= largest else {
          throw NIOTooManyBytesError(maxBytes: largest)
        }
        whole.writeBuffer(&piece)
      }
      return try await use(whole)
    }
  }
}

extension Call where Body: Decodable {
  func body() async throws -> Body {
    try await withBytes { bytes in
      let data = Data(buffer: bytes)
      if isTooDeep(data, limit: IntakeLimits.jsonDepth) {
        throw Problem(
          .badRequest, "the body has lists and objects more than \(IntakeLimits.jsonDepth) deep in one another")
      }
      try refuseUnknownKeys(data)
      return try WireJson.decode(from: data)
    }
  }

  /// A misspelt key would say nothing, and the answer would look as if it had.
  private func refuseUnknownKeys(_ data: Data) throws {
    let known = operation.bodyKeys
    let given = try JSONDecoder().decode(KeysOfObject.self, from: data).keys
    guard let unknown = given.filter({ !known.contains($0) }).min() else { return }
    let near = meant(unknown, among: known)
    throw Problem(
      .badRequest,
      "\(operation.method.rawValue) \(operation.path) takes no '\(quoted(unknown))'"
        + (near.isEmpty ? ": it takes \(known.joined(separator: ", "))" : near))
  }
}

/// The keys of an object of JSON, whatever they stand for.
private struct KeysOfObject: Decodable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  let keys: [String]

  init(from decoder: any Decoder) throws { keys = try decoder.container(keyedBy: Key.self).allKeys.map(\.stringValue) }
}

func instant(_ text: String?, _ name: String) throws -> Instant? {
  guard let text else { return nil }
  guard let instant = Instant(text) else {
    throw Problem(.badRequest, "'\(name)' must be a time such as 2026-03-01T10:00:00Z, not '\(quoted(text))'")
  }
  return instant
}

func day(_ text: String?, _ name: String) throws -> Day? {
  guard let text else { return nil }
  guard let day = Day(text) else {
    throw Problem(.badRequest, "'\(name)' must be a date such as 2026-03-01, not '\(quoted(text))'")
  }
  return day
}

private let largestFreeText = 4096
private let largestFreeTextBytes = 16 << 10

/// What a person wrote, without spaces around it; control characters would reach terminals and logs.
func freeText(_ text: String?, _ what: String) throws -> String? {
  guard let trimmed = text?.trimmingCharacters(in: .whitespacesAndNewlines) else { return nil }
  guard trimmed.utf8.count <= largestFreeTextBytes else {
    throw Problem(.tooLarge, "\(what) is longer than \(largestFreeTextBytes >> 10) KiB")
  }
  guard trimmed.count <= largestFreeText else {
    throw Problem(.tooLarge, "\(what) is longer than \(largestFreeText) characters")
  }
  guard
    !trimmed.unicodeScalars.contains(where: { $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t" })
  else {
    throw Problem(.badRequest, "\(what) holds control characters")
  }
  return trimmed
}

/// The satisfaction of one side.
func satisfaction(_ number: Double?, _ side: String) throws -> DecimalValue? {
  guard let number else { return nil }
  guard let value = DecimalValue("\(number)") else {
    throw Problem(
      .badRequest, "the satisfaction of the \(side) is no number that can be stored: \(shortNumber(number))")
  }
  return value
}

/// A text that came with a request, as it may be shown: without anything hidden, and of a readable length.
func quoted(_ text: String) -> String {
  let longest = 100
  let start = text.unicodeScalars.prefix(longest)
  let isWhole = start.endIndex == text.unicodeScalars.endIndex
  return String(text[..<start.endIndex]).visible + (isWhole ? "" : "…")
}

extension PeerContext {
  /// The id in the path. One that does not read as an id is never taken for a beginning of all others.
  ///
  /// - Parameter what: what has such ids.
  func id(of what: String) throws -> String {
    let written = parameters.get("id") ?? ""
    let id = written.removingPercentEncoding?.lowercased() ?? ""
    guard (1...Self.longestId).contains(id.utf8.count), id.utf8.allSatisfy({ $0.isOfId }) else {
      throw Problem(
        .badRequest,
        "'\(quoted(written))' is not the id of a \(what): ids are lower-case letters, digits, '-' and '_', at most \(Self.longestId)"
      )
    }
    return id
  }

  private static let longestId = 200
}

extension UInt8 {
  /// Whether ids are made of it.
  var isOfId: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

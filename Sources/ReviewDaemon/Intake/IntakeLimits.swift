import ReviewAPI
import ReviewEngine

/// How much one line may hold; a refusal names the limit that it ran into.
enum IntakeLimits {
  static let lineKibibytes = 64
  /// Lists and objects within each other.
  static let jsonDepth = 64
  /// Of ids, sources, types, subjects and times.
  static let nameBytes = 512
  static let attributeCount = 64
  static let attributeNameBytes = 128
  static let attributeValueKibibytes = 8
  /// Of all names and values of one event.
  static let attributesKibibytes = 32
  static let labelCount = 32
  static let labelNameBytes = 128
  static let labelValueBytes = 1024
  /// Of one set of labels as it is stored.
  static let labelsBytes = 2048
  /// The years 1 to 9999: only these can be written so that they can be read again.
  static let times = Instant(milliseconds: -62_135_596_800_000)...Instant(milliseconds: 253_402_300_799_999)
}

/// Why a line is not taken.
struct LineError: Error {
  var code = Problem.Code.badRequest
  let reason: String

  static let lineTooLong = LineError(reason: "the line is longer than \(IntakeLimits.lineKibibytes) KiB")
  static let tooDeep = LineError(reason: "more than \(IntakeLimits.jsonDepth) lists and objects are within each other")
}

extension StringProtocol {
  /// As much of the text as a refusal quotes, with what is hidden in it written out.
  var quoted: String {
    let longest = 80
    var cut = ""
    cut.unicodeScalars.append(contentsOf: unicodeScalars.prefix(longest))
    if unicodeScalars.dropFirst(longest).first != nil { cut += "…" }
    return cut.visible
  }

  /// The text, if it is not longer than a name may be and can be stored as it is.
  func name(_ what: String) throws(LineError) -> String {
    guard utf8.count <= IntakeLimits.nameBytes else {
      throw LineError(reason: "\(what) is longer than \(IntakeLimits.nameBytes) bytes: '\(quoted)'")
    }
    // The database would end the text there, and take it for another one's.
    guard !utf8.contains(0) else { throw LineError(reason: "\(what) holds a NUL character: '\(quoted)'") }
    return String(self)
  }
}

/// The time that a text in a line means.
func lineTime(_ text: String) throws(LineError) -> Instant {
  guard let instant = Instant(text) else {
    throw LineError(reason: "'\(text.quoted)' is not a time such as 2026-03-01T10:00:00Z")
  }
  return try checked(instant, text)
}

func checked(_ instant: Instant, _ text: @autoclosure () -> String) throws(LineError) -> Instant {
  guard IntakeLimits.times.contains(instant) else {
    throw LineError(reason: "'\(text().quoted)' is outside the years 1 to 9999")
  }
  return instant
}

import ReviewAPI

/// How deep lists and objects lie in one another, looked at before anything is decoded: decoders call themselves for each level.
enum JsonNesting {
  static let deepest = 64

  static func check(_ bytes: some Sequence<UInt8>) throws(Problem) {
    if isTooDeep(bytes) { throw Problem(.badRequest, "the body has lists and objects more than \(deepest) deep in one another") }
  }

  /// Of one JSON text, or of what is none.
  static func isTooDeep(_ bytes: some Sequence<UInt8>) -> Bool {
    var (depth, isText, isEscaped) = (0, false, false)
    for byte in bytes {
      if isEscaped {
        isEscaped = false
        continue
      }
      switch byte {
      case UInt8(ascii: "\\") where isText: isEscaped = true
      case UInt8(ascii: "\""): isText.toggle()
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        if !isText { depth += 1 }
        if depth > deepest { return true }
      case UInt8(ascii: "]"), UInt8(ascii: "}"): if !isText { depth -= 1 }
      default: break
      }
    }
    return false
  }
}

/// Follows how deep JSON is nested, byte by byte; it decodes nothing and minds only strings and what is escaped in
/// them.
struct JsonNesting {
  /// The lists and objects that are open.
  private(set) var depth = 0
  private(set) var isInText = false
  private var isEscaped = false

  mutating func take(_ byte: UInt8) {
    if isInText {
      isInText = isEscaped || byte != UInt8(ascii: "\"")
      isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
      return
    }
    switch byte {
    case UInt8(ascii: "\""): isInText = true
    case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
    case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
    default: break
    }
  }
}

/// Whether JSON is nested deeper than a limit: a decoder goes as deep on its stack, so this is asked before it is let
/// at the bytes.
package func isTooDeep(_ bytes: some Sequence<UInt8>, limit: Int) -> Bool {
  var nesting = JsonNesting()
  for byte in bytes {
    nesting.take(byte)
    if nesting.depth > limit { return true }
  }
  return false
}

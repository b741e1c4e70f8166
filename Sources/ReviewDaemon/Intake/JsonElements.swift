/// Where the elements of a JSON list begin and end, so that each can be decoded, and refused, by itself.
enum JsonElements {
  /// The elements' places, one more than the limit at most; nil where the bytes are no list that ends with them.
  static func ranges(in bytes: UnsafeRawBufferPointer, limit: Int) -> [Range<Int>]? {
    var nesting = JsonNesting()
    var ranges: [Range<Int>] = []
    var start: Int?
    for (index, byte) in bytes.enumerated() {
      let (depth, isInText) = (nesting.depth, nesting.isInText)
      nesting.take(byte)
      if start == nil, nesting.depth == 1 {
        start = index + 1
      } else if depth == 1, !isInText, byte == UInt8(ascii: ","), let from = start {
        ranges.append(from..<index)
        start = index + 1
        if ranges.count > limit { return ranges }
      } else if depth == 1, nesting.depth == 0, let from = start {
        guard byte == UInt8(ascii: "]"), isBlank(bytes[(index + 1)...]) else { return nil }
        if isBlank(bytes[from..<index]) { return ranges.isEmpty ? [] : nil }
        return ranges + [from..<index]
      }
    }
    return nil
  }

  /// Whether the bytes are one object or list and nothing behind it, as far as brackets tell.
  static func isOneValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var nesting = JsonNesting()
    for (index, byte) in bytes.enumerated() {
      let depth = nesting.depth
      nesting.take(byte)
      if depth == 1, nesting.depth == 0 { return isBlank(bytes[(index + 1)...]) }
    }
    return false
  }

  static func isBlank(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool { bytes.allSatisfy { $0 <= UInt8(ascii: " ") } }
}

/// Cuts bytes into lines, which end with LF or CR LF, and numbers them.
struct LineReader {
  /// A line without its end.
  struct Line {
    let bytes: UnsafeRawBufferPointer
    /// Its number in the file that the bytes are a piece of.
    let number: Int
    /// How many lines were read before it.
    let index: Int

    var isTooLong: Bool { bytes.count > IntakeLimits.lineKibibytes << 10 }
    var isBlank: Bool { JsonElements.isBlank(bytes[...]) }
  }

  private let bytes: UnsafeRawBufferPointer
  private let firstLine: Int
  /// Where the next line begins.
  private(set) var position = 0
  private var index = 0

  /// How many lines are read between two looks at whether anybody still waits for them.
  static let linesBetweenCheckpoints = 1000

  init(bytes: UnsafeRawBufferPointer, firstLine: Int) {
    self.bytes = bytes
    self.firstLine = firstLine
  }

  mutating func next() -> Line? {
    guard position < bytes.count else { return nil }
    var end = position
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
    let start = position
    position = end + 1
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    defer { index += 1 }
    return Line(
      bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), number: firstLine.addingSaturated(index),
      index: index)
  }

  /// Gives every line away, with a checkpoint now and then that may end it.
  mutating func each<Failure: Error>(
    checkpoint: () throws(Failure) -> Void, _ take: (Line) throws(Failure) -> Void
  ) throws(Failure) {
    while let line = next() {
      if line.index % Self.linesBetweenCheckpoints == 0 { try checkpoint() }
      try take(line)
    }
  }
}

extension Int {
  /// The sum, or the largest number where it would be larger: the number of a first line comes from outside.
  func addingSaturated(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}

/// A text by its lines: each ends with a line feed, a carriage return, or both.
struct SourceLines: Sendable {
  let bytes: [UInt8]
  /// Where each line begins; there is one at least.
  private let starts: [Int32]

  /// - Parameter text: of less than 2 GiB, as all files are that were measured before they were read.
  init(_ text: String) {
    bytes = Array(text.utf8)
    var starts: [Int32] = [0]
    for (index, byte) in bytes.enumerated()
    where byte == 0x0a || byte == 0x0d && (index + 1 == bytes.count || bytes[index + 1] != 0x0a) {
      starts.append(Int32(clamping: index + 1))
    }
    self.starts = starts
  }

  var count: Int { starts.count }

  /// The bytes of a line from 1, without its end; none for a line that is not there.
  func line(_ number: Int) -> ArraySlice<UInt8> {
    guard starts.indices.contains(number - 1) else { return [] }
    var end = starts.indices.contains(number) ? Int(starts[number]) : bytes.count
    let start = Int(starts[number - 1])
    while end > start, bytes[end - 1] == 0x0a || bytes[end - 1] == 0x0d { end -= 1 }
    return bytes[start..<end]
  }

  /// Where a byte stands, from 0 in the whole text.
  func mark(ofByte byte: Int) -> Mark {
    let number = starts.lastIndex { $0 <= byte } ?? 0
    let column = bytes[Int(starts[number])..<max(Int(starts[number]), min(byte, bytes.count))].count {
      $0 & 0xc0 != 0x80
    }
    return Mark(line: number + 1, column: column + 1, byte: byte)
  }

  func text(_ number: Int) -> String { String(decoding: line(number), as: UTF8.self) }

  private static let longestExcerpt = 160

  /// The part of a line around a column, both from 1, that a person is shown, and the column in it: of a line that
  /// fills the screen a screenful.
  func excerpt(_ number: Int, around column: Int) -> (text: String, column: Int) {
    let line = line(number)
    guard line.count > Self.longestExcerpt else { return (String(decoding: line, as: UTF8.self), column) }
    // Where the scalars begin that can be shown: those before the place, and as many more as there is room for.
    var scalarStarts = line.indices.lazy.filter { line[$0] & 0xc0 != 0x80 }.makeIterator()
    var window: [Int] = []
    var number = 0
    while number < max(column - 1, 0) + Self.longestExcerpt / 2, let start = scalarStarts.next() {
      window.append(start)
      number += 1
      if window.count > 4 * Self.longestExcerpt { window.removeFirst(window.count - Self.longestExcerpt) }
    }
    while window.count < Self.longestExcerpt, let start = scalarStarts.next() {
      window.append(start)
      number += 1
    }
    let end = scalarStarts.next() ?? line.endIndex
    let shown = window.suffix(Self.longestExcerpt)
    return (String(decoding: line[(shown.first ?? end)..<end], as: UTF8.self), column - (number - shown.count))
  }
}

/// Why bytes are no time zone.
package struct ZoneError: Error, Hashable, CustomStringConvertible {
  package let description: String

  package init(description: String) { self.description = description }
}

extension Zone {
  /// Reads a file of the time zone database (RFC 8536, versions 2 to 4).
  ///
  /// What lies beyond the file's last change follows from the rule at its end, until the year 2400.
  package convenience init(id: String, tzif bytes: [UInt8]) throws(ZoneError) {
    var reader = TZifReader(bytes: bytes)
    let first = try reader.header()
    guard first.version >= 2 else {
      throw ZoneError(description: "the file is of version 1, which has no 64-bit times")
    }
    try reader.skip(first.length(timeSize: 4))
    let header = try reader.header()
    let (firstOffset, transitions) = try reader.transitions(header)
    let footer = try reader.footer()
    let last = transitions.last?.instant ?? .distantPast
    let lastOffset = transitions.last?.offsetAfter ?? firstOffset
    let rule = footer.isEmpty ? nil : try PosixZoneRule(footer)
    let later = rule?.transitions(after: last, from: lastOffset) ?? []
    self.init(id: id, firstOffset: firstOffset, transitions: transitions + later)
  }
}

/// Reads the fields of RFC 8536, section 3.
private struct TZifReader {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  struct Header {
    let version: Int
    let utCount: Int, standardCount: Int, leapCount: Int, timeCount: Int, typeCount: Int, nameLength: Int

    func length(timeSize: Int) -> Int {
      timeCount * timeSize + timeCount + typeCount * 6 + nameLength + leapCount * (timeSize + 4) + standardCount
        + utCount
    }
  }

  mutating func skip(_ count: Int) throws(ZoneError) {
    guard count >= 0, position + count <= bytes.count else { throw ZoneError(description: "the file ends too early") }
    position += count
  }

  private mutating func integer(_ size: Int) throws(ZoneError) -> Int64 {
    let start = position
    try skip(size)
    let unsigned = bytes[start..<position].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return size == 4 ? Int64(Int32(truncatingIfNeeded: unsigned)) : Int64(bitPattern: unsigned)
  }

  private mutating func count() throws(ZoneError) -> Int {
    let count = try integer(4)
    guard count >= 0, count < 100_000 else { throw ZoneError(description: "the file is damaged") }
    return Int(count)
  }

  mutating func header() throws(ZoneError) -> Header {
    let start = position
    try skip(20)
    guard Array(bytes[start..<start + 4]) == Array("TZif".utf8) else {
      throw ZoneError(description: "the file is none of the time zone database")
    }
    let version = bytes[start + 4] == 0 ? 1 : Int(bytes[start + 4]) - 48
    let (ut, standard, leap) = (try count(), try count(), try count())
    return Header(
      version: version, utCount: ut, standardCount: standard, leapCount: leap, timeCount: try count(),
      typeCount: try count(),
      nameLength: try count())
  }

  mutating func transitions(_ header: Header) throws(ZoneError) -> (firstOffset: Int64, [Zone.Transition]) {
    var times: [Int64] = []
    for _ in 0..<header.timeCount { times.append(try integer(8)) }
    let typeStart = position
    try skip(header.timeCount)
    let types = bytes[typeStart..<position].map(Int.init)
    var offsets: [Int64] = []
    for _ in 0..<header.typeCount {
      offsets.append(try integer(4) * 1000)
      try skip(2)
    }
    guard let firstOffset = offsets.first, types.allSatisfy({ $0 < offsets.count }) else {
      throw ZoneError(description: "the file is damaged")
    }
    try skip(header.nameLength + header.leapCount * 12 + header.standardCount + header.utCount)
    var before = firstOffset
    var transitions: [Zone.Transition] = []
    // The big bang, -2^59 seconds, stands in some files for "always".
    for (time, type) in zip(times, types) where (-1 << 50..<1 << 50).contains(time) {
      if offsets[type] != before {
        transitions.append(
          Zone.Transition(instant: Instant(seconds: time), offsetBefore: before, offsetAfter: offsets[type]))
      }
      before = offsets[type]
    }
    return (firstOffset, transitions)
  }

  /// The text between the two line feeds at the end.
  mutating func footer() throws(ZoneError) -> String {
    guard position < bytes.count, bytes[position] == 10 else { return "" }
    return String(decoding: bytes[(position + 1)...].prefix { $0 != 10 }, as: UTF8.self)
  }
}

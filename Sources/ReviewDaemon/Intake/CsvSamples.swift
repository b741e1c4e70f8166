import ReviewAPI
import ReviewEngine

/// Reads samples from CSV: a header `time,service,indicator,value[,labels]`, then a line each. Labels are `key=value` pairs
/// separated by semicolons. Fields may be quoted (RFC 4180) but hold no line break.
package struct CsvSamples {
  private var checker: SampleChecker
  /// Series by the bytes that name them, so that no text is made for each sample.
  private var known: [UInt64: (key: [UInt8], series: SampleChecker.Series)] = [:]

  private static let header = "time,service,indicator,value"

  init(checker: SampleChecker) { self.checker = checker }

  /// Reads a piece of a file that begins with the header.
  ///
  /// - Parameter firstLine: the number, in the file, of the line after the header.
  package static func read(_ bytes: UnsafeRawBufferPointer, firstLine: Int, checker: SampleChecker) throws(Problem) -> SampleChecker {
    var reader = CsvSamples(checker: checker)
    var lines = LineReader(bytes: bytes)
    guard let header = lines.next() else { throw Problem(.badRequest, "the file is empty: it begins with the line \(Self.header)") }
    let names = String(decoding: UnsafeRawBufferPointer(rebasing: header), as: UTF8.self).split(separator: ",")
      .map { $0.filter { !$0.isWhitespace && $0 != "\"" && $0 != "\u{feff}" } }
    guard names == ["time", "service", "indicator", "value"] || names == ["time", "service", "indicator", "value", "labels"] else {
      throw Problem(.badRequest, "a CSV file of samples begins with the line \(Self.header) or \(Self.header),labels")
    }
    var number = firstLine
    while let line = lines.next() {
      if !line.isEmpty { reader.read(UnsafeRawBufferPointer(rebasing: line), number, fieldCount: names.count) }
      number += 1
    }
    return reader.checker
  }

  private mutating func read(_ line: UnsafeRawBufferPointer, _ number: Int, fieldCount: Int) {
    if line.contains(UInt8(ascii: "\"")) { return readQuoted(line, number, fieldCount) }
    var commas = (0, 0, 0, line.count)
    var count = 0
    for (index, byte) in line.enumerated() where byte == UInt8(ascii: ",") {
      switch count {
      case 0: commas.0 = index
      case 1: commas.1 = index
      case 2: commas.2 = index
      case 3: commas.3 = index
      default: break
      }
      count += 1
    }
    guard count + 1 == fieldCount || count + 1 == 4 else {
      return checker.refuse(line: number, "a line has \(fieldCount) fields, this one \(count + 1)")
    }
    let labels =
      line.count > commas.3 ? UnsafeRawBufferPointer(rebasing: line[(commas.3 + 1)...]) : UnsafeRawBufferPointer(rebasing: line[0..<0])
    read(
      time: UnsafeRawBufferPointer(rebasing: line[0..<commas.0]), names: UnsafeRawBufferPointer(rebasing: line[(commas.0 + 1)..<commas.2]),
      value: UnsafeRawBufferPointer(rebasing: line[(commas.2 + 1)..<commas.3]), labels: labels, number)
  }

  private mutating func read(
    time: UnsafeRawBufferPointer, names: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, labels: UnsafeRawBufferPointer, _ line: Int
  ) {
    guard let instant = Instant(utf8: time) else {
      return checker.refuse(line: line, "'\(text(time))' is not a time such as 2026-03-01T10:00:00Z")
    }
    guard let decimal = DecimalValue(utf8: value) else {
      let isNumber = Double(text(value))?.isFinite ?? false
      return checker.refuse(
        line: line, isNumber ? "\(text(value)) has more than 18 digits before the point" : "'\(text(value))' is not a number")
    }
    switch series(names, labels) {
    case .success(let series): checker.add(Sample(time: instant, value: decimal), to: series, line: line)
    case .failure(let error): checker.refuse(line: line, error.reason)
    }
  }

  private func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes.prefix(80), as: UTF8.self) }

  private mutating func series(_ names: UnsafeRawBufferPointer, _ labels: UnsafeRawBufferPointer) -> Result<
    SampleChecker.Series, LabelError
  > {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in names { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    for byte in labels { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    if let entry = known[hash], entry.key.elementsEqual(ChainedBytes(names, labels)) { return .success(entry.series) }
    let parts = String(decoding: names, as: UTF8.self).split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
    do {
      let canonical = try Labels.canonical(String(decoding: labels, as: UTF8.self))
      let series = checker.series(service: String(parts[0]), indicator: parts.count > 1 ? String(parts[1]) : "", labels: canonical)
      known[hash] = (Array(names) + Array(labels), series)
      return .success(series)
    } catch { return .failure(error) }
  }

  private mutating func readQuoted(_ line: UnsafeRawBufferPointer, _ number: Int, _ fieldCount: Int) {
    guard let fields = quotedFields(line), fields.count == fieldCount || fields.count == 4 else {
      return checker.refuse(line: number, "a line has \(fieldCount) fields, with quotes that close")
    }
    let names = Array("\(fields[1]),\(fields[2])".utf8)
    let labels = Array((fields.count > 4 ? fields[4] : "").utf8)
    names.withUnsafeBytes { names in
      labels.withUnsafeBytes { labels in
        Array(fields[0].utf8).withUnsafeBytes { time in
          Array(fields[3].utf8).withUnsafeBytes { value in read(time: time, names: names, value: value, labels: labels, number) }
        }
      }
    }
  }

  private func quotedFields(_ line: UnsafeRawBufferPointer) -> [String]? {
    var fields = [""]
    var isQuoted = false
    var characters = String(decoding: line, as: UTF8.self)[...]
    while let character = characters.popFirst() {
      if isQuoted, character == "\"", characters.first == "\"" {
        fields[fields.count - 1].append("\"")
        characters.removeFirst()
      } else if character == "\"" {
        isQuoted.toggle()
      } else if character == ",", !isQuoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    return isQuoted ? nil : fields
  }
}

private struct ChainedBytes: Sequence, IteratorProtocol {
  private var first: UnsafeRawBufferPointer.Iterator
  private var second: UnsafeRawBufferPointer.Iterator

  init(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) {
    self.first = first.makeIterator()
    self.second = second.makeIterator()
  }

  mutating func next() -> UInt8? { first.next() ?? second.next() }
}

/// Cuts bytes into lines, which end with LF or CR LF.
struct LineReader {
  let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func next() -> Slice<UnsafeRawBufferPointer>? {
    guard position < bytes.count else { return nil }
    var end = position
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
    let start = position
    position = end + 1
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return bytes[start..<end]
  }
}

import ReviewAPI
import ReviewEngine

/// Reads samples from CSV: a header `time,service,indicator,value[,labels]`, then a line each. Labels are `key=value`
/// pairs separated by semicolons. Fields may be quoted (RFC 4180) but hold no line break.
package struct CsvSamples {
  private var checker: SampleChecker
  /// Series by the bytes that name them, so that no text is made for each sample.
  private var known: [UInt64: (key: [UInt8], series: SampleChecker.Series)] = [:]

  private static let header = "time,service,indicator,value"
  private static let longestHeader = 1024

  init(checker: SampleChecker) { self.checker = checker }

  /// Reads a piece of a file that begins with the header.
  ///
  /// - Parameters:
  ///   - firstLine: the number, in the file, of the line after the header.
  ///   - checkpoint: called now and then; what it throws ends the reading.
  package static func read(
    _ bytes: UnsafeRawBufferPointer, firstLine: Int, checker: SampleChecker, checkpoint: () throws -> Void = {}
  ) throws -> SampleChecker {
    var reader = CsvSamples(checker: checker)
    var head = LineReader(bytes: bytes, firstLine: 1)
    guard let header = head.next() else {
      throw Problem(.badRequest, "the file is empty: it begins with the line \(Self.header)")
    }
    let names = String(decoding: header.bytes.prefix(Self.longestHeader), as: UTF8.self).split(separator: ",")
      .map { $0.filter { !$0.isWhitespace && $0 != "\"" && $0 != "\u{feff}" } }
    guard
      names == ["time", "service", "indicator", "value"]
        || names == ["time", "service", "indicator", "value", "labels"]
    else {
      throw Problem(.badRequest, "a CSV file of samples begins with the line \(Self.header) or \(Self.header),labels")
    }
    var lines = LineReader(
      bytes: UnsafeRawBufferPointer(rebasing: bytes[min(head.position, bytes.count)...]), firstLine: firstLine)
    try lines.each(checkpoint: checkpoint) { line in
      if line.isTooLong {
        reader.checker.refuse(line: line.number, .lineTooLong)
      } else if !line.bytes.isEmpty {
        reader.read(line.bytes, line.number, fieldCount: names.count)
      }
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
      return checker.refuse(line: number, LineError(reason: "a line has \(fieldCount) fields, this one \(count + 1)"))
    }
    let labels =
      line.count > commas.3
      ? UnsafeRawBufferPointer(rebasing: line[(commas.3 + 1)...]) : UnsafeRawBufferPointer(rebasing: line[0..<0])
    read(
      time: UnsafeRawBufferPointer(rebasing: line[0..<commas.0]),
      names: UnsafeRawBufferPointer(rebasing: line[(commas.0 + 1)..<commas.2]),
      value: UnsafeRawBufferPointer(rebasing: line[(commas.2 + 1)..<commas.3]), labels: labels, number)
  }

  private mutating func read(
    time: UnsafeRawBufferPointer, names: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer,
    labels: UnsafeRawBufferPointer, _ line: Int
  ) {
    do throws(LineError) {
      guard let instant = Instant(utf8: time) else {
        throw LineError(reason: "'\(text(time).quoted)' is not a time such as 2026-03-01T10:00:00Z")
      }
      let sample = Sample(time: try checked(instant, text(time)), value: try number(value))
      checker.add(sample, to: try series(names, labels, line), line: line)
    } catch { checker.refuse(line: line, error) }
  }

  private func number(_ bytes: UnsafeRawBufferPointer) throws(LineError) -> DecimalValue {
    if let decimal = DecimalValue(utf8: bytes) { return decimal }
    let isNumber = Double(text(bytes)) != nil && text(bytes).allSatisfy { $0.isNumber || "+-.eE".contains($0) }
    let written = text(bytes).quoted
    throw LineError(
      reason: isNumber ? "\(written) has more than 18 digits before the point" : "'\(written)' is not a number")
  }

  private func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes.prefix(400), as: UTF8.self) }

  private mutating func series(
    _ names: UnsafeRawBufferPointer, _ labels: UnsafeRawBufferPointer, _ line: Int
  ) throws(LineError) -> SampleChecker.Series {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in names { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    for byte in labels { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    if let entry = known[hash], entry.key.elementsEqual(ChainedBytes(names, labels)) { return entry.series }
    let parts = String(decoding: names, as: UTF8.self).split(
      separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
    let canonical = try Labels.canonical(String(decoding: labels, as: UTF8.self))
    let series = checker.series(
      service: String(parts[0]), indicator: parts.count > 1 ? String(parts[1]) : "", labels: canonical, line: line)
    if known.count < SampleChecker.rememberedCount { known[hash] = (Array(names) + Array(labels), series) }
    return series
  }

  private mutating func readQuoted(_ line: UnsafeRawBufferPointer, _ number: Int, _ fieldCount: Int) {
    guard let fields = quotedFields(line), fields.count == fieldCount || fields.count == 4 else {
      return checker.refuse(line: number, LineError(reason: "a line has \(fieldCount) fields, with quotes that close"))
    }
    let names = Array("\(fields[1]),\(fields[2])".utf8)
    let labels = Array((fields.count > 4 ? fields[4] : "").utf8)
    names.withUnsafeBytes { names in
      labels.withUnsafeBytes { labels in
        Array(fields[0].utf8).withUnsafeBytes { time in
          Array(fields[3].utf8).withUnsafeBytes { value in
            read(time: time, names: names, value: value, labels: labels, number)
          }
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

import ArgumentParser
import Foundation
import NIOCore
import NIOFoundationCompat
import ReviewAPI
import ReviewEngine

struct ImportVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Import samples and events from files, or from standard input as '-'.",
    discussion: "Importing the same file again is safe: what is known is counted as known.")

  enum Format: String, ExpressibleByArgument, CaseIterable { case csv, jsonl, cloudevents }

  @OptionGroup var global: GlobalOptions
  @Argument(help: "CSV (time,service,indicator,value[,labels]), JSON lines, or CloudEvents.", completion: .file())
  var files: [String]
  @Option(help: "csv, jsonl or cloudevents; without it, by the file's name and first line.") var format: Format?

  func run() async throws {
    var results: [ImportedFile] = []
    for file in files {
      var importer = try FileImport(path: file, format: format, client: global.client(timeoutSeconds: 600))
      do { try await importer.run() } catch {
        let done = importer.result.taken + importer.result.known
        if done > 0 { Output.note("\(file): cut off after \(done) were stored; importing it again is safe") }
        throw error
      }
      results.append(importer.result)
      if global.output == .table { report(importer.result) }
    }
    if global.output != .table { try global.show(ImportAnswer(files: results), table: { table(results) }) }
    if results.contains(where: { $0.refused > 0 }) { throw ExitCode(1) }
  }

  private func report(_ result: ImportedFile) {
    let revised = result.revised.map { $0 > 0 ? ", \($0) revised" : "" } ?? ""
    let old = result.tooOld.map { $0 > 0 ? " (\($0) too old to trigger)" : "" } ?? ""
    Output.print(
      "\(result.file): \(result.taken) taken\(old)\(revised), \(result.known) known, \(result.refused) refused")
    for effect in result.effects ?? [] where effect.action == "opened" {
      Output.print("  \(effect.id) opened review \(effect.review ?? "") by \(effect.rule)")
    }
    for refusal in result.refusals { Output.note("\(result.file):\(refusal.line): \(refusal.reason)") }
    let unlisted = result.refused - result.refusals.count
    if unlisted > 0 { Output.note("and \(unlisted) more refused") }
  }

  private func table(_ results: [ImportedFile]) -> Table {
    var table = Table([
      Table.Column(title: "FILE"), Table.Column(title: "TAKEN", isNumber: true),
      Table.Column(title: "KNOWN", isNumber: true),
      Table.Column(title: "REFUSED", isNumber: true),
    ])
    for result in results { table.add([result.file, "\(result.taken)", "\(result.known)", "\(result.refused)"]) }
    return table
  }
}

/// What became of each file.
private struct ImportAnswer: Encodable {
  let files: [ImportedFile]
}

struct ImportedFile: Encodable {
  let file: String
  var taken = 0
  var known = 0
  var refused = 0
  var revised: Int?
  var tooOld: Int?
  var refusals: [Refusal] = []
  var effects: [EventEffect]?
}

/// Sends one file piece by piece; each piece is acknowledged before the next is sent.
private struct FileImport {
  let path: String
  let client: ReviewClient
  let format: ImportVerb.Format
  let handle: FileHandle
  var progress: ProgressBar
  var result: ImportedFile

  private static let samplePiece = 4 << 20
  private static let eventPiece = 1 << 20
  private static let eventsAtOnce = 500
  /// What the daemon takes at once; more of one JSON value cannot be sent in parts.
  private static let largestWhole = 4 << 20
  private static let listedEffects = 100

  init(path: String, format: ImportVerb.Format?, client: ReviewClient) throws {
    self.path = path
    self.client = client
    result = ImportedFile(file: path)
    if path == "-" {
      guard let format else { throw ValidationError("standard input has no name: say what it is with --format") }
      (self.format, handle) = (format, .standardInput)
      progress = ProgressBar(total: nil)
      return
    }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw ImportError(description: "cannot read \(path): \(String(cString: strerror(errno)))")
    }
    self.handle = handle
    self.format = try format ?? Self.recognise(path, handle)
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    progress = ProgressBar(total: size)
  }

  /// By the file's name, and in `.jsonl` by `specversion`.
  private static func recognise(_ path: String, _ handle: FileHandle) throws -> ImportVerb.Format {
    switch path.split(separator: ".").last {
    case "csv": return .csv
    case "json": return .cloudevents
    case "jsonl", "ndjson":
      let start = try handle.read(upToCount: 4096) ?? Data()
      try handle.seek(toOffset: 0)
      let firstLine = start.drop { $0 <= UInt8(ascii: " ") }.prefix { $0 != UInt8(ascii: "\n") }
      return String(decoding: firstLine, as: UTF8.self).contains("\"specversion\"") ? .cloudevents : .jsonl
    default: throw ValidationError("what is in \(path)? Its name does not tell: say it with --format")
    }
  }

  mutating func run() async throws {
    defer { progress.finish() }
    switch format {
    case .csv, .jsonl: try await sendSamples()
    case .cloudevents where path.hasSuffix(".json"): try await sendWhole()
    case .cloudevents: try await sendEvents()
    }
  }

  private mutating func sendSamples() async throws {
    var pieces = LinePieces(handle, largestPiece: Self.samplePiece)
    var header = Data()
    while var piece = try pieces.next() {
      var firstLine = piece.firstLine
      if format == .csv, firstLine == 1 {
        // Each piece is sent with the file's header, and is a file of its own for the daemon.
        let end = piece.bytes.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? piece.bytes.count
        header = piece.bytes.prefix(end)
        if header.last != UInt8(ascii: "\n") { header.append(UInt8(ascii: "\n")) }
        piece.bytes = Data(piece.bytes.dropFirst(end))
        firstLine = 2
      }
      let body = ByteBuffer(data: header + piece.bytes)
      let answer = try await client.samples(body, format: format.rawValue, firstLine: firstLine)
      result.taken += answer.taken
      result.known += answer.known
      note(answer.refused, answer.refusals)
      progress.show(piece.bytesRead, "\(result.taken + result.known) samples")
    }
  }

  private mutating func sendEvents() async throws {
    var pieces = LinePieces(handle, largestPiece: Self.eventPiece, largestLineCount: Self.eventsAtOnce)
    while let piece = try pieces.next() { try await send(piece.bytes, piece.firstLine, piece.bytesRead) }
  }

  private mutating func sendWhole() async throws {
    let data = try handle.read(upToCount: Self.largestWhole + 1) ?? Data()
    guard data.count <= Self.largestWhole else {
      throw ImportError(
        description:
          "\(path) is larger than \(Self.largestWhole >> 20) MiB: write the events as JSON lines, into a file .jsonl")
    }
    try await send(data, 1, data.count)
  }

  private mutating func send(_ data: Data, _ firstLine: Int, _ bytesRead: Int) async throws {
    let answer = try await client.events(ByteBuffer(data: data), firstLine: firstLine)
    result.taken += answer.taken
    result.known += answer.known
    result.revised = (result.revised ?? 0) + answer.revised
    result.tooOld = (result.tooOld ?? 0) + answer.tooOld
    result.effects =
      (result.effects ?? []) + answer.effects.prefix(max(0, Self.listedEffects - (result.effects?.count ?? 0)))
    note(answer.refused, answer.refusals)
    progress.show(bytesRead, "\(result.taken + result.known) events")
  }

  private mutating func note(_ refused: Int, _ refusals: [Refusal]) {
    result.refused += refused
    result.refusals += refusals.prefix(max(0, SamplesAnswer.listedRefusals - result.refusals.count))
  }
}

import Foundation
import TestSupport
import Testing

/// Requests that were right once and were changed at random: each is answered or ended within a second, and the daemon
/// goes on.
@Suite(.serialized)
final class HostileRequestsTests {
  private static let isLong = ProcessInfo.processInfo.environment["REVIEWD_LONG"] == "1"
  private let configuration: TemporaryFolder
  private let daemon: RunningDaemon

  init() throws {
    configuration = try TemporaryFolder()
    try configuration.write(
      "rules.d/r.yaml", Scenario.declarations + "rules:\n  - {id: r, title: Any incident, upon: {event: incident}}\n")
    try configuration.write("services.d/s.yaml", "services:\n  - {id: s, name: S}\n")
    daemon = try RunningDaemon(directories: [configuration.path])
    try daemon.start()
  }

  @Test func mutatedRequestsAreAnsweredOrEndedWithinASecond() throws {
    let seed = testSeed()
    var generator = SeededGenerator(seed: seed)
    let (batches, batch) = (Self.isLong ? 50 : 5, 100)
    var statuses: [Int: Int] = [:]
    var slowest = 0.0
    for round in 0..<batches {
      for number in 0..<batch {
        // A reload tells the service manager, and waits until that has read enough of what it was told.
        _ = daemon.notify.wait(for: "nothing", seconds: 0)
        let request = MutatedRequest(using: &generator)
        let connection = try #require(RawConnection(daemon.socket))
        let started = ContinuousClock.now
        connection.send(request.bytes, seconds: 1)
        connection.finishSending()
        let (received, isClosed) = connection.everything(milliseconds: 3000)
        let took = (ContinuousClock.now - started) / .seconds(1)
        slowest = max(slowest, took)
        let status = RawAnswer(bytes: received).status
        statuses[status, default: 0] += 1
        let place =
          "seed \(seed) round \(round) request \(number): \(String(decoding: request.bytes.prefix(300), as: UTF8.self))"
        // Some mutations are 250 MiB long, which take whoever sends them a second already.
        #expect(isClosed && took < (request.bytes.count <= 1 << 20 ? 1 : 3), "\(took) s: \(place)")
        #expect(status != 500, "\(String(decoding: received.prefix(500), as: UTF8.self)): \(place)")
      }
      try #require(daemon.process.isRunning, "seed \(seed) round \(round): \(daemon.log.suffix(1000))")
      let health = try #require(RawConnection(daemon.socket))
      health.send("GET /healthz HTTP/1.1\r\nhost: l\r\n\r\n")
      #expect(health.answer().status == 200, "seed \(seed) round \(round)")
    }
    print(
      "mutated requests: \(batches * batch), slowest \(slowest) s, by status \(statuses.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" })"
    )
    #expect(try peakMebibytes() < 512)
    #expect(daemon.stop() == 0)
  }

  private func peakMebibytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(daemon.processIdentifier)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return try #require(line.split(separator: " ").compactMap { Int($0) }.first) / 1024
  }
}

/// A request of the corpus with one to three things about it changed.
private struct MutatedRequest {
  private var method: String
  private var target: String
  private var headers: [(String, String)] = [("host", "l")]
  private var body: [UInt8]
  private var isChunked = false
  private var announced: String?
  private var cut: Int?

  private static let corpus: [(String, String, String)] = [
    ("GET", "/healthz", ""), ("GET", "/v1/status", ""), ("GET", "/v1/diagnosis", ""), ("GET", "/metrics", ""),
    ("GET", "/v1/backup", ""),
    ("GET", "/v1/reviews?state=open&service=s&limit=10&due_through=2026-01-01", ""),
    ("GET", "/v1/reviews?after=2026-01-01%20abc&person=x", ""), ("GET", "/v1/reviews/abc", ""),
    ("GET", "/v1/services", ""),
    ("GET", "/v1/services/s", ""), ("GET", "/v1/rules", ""),
    ("GET", "/v1/forecast?through=2027-01-01T00:00:00Z&service=s", ""),
    ("POST", "/v1/reload", ""), ("POST", "/v1/reviews", #"{"service":"s","reason":"why not","due":"2027-01-01"}"#),
    ("POST", "/v1/reviews/a/schedule", #"{"at":"2027-01-01T10:00:00Z"}"#),
    ("POST", "/v1/reviews/a/cancel", #"{"reason":"none"}"#),
    ("POST", "/v1/reviews/a/complete", #"{"outcome":"good","customer_satisfaction":4.5}"#),
    (
      "POST", "/v1/forecast",
      #"{"through":"2027-01-01T00:00:00Z","files":[{"kind":"rules","path":"r.yaml","text":"rules: []"}]}"#
    ),
    ("POST", "/v1/diff", #"{"files":[{"kind":"rules","path":"r.yaml","text":"rules: []"}]}"#),
    ("POST", "/v1/replay", #"{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","assume_completed":"due"}"#),
    (
      "POST", "/v1/samples?format=csv&first_line=2",
      "time,service,indicator,value,labels\n2026-01-01T00:00:00Z,s,level,1.5,a=b;c=d\n"
    ),
    (
      "POST", "/v1/samples?format=jsonl",
      #"{"time":"2026-01-01T00:00:00Z","service":"s","indicator":"level","value":1,"labels":{"a":"b"}}"#
    ),
    (
      "POST", "/v1/events?first_line=1",
      #"{"specversion":"1.0","id":"1","source":"t","type":"incident","subject":"s","data":{"severity":1}}"#
    ),
    (
      "POST", "/v1/events",
      #"[{"specversion":"1.0","id":"2","source":"t","type":"incident","subject":"s","time":"2026-01-01T00:00:00Z"}]"#
    ),
  ]

  init(using generator: inout SeededGenerator) {
    let (method, target, body) = Self.corpus[Int.random(in: 0..<Self.corpus.count, using: &generator)]
    (self.method, self.target, self.body) = (method, target, Array(body.utf8))
    for _ in 0..<Int.random(in: 1...3, using: &generator) { mutate(&generator) }
  }

  private mutating func mutate(_ generator: inout SeededGenerator) {
    switch Int.random(in: 0..<10, using: &generator) {
    case 0:
      method = Self.pick(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "get", "G\u{0}T", "X", ""], &generator)
    case 1: target = Self.edit(target, Self.targetPieces, &generator)
    case 2: headers.append(Self.pick(Self.headerPieces, &generator))
    case 3: announced = Self.pick(["0", "-1", "1", "99999999999999999999", "16777217", "x", "5, 5", "+3"], &generator)
    case 4: isChunked = true
    case 5: cut = Int.random(in: 0...200, using: &generator)
    case 6, 7: body = Array(Self.edit(String(decoding: body, as: UTF8.self), Self.bodyPieces, &generator).utf8)
    case 8:
      if !body.isEmpty {
        body[Int.random(in: 0..<body.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
    default: body = Array(repeatElement(body, count: Int.random(in: 0...500, using: &generator)).joined())
    }
  }

  private static let targetPieces = [
    "%ff", "%00", "%2f", "..", "//", "?", "&", "=", "#", "%", "\u{202e}", "first_line=9223372036854775807",
    "limit=-9223372036854775808",
    String(repeating: "a", count: 9000), "%e2%80%ae", ":id", "*", " ",
  ]
  private static let headerPieces = [
    ("expect", "100-continue"), ("expect", "x"), ("connection", "close"), ("connection", "upgrade"), ("upgrade", "h2c"),
    ("host", "m"),
    ("transfer-encoding", "gzip, chunked"), ("content-length", "3"), ("x", String(repeating: "y", count: 90_000)),
    ("a b", "c"),
    ("content-type", "\u{1}"), ("range", "bytes=0-1"), ("accept-encoding", "gzip"),
  ]
  private static let bodyPieces = [
    "[", "{", "]", "}", "\"", ",", ":", "\\u0000", "\\ud800", "1e999", "-9223372036854775808",
    "99999999999999999999999999", "null", "\n",
    "\r", "\u{2028}", "\u{feff}", "\u{85}", String(repeating: "[", count: 100_000),
    String(repeating: "{\"a\":", count: 5000),
    "\"service\":\"s\",\"service\":\"t\",", "0001-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "&a [*a]", "=cmd()",
    "\u{1b}[31m", "'",
    String(repeating: "e\u{301}", count: 5000),
  ]

  private static func pick<Value>(_ values: [Value], _ generator: inout SeededGenerator) -> Value {
    values[Int.random(in: 0..<values.count, using: &generator)]
  }

  /// Puts a piece somewhere, or takes one away.
  private static func edit(_ text: String, _ pieces: [String], _ generator: inout SeededGenerator) -> String {
    var scalars = Array(text.unicodeScalars)
    let place = Int.random(in: 0...scalars.count, using: &generator)
    if Bool.random(using: &generator), place < scalars.count {
      scalars.removeSubrange(place..<min(scalars.count, place + Int.random(in: 1...8, using: &generator)))
    } else {
      scalars.insert(contentsOf: pick(pieces, &generator).unicodeScalars, at: place)
    }
    return scalars.reduce(into: "") { $0.unicodeScalars.append($1) }
  }

  var bytes: [UInt8] {
    var text = "\(method) \(target) HTTP/1.1\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    if isChunked {
      text += "transfer-encoding: chunked\r\n"
    } else if announced != nil || !body.isEmpty {
      text += "content-length: \(announced ?? "\(body.count)")\r\n"
    }
    let content =
      isChunked
      ? Array("\(announced ?? String(body.count, radix: 16))\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8) : body
    let whole = Array((text + "\r\n").utf8) + content
    return cut.map { Array(whole.dropLast($0)) } ?? whole
  }
}

import Foundation
import TestSupport
import Testing

/// HTTP as it is meant, on the daemon's own socket.
@Suite(.serialized)
final class HttpTests {
  private let configuration: TemporaryFolder
  private let daemon: RunningDaemon

  init() throws {
    configuration = try TemporaryFolder()
    try configuration.write(
      "rules.d/r.yaml",
      Scenario.declarations + "rules:\n  - {id: r, title: Any incident, upon: {event: incident}, merge: never}\n")
    try configuration.write("services.d/s.yaml", "services:\n  - {id: s, name: S}\n")
    try configuration.write("reviewd.yaml", "limits: {head_seconds: 1, body_seconds: 1}\n")
    daemon = try RunningDaemon(directories: [configuration.path])
    daemon.furtherArguments = ["--config", configuration.path + "/reviewd.yaml"]
    try daemon.start()
  }

  private func ask(_ target: String, _ headers: String = "", _ body: String? = nil) throws -> RawAnswer {
    try daemon.ask(target, headers, body)
  }

  private let event = #"{"specversion":"1.0","id":"1","source":"t","type":"incident","subject":"s"}"#

  @Test(arguments: ["%ff", "%00", "%2e%2e", "%20", "%e2%80%ae", "a%0ab", "%", "x'--"])
  func anIdThatDoesNotReadAsOneCancelsNothing(_ id: String) throws {
    #expect(try ask("POST /v1/events", "", event).status == 200)
    let answer = try ask("POST /v1/reviews/\(id)/cancel", "", #"{"reason":"none"}"#)
    #expect(answer.status == 400, "\(answer.text)")
    #expect(answer.body.contains("is not the id of a review: ids are lower-case letters, digits, '-' and '_'"))
    #expect(try ask("GET /v1/services/\(id)").status == 400)
    #expect((try daemon.object("list")["reviews"] as? [Any])?.count == 1)
  }

  @Test(arguments: [
    ("DELETE /v1/reviews", "GET, HEAD, POST"), ("GET /v1/reload", "POST"), ("PUT /v1/events", "POST"),
    ("POST /healthz", "GET, HEAD"),
    ("PATCH /v1/reviews/abc", "GET, HEAD"), ("GET /v1/reviews/abc/cancel", "POST"),
  ])
  func aWrongMethodIsToldWhichAreRight(_ request: String, _ allowed: String) throws {
    let answer = try ask(request)
    #expect(answer.status == 405)
    #expect(answer.header("allow") == allowed)
    #expect(answer.header("content-type") == "application/problem+json")
  }

  @Test(arguments: ["/healthz", "/v1/status", "/v1/reviews", "/metrics", "/v1/services/s", "/v1/forecast"])
  func headIsGetWithoutTheBody(_ path: String) throws {
    let get = try ask("GET \(path)")
    let connection = try #require(RawConnection(daemon.socket))
    connection.send("HEAD \(path) HTTP/1.1\r\nhost: l\r\nconnection: close\r\n\r\n")
    let head = RawAnswer(bytes: connection.everything().bytes)
    #expect(head.status == 200)
    #expect(head.body == "")
    #expect(head.header("content-type") == get.header("content-type"))
    #expect(head.header("content-length") != nil)
  }

  @Test(arguments: [
    "POST /v1/events HTTP/1.1\r\nhost: l\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "GARBAGE\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "POST /v1/events HTTP/1.1\r\nhost: l\r\ncontent-length: many\r\n\r\n",
  ])
  func whatCannotBeReadIsAProblemAndTheEnd(_ bytes: String) throws {
    let connection = try #require(RawConnection(daemon.socket))
    connection.send(bytes)
    let (received, isClosed) = connection.everything()
    let answer = RawAnswer(bytes: received)
    #expect(answer.status == 400)
    #expect(answer.body.contains(#""code":"bad_request""#))
    #expect(isClosed)
    #expect(!daemon.log.contains("error: POST"), "whoever calls writes nothing into the log")
  }

  @Test func aBodyThatIsExpectedToBeAskedForIs() throws {
    let connection = try #require(RawConnection(daemon.socket))
    connection.send(
      "POST /v1/events HTTP/1.1\r\nhost: l\r\nexpect: 100-continue\r\ncontent-length: \(event.utf8.count)\r\n\r\n")
    let asked = connection.everything(milliseconds: 200)
    #expect(String(decoding: asked.bytes, as: UTF8.self) == "HTTP/1.1 100 Continue\r\n\r\n")
    connection.send(event)
    #expect(connection.answer().status == 200)
    #expect(try ask("POST /v1/events", "expect: 100-continue\r\ncontent-length: 99999999\r\n").status == 413)
    #expect(try ask("POST /v1/events", "expect: miracles\r\n", event).status == 417)
  }

  @Test func whatIsTooLargeIsNotReadOnAndEndsTheConnection() throws {
    let connection = try #require(RawConnection(daemon.socket))
    connection.send("POST /v1/events HTTP/1.1\r\nhost: l\r\ncontent-length: 99999999\r\n\r\n{")
    let (received, isClosed) = connection.everything()
    let answer = RawAnswer(bytes: received)
    #expect(answer.status == 413)
    #expect(answer.header("connection") == "close")
    #expect(isClosed)
    let sent = connection.send([UInt8](repeating: 32, count: 16 << 20), seconds: 3)
    #expect(sent < 1 << 20)
  }

  @Test func aChunkedBodyThatGrowsTooLargeIsRefused() throws {
    let connection = try #require(RawConnection(daemon.socket))
    connection.send("POST /v1/events HTTP/1.1\r\nhost: l\r\ntransfer-encoding: chunked\r\n\r\n")
    let chunk = "100000\r\n" + String(repeating: " ", count: 1 << 20) + "\r\n"
    for _ in 0..<8 { connection.send(chunk, seconds: 1) }
    #expect(connection.answer().status == 413)
  }

  @Test func aBodyThatEndsEarlyIsNotTakenForAWholeOne() throws {
    let connection = try #require(RawConnection(daemon.socket))
    connection.send("POST /v1/events HTTP/1.1\r\nhost: l\r\ncontent-length: \(event.utf8.count + 1)\r\n\r\n\(event)")
    connection.finishSending()
    #expect(RawAnswer(bytes: connection.everything().bytes).status == 400)
    #expect((try daemon.object("list")["reviews"] as? [Any])?.isEmpty == true)
  }

  @Test(arguments: [
    "/v1/events?first_line=9223372036854775807", "/v1/samples?first_line=1000000001", "/v1/events?first_line=-1",
  ])
  func theNumberOfTheFirstLineIsBounded(_ path: String) throws {
    let answer = try ask("POST \(path)", "", "x\ny\nz")
    #expect(answer.status == 400)
    #expect(answer.body.contains("'first_line' must be a whole number from 1 to 1000000000"))
  }

  @Test(arguments: [
    "limit=0", "limit=1e3", "limit=99999999999999999999", "after=x", "after=2026-01-01%20%ff", "due_through=1",
  ])
  func aNumberOrCursorThatDoesNotReadAsOneIsRefused(_ query: String) throws {
    #expect(try ask("GET /v1/reviews?\(query)").status == 400)
  }

  @Test func aReasonIsMeasuredInBytesToo() throws {
    let reason = "e" + String(repeating: "\u{301}", count: 100_000)
    let answer = try ask("POST /v1/reviews", "", #"{"service":"s","reason":"\#(reason)"}"#)
    #expect(answer.status == 413)
    #expect(answer.body.contains("the reason is longer than 16 KiB"))
  }

  @Test(arguments: [
    "POST /v1/reviews", "POST /v1/diff", "POST /v1/replay", "POST /v1/forecast", "POST /v1/reviews/abc/cancel",
  ])
  func aBodyThatIsNestedDeeplyIsRefusedBeforeItIsDecoded(_ request: String) throws {
    #expect(try ask("POST /v1/events", "", event).status == 200)
    let answer = try ask(request, "", String(repeating: "[", count: 100_000))
    #expect([400, 404].contains(answer.status))
    #expect(answer.status == 404 || answer.body.contains("more than 64 deep in one another"))
  }

  @Test func whatIsQuotedFromARequestIsVisibleAndShort() throws {
    let answer = try ask("GET /v1/reviews?state=%1b%5b31m%e2%80%ae" + String(repeating: "x", count: 1000))
    #expect(answer.status == 400)
    #expect(answer.body.contains(#"not '\\u{1b}[31m\\u{202e}xxx"#), "\(answer.body)")
    #expect(answer.body.utf8.count < 1000)
  }

  @Test func aHeadAndABodyThatDoNotComeAreEndedInTime() throws {
    let (head, body) = (try #require(RawConnection(daemon.socket)), try #require(RawConnection(daemon.socket)))
    head.send("GET /v1/status HTTP/1.1\r\nhost:")
    body.send("POST /v1/events HTTP/1.1\r\nhost: l\r\ncontent-length: 1000\r\n\r\n{")
    #expect(
      RawAnswer(bytes: head.everything().bytes).body.contains("the head of the request was not there within 1 seconds"))
    let answer = RawAnswer(bytes: body.everything().bytes)
    #expect(answer.status == 408)
    #expect(answer.body.contains("the body was not there within 1 seconds (body_seconds)"))
    let metrics = try ask("GET /metrics").body
    #expect(metrics.contains(#"reviewd_limit_hits_total{limit="head_seconds"} 1"#))
    #expect(metrics.contains(#"reviewd_limit_hits_total{limit="body_seconds"} 1"#))
    #expect(daemon.log.contains("the limit 'head_seconds' was hit"))
    let idle = try #require(RawConnection(daemon.socket))
    #expect(idle.everything().isClosed)
  }
}

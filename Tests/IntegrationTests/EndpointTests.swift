import Foundation
import ReviewAPI
import TestSupport
import Testing

/// The table of endpoints says what the daemon takes, and the daemon takes nothing else.
@Suite(.serialized)
final class EndpointTests {
  private let configuration: TemporaryFolder
  private let daemon: RunningDaemon

  init() throws {
    configuration = try TemporaryFolder()
    try configuration.write(
      "rules.d/r.yaml",
      Scenario.declarations + "rules:\n  - {id: r, title: Any incident, upon: {event: incident}, merge: never}\n")
    try configuration.write("services.d/s.yaml", "services:\n  - {id: s, name: S}\n")
    daemon = try RunningDaemon(directories: [configuration.path])
    try daemon.start()
  }

  private func ask(_ method: String, _ target: String, _ body: String? = nil) throws -> RawAnswer {
    try daemon.ask("\(method) \(target)", "", body)
  }

  private func code(_ answer: RawAnswer) -> Problem.Code? {
    try? WireJson.decode(Problem.self, from: Data(answer.body.utf8)).code
  }

  @Test func eachOperationIsServedAndAnswersWithTheErrorsOfItsRow() throws {
    var seen = Set<Problem.Code>()
    for operation in Endpoints.all {
      let paths = ["s", "nothing", "%ff"].map { operation.path.replacing("{id}", with: $0) }
      for path in Set(paths).sorted() {
        for body in operation.method == .post ? ["", "{", #"{"service":"nothing","reason":"r"}"#] : [nil] {
          let answer = try ask(operation.method.rawValue, path, body)
          #expect(
            answer.status != 405 && !answer.body.contains("there is no endpoint"), "\(operation.path): \(answer.text)")
          if (200..<300).contains(answer.status) { #expect(answer.status == operation.status) }
          guard let code = code(answer) else { continue }
          seen.insert(code)
          #expect((operation.errors + Operation.commonErrors).contains(code), "\(operation.path): \(answer.text)")
        }
      }
    }
    #expect(seen == [.badRequest, .notFound])
  }

  @Test func reviewsAreAmbiguousAndRefuseAsTheTableSays() throws {
    for number in 1...40 {
      let event = #"{"specversion":"1.0","id":"\#(number)","source":"t","type":"incident","subject":"s"}"#
      #expect(try ask("POST", "/v1/events", event).status == 200)
      let page = try WireJson.decode(ReviewPage.self, from: Data(try ask("GET", "/v1/reviews").body.utf8))
      let id = try #require(page.reviews.first?.id)
      #expect(try ask("POST", "/v1/reviews/\(id)/cancel", #"{"reason":"r"}"#).status == 200)
      if number == 1 { #expect(code(try ask("POST", "/v1/reviews/\(id)/conduct", "{}")) == .refused) }
    }
    let codes = Set(try "0123456789abcdef".map { code(try ask("GET", "/v1/reviews/\($0)/history")) })
    #expect(codes.contains(.ambiguous))
    for operation in [
      Endpoints.schedule.operation, Endpoints.conduct.operation, Endpoints.complete.operation,
      Endpoints.cancel.operation,
    ] {
      #expect(operation.errors.contains(.refused) && operation.errors.contains(.ambiguous))
    }
  }

  @Test func eachParameterOfTheTableIsRead() throws {
    for operation in Endpoints.all {
      for parameter in operation.parameters {
        let path = operation.path.replacing("{id}", with: "s")
        let answer = try ask(
          operation.method.rawValue, "\(path)?\(parameter.name)=~", operation.method == .post ? "" : nil)
        #expect(!answer.body.contains("takes no parameter"))
        // Nobody who is no stakeholder has a review to see; and who pages is asked first which review is meant.
        if parameter == .person || operation.path.contains("{id}") { continue }
        #expect(answer.status >= 400, "\(operation.path) \(parameter.name): \(answer.text)")
        #expect(
          answer.body.contains("'~'") || answer.body.contains("'\(parameter.name)'"),
          "\(operation.path) \(parameter.name): \(answer.text)")
      }
    }
  }

  @Test(arguments: [
    ("GET /v1/reviews?sate=all", "GET /v1/reviews takes no parameter 'sate': did you mean 'state'?"),
    ("GET /v1/status?service=s", "GET /v1/status takes no parameter 'service': it takes none"),
    ("GET /v1/forecast?zebra=1", "GET /v1/forecast takes no parameter 'zebra': it takes through, service"),
    (
      "GET /v1/reviews/abc/history?state=open",
      "GET /v1/reviews/{id}/history takes no parameter 'state': it takes limit, after"
    ),
    ("GET /v1/reviews?limit=1&limit=2", "GET /v1/reviews takes 'limit' once"),
  ])
  func aParameterThatTheTableDoesNotHaveIsRefused(_ request: String, _ detail: String) throws {
    let parts = request.split(separator: " ").map(String.init)
    let answer = try ask(parts[0], parts[1])
    #expect(answer.status == 400)
    #expect(try WireJson.decode(Problem.self, from: Data(answer.body.utf8)).detail == detail)
  }

  /// `{"att": …}` conducted a review now, and a misspelt due day opened one with another.
  @Test(arguments: [
    ("/v1/reviews/abc/conduct", #"{"att":"x"}"#, "POST /v1/reviews/{id}/conduct takes no 'att': did you mean 'at'?"),
    ("/v1/reviews/abc/cancel", #"{"at":"x"}"#, "POST /v1/reviews/{id}/cancel takes no 'at': it takes reason"),
    (
      "/v1/reviews", #"{"service":"s","reason":"r","dew":"2030-01-01"}"#,
      "POST /v1/reviews takes no 'dew': it takes service, reason, due"
    ),
    (
      "/v1/replay", #"{"from":"2026-01-01T00:00:00Z","to":"2026-02-01T00:00:00Z","assumeCompleted":"due"}"#,
      "POST /v1/replay takes no 'assumeCompleted': did you mean 'assume_completed'?"
    ),
    (
      "/v1/replay", #"{"from":"2026-01-01T00:00:00Z","to":"2026-02-01T00:00:00Z"}"#,
      "the body is not what this endpoint takes: 'assume_completed' is missing"
    ),
  ])
  func aKeyOfABodyThatTheTableDoesNotHaveIsRefused(_ path: String, _ body: String, _ detail: String) throws {
    let event = #"{"specversion":"1.0","id":"1","source":"t","type":"incident","subject":"s"}"#
    #expect(try ask("POST", "/v1/events", event).status == 200)
    let page = try WireJson.decode(ReviewPage.self, from: Data(try ask("GET", "/v1/reviews").body.utf8))
    let review = try #require(page.reviews.first)
    let answer = try ask("POST", path.replacing("abc", with: review.id), body)
    #expect(answer.status == 400)
    #expect(try WireJson.decode(Problem.self, from: Data(answer.body.utf8)).detail == detail)
    #expect(
      try WireJson.decode(ReviewPage.self, from: Data(try ask("GET", "/v1/reviews").body.utf8)).reviews == [review])
  }

  @Test func theTableHasEachOperationOnceAndTheDocumentationEachRowOfIt() throws {
    let rows = Endpoints.all.map { "\($0.method.rawValue) \($0.path)" }
    #expect(Set(rows).count == rows.count)
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let documented = try String(contentsOf: root.appending(path: "docs/api.md"), encoding: .utf8)
    for operation in Endpoints.all {
      let query =
        operation.parameters.isEmpty ? "" : "?" + operation.parameters.map { "\($0.name)=" }.joined(separator: "&")
      let row = "| \(operation.method.rawValue) | `\(operation.path)\(query)` | \(operation.access.rawValue) |"
      var body = ""
      if case .json(let keys, _) = operation.body { body = " `{\(keys.joined(separator: ", "))}`" }
      #expect(documented.contains(row + body), "docs/api.md has no row that begins with: \(row)\(body)")
    }
    #expect(
      documented.components(separatedBy: "\n| GET |").count + documented.components(separatedBy: "\n| POST |").count - 2
        == rows.count)
  }
}

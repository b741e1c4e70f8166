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
    ("GET /v1/reviews?sate=all", "/v1/reviews takes no parameter 'sate': did you mean 'state'?"),
    ("GET /v1/status?service=s", "/v1/status takes no parameter 'service': it takes none"),
    ("GET /v1/forecast?zebra=1", "/v1/forecast takes no parameter 'zebra': it takes through, service"),
    (
      "GET /v1/reviews/abc/history?state=open",
      "/v1/reviews/{id}/history takes no parameter 'state': it takes limit, after"
    ),
  ])
  func aParameterThatTheTableDoesNotHaveIsRefused(_ request: String, _ detail: String) throws {
    let parts = request.split(separator: " ").map(String.init)
    let answer = try ask(parts[0], parts[1])
    #expect(answer.status == 400)
    #expect(try WireJson.decode(Problem.self, from: Data(answer.body.utf8)).detail == detail)
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
      #expect(documented.contains(row), "docs/api.md has no row that begins with: \(row)")
    }
    #expect(
      documented.components(separatedBy: "\n| GET |").count + documented.components(separatedBy: "\n| POST |").count - 2
        == rows.count)
  }
}

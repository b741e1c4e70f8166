import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// Asks the daemon: one method for each endpoint. Throws `Problem` for an answer that says no, `ConnectionError` for none.
package struct ReviewClient: Sendable {
  private let client: UnixHTTPClient

  package init(socketPath: String, timeoutSeconds: Int64 = 60) {
    client = UnixHTTPClient(socketPath: socketPath, timeoutSeconds: timeoutSeconds)
  }

  package func reviews(_ query: [(String, String?)]) async throws -> ReviewPage { try await get("/v1/reviews", query) }
  package func review(_ id: String) async throws -> ReviewDetail { try await get("/v1/reviews/\(try named(id))") }

  /// The triggers of a review after the one that an earlier page named as `next`.
  package func triggers(ofReview id: String, after: Int64 = 0) async throws -> TriggerPage {
    try await get("/v1/reviews/\(try named(id))/triggers", Self.page(after))
  }

  /// The same of its history.
  package func history(ofReview id: String, after: Int64 = 0) async throws -> HistoryPage {
    try await get("/v1/reviews/\(try named(id))/history", Self.page(after))
  }

  private static func page(_ after: Int64) -> [(String, String?)] { [("after", String(after)), ("limit", "500")] }

  package func open(_ request: OpenRequest) async throws -> TransitionAnswer { try await post("/v1/reviews", request) }

  /// - Parameter verb: `schedule`, `conduct`, `complete` or `cancel`.
  package func transition(_ id: String, _ verb: String, _ request: TransitionRequest) async throws -> TransitionAnswer {
    try await post("/v1/reviews/\(try named(id))/\(verb)", request)
  }

  package func services() async throws -> ServiceList { try await get("/v1/services") }
  package func service(_ id: String) async throws -> ServiceDetail { try await get("/v1/services/\(try named(id))") }
  package func rules() async throws -> RuleList { try await get("/v1/rules") }
  package func status() async throws -> StatusBody { try await get("/v1/status") }
  package func reload() async throws -> ReloadAnswer { try await send(.POST, "/v1/reload", [], nil, "") }
  package func diagnosis() async throws -> Diagnosis { try await get("/v1/diagnosis") }

  /// The whole database, given away piece by piece.
  package func backup(_ take: @escaping (ByteBuffer) throws -> Void) async throws {
    let answer = try await client.send(.GET, "/v1/backup", body: nil, contentType: "", take: take)
    guard (200..<300).contains(answer.status) else { throw problem(answer) }
  }

  package func replay(_ request: ReplayRequest) async throws -> ReplayAnswer { try await post("/v1/replay", request) }

  package func diff(_ request: DiffRequest) async throws -> RuleDiff { try await post("/v1/diff", request) }
  package func forecast(_ request: ForecastRequest) async throws -> Forecast { try await post("/v1/forecast", request) }
  package func forecast(_ query: [(String, String?)]) async throws -> Forecast { try await get("/v1/forecast", query) }

  /// - Parameters:
  ///   - format: `csv` or `jsonl`.
  ///   - firstLine: the number of the first line in its file, so that refusals name lines of the file.
  package func samples(_ body: ByteBuffer, format: String, firstLine: Int) async throws -> SamplesAnswer {
    try await send(.POST, "/v1/samples", [("format", format), ("first_line", String(firstLine))], body, "text/plain")
  }

  /// - Parameter body: CloudEvents 1.0: one, a batch, or lines.
  package func events(_ body: ByteBuffer, firstLine: Int) async throws -> EventsAnswer {
    try await send(.POST, "/v1/events", [("first_line", String(firstLine))], body, "application/cloudevents+json")
  }

  private func get<Value: Decodable>(_ path: String, _ query: [(String, String?)] = []) async throws -> Value {
    try await send(.GET, path, query, nil, "")
  }

  private func post<Value: Decodable>(_ path: String, _ body: some Encodable) async throws -> Value {
    try await send(.POST, path, [], ByteBuffer(data: try WireJson.encode(body)), "application/json")
  }

  private func send<Value: Decodable>(
    _ method: HTTPMethod, _ path: String, _ query: [(String, String?)], _ body: ByteBuffer?, _ contentType: String
  ) async throws -> Value {
    let parts = query.compactMap { name, value in value.map { "\(name)=\(escaped($0))" } }
    let uri = parts.isEmpty ? path : "\(path)?\(parts.joined(separator: "&"))"
    let answer = try await client.send(method, uri, body: body, contentType: contentType)
    guard (200..<300).contains(answer.status) else { throw problem(answer) }
    return try WireJson.decode(from: Data(buffer: answer.body))
  }

  private func problem(_ answer: UnixHTTPClient.Answer) -> Problem {
    (try? WireJson.decode(Problem.self, from: Data(buffer: answer.body)))
      ?? Problem(.failed, "the daemon answered with status \(answer.status)")
  }

  // An empty name would make of the path that of the list.
  private func named(_ id: String) throws -> String {
    if id.isEmpty { throw Problem(.badRequest, "the id is empty") }
    return escaped(id)
  }

  private func escaped(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~"))) ?? text
  }
}

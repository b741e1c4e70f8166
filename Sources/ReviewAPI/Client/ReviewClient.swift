import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// Asks the daemon: one method for each endpoint. Throws `Problem` for an answer that says no, `ConnectionError` for
/// none.
package struct ReviewClient: Sendable {
  private let client: UnixHTTPClient

  package init(socketPath: String, timeoutSeconds: Int64 = 60) {
    client = UnixHTTPClient(socketPath: socketPath, timeoutSeconds: timeoutSeconds)
  }

  package func reviews(_ query: [(Parameter, String?)]) async throws -> ReviewPage {
    try await answer(Endpoints.reviews, query)
  }
  package func review(_ id: String) async throws -> ReviewDetail { try await answer(Endpoints.review, id: id) }

  /// The triggers of a review after the one that an earlier page named as `next`.
  package func triggers(ofReview id: String, after: Int64 = 0) async throws -> TriggerPage {
    try await answer(Endpoints.triggers, id: id, Self.page(after))
  }

  /// The same of its history.
  package func history(ofReview id: String, after: Int64 = 0) async throws -> HistoryPage {
    try await answer(Endpoints.history, id: id, Self.page(after))
  }

  private static func page(_ after: Int64) -> [(Parameter, String?)] { [(.after, String(after)), (.limit, "500")] }

  package func open(_ request: OpenRequest) async throws -> TransitionAnswer {
    try await answer(Endpoints.open, request)
  }

  /// - Parameter transition: `Endpoints.schedule`, `conduct`, `complete` or `cancel`.
  package func transition(
    _ id: String, _ transition: Endpoint<TransitionRequest, TransitionAnswer>, _ request: TransitionRequest
  ) async throws -> TransitionAnswer { try await answer(transition, id: id, request) }

  package func services() async throws -> ServiceList { try await answer(Endpoints.services) }
  package func service(_ id: String) async throws -> ServiceDetail { try await answer(Endpoints.service, id: id) }
  package func rules() async throws -> RuleList { try await answer(Endpoints.rules) }
  package func status() async throws -> StatusBody { try await answer(Endpoints.status) }
  package func reload() async throws -> ReloadAnswer { try await answer(Endpoints.reload) }
  package func diagnosis() async throws -> Diagnosis { try await answer(Endpoints.diagnosis) }

  /// The whole database, given away piece by piece.
  package func backup(_ take: @escaping (ByteBuffer) throws -> Void) async throws {
    _ = try await send(Endpoints.backup.operation, nil, [], take: take)
  }

  package func replay(_ request: ReplayRequest) async throws -> ReplayAnswer {
    try await answer(Endpoints.replay, request)
  }
  package func diff(_ request: DiffRequest) async throws -> RuleDiff { try await answer(Endpoints.diff, request) }
  package func forecast(_ request: ForecastRequest) async throws -> Forecast {
    try await answer(Endpoints.forecastOfOthers, request)
  }
  package func forecast(_ query: [(Parameter, String?)]) async throws -> Forecast {
    try await answer(Endpoints.forecast, query)
  }

  /// - Parameters:
  ///   - format: `csv` or `jsonl`.
  ///   - firstLine: the number of the first line in its file, so that refusals name lines of the file.
  package func samples(_ body: ByteBuffer, format: String, firstLine: Int) async throws -> SamplesAnswer {
    try await answer(Endpoints.samples, [(.format, format), (.firstLine, String(firstLine))], body, "text/plain")
  }

  /// - Parameter body: CloudEvents 1.0: one, a batch, or lines.
  package func events(_ body: ByteBuffer, firstLine: Int) async throws -> EventsAnswer {
    try await answer(Endpoints.events, [(.firstLine, String(firstLine))], body, "application/cloudevents+json")
  }

  private func answer<Answer: Decodable>(
    _ endpoint: Endpoint<NoBody, Answer>, id: String? = nil, _ query: [(Parameter, String?)] = []
  ) async throws -> Answer {
    try WireJson.decode(from: Data(buffer: try await send(endpoint.operation, id, query)))
  }

  private func answer<Body: Encodable, Answer: Decodable>(
    _ endpoint: Endpoint<Body, Answer>, id: String? = nil, _ body: Body
  ) async throws -> Answer {
    let bytes = ByteBuffer(data: try WireJson.encode(body))
    return try WireJson.decode(
      from: Data(buffer: try await send(endpoint.operation, id, [], bytes, "application/json")))
  }

  private func answer<Answer: Decodable>(
    _ endpoint: Endpoint<Bytes, Answer>, _ query: [(Parameter, String?)], _ body: ByteBuffer, _ contentType: String
  ) async throws -> Answer {
    try WireJson.decode(from: Data(buffer: try await send(endpoint.operation, nil, query, body, contentType)))
  }

  /// - Parameter take: gets the body of a good answer piece by piece.
  private func send(
    _ operation: Operation, _ id: String?, _ query: [(Parameter, String?)], _ body: ByteBuffer? = nil,
    _ contentType: String = "",
    take: ((ByteBuffer) throws -> Void)? = nil
  ) async throws -> ByteBuffer {
    let path = try id.map { operation.path.replacing("{id}", with: try named($0)) } ?? operation.path
    let parts = query.compactMap { parameter, value in value.map { "\(parameter.name)=\(escaped($0))" } }
    let uri = parts.isEmpty ? path : "\(path)?\(parts.joined(separator: "&"))"
    let method = HTTPMethod(rawValue: operation.method.rawValue)
    let answer = try await client.send(method, uri, body: body, contentType: contentType, take: take)
    guard (200..<300).contains(answer.status) else { throw problem(answer) }
    return answer.body
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

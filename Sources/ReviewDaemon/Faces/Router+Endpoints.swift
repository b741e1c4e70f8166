import Hummingbird
import NIOCore
import ReviewAPI
import ReviewEngine

/// A request to an endpoint, of which it reads no more than the table says.
struct Call<Body: Sendable>: Sendable {
  let request: Request
  let context: PeerContext
  let operation: ReviewAPI.Operation

  var caller: CallerPresence { context.presence }
}

extension Router where Context == PeerContext {
  /// Answers an endpoint with a value of its type.
  func on<Body, Answer: Encodable>(
    _ endpoint: Endpoint<Body, Answer>, _ answer: @escaping @Sendable (Call<Body>) async throws -> Answer
  ) {
    on(
      endpoint,
      responding: { call in
        try Response(json: try await answer(call), status: .init(code: call.operation.status))
      })
  }

  /// Answers an endpoint with bytes, or with a value that is written piece by piece.
  func on<Body, Answer>(
    _ endpoint: Endpoint<Body, Answer>, responding: @escaping @Sendable (Call<Body>) async throws -> Response
  ) {
    let operation = endpoint.operation
    on(RouterPath(operation.path), method: operation.method.inRequests) { request, context in
      let call = Call<Body>(request: request, context: context, operation: operation)
      try call.refuseUnknownParameters()
      return try await responding(call)
    }
  }
}

extension Call {
  /// A misspelt parameter would say nothing, and the answer would look as if it had.
  fileprivate func refuseUnknownParameters() throws {
    let known = operation.parameters.map(\.name)
    let given = request.uri.queryParameters.map { String($0.key) }.sorted()
    guard let unknown = given.first(where: { !known.contains($0) }) else {
      if let twice = zip(given, given.dropFirst()).first(where: { $0 == $1 }) {
        throw Problem(.badRequest, "\(operation.method.rawValue) \(operation.path) takes '\(twice.0)' once")
      }
      return
    }
    let near = meant(unknown, among: known)
    let hint = near.isEmpty ? known.isEmpty ? ": it takes none" : ": it takes \(known.joined(separator: ", "))" : near
    throw Problem(
      .badRequest, "\(operation.method.rawValue) \(operation.path) takes no parameter '\(quoted(unknown))'\(hint)")
  }
}

extension ReviewAPI.Operation.Method {
  fileprivate var inRequests: HTTPRequest.Method {
    switch self {
    case .get: .get
    case .post: .post
    }
  }
}

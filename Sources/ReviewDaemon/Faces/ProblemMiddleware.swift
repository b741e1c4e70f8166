import Hummingbird
import Logging
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import ReviewAPI
import ReviewEngine
import ReviewStore

/// Turns every error into a problem document of RFC 9457.
struct ProblemMiddleware: RouterMiddleware {
  let logger: Logger

  func handle(_ request: Request, context: PeerContext, next: (Request, PeerContext) async throws -> Response)
    async throws -> Response
  {
    do {
      return try await next(request, context)
    } catch {
      let problem = problem(error, request)
      if problem.code == .failed { logger.error("\(request.method) \(request.uri.path): \(error)") }
      return try Response(problem: problem, retryAfterSeconds: error is Busy ? Busy.retryAfterSeconds : nil)
    }
  }

  private func problem(_ error: any Error, _ request: Request) -> Problem {
    switch error {
    case let problem as Problem: problem
    case let busy as Busy: busy.problem
    case let error as StoreError:
      Problem(error.code == .failed || error.code == .damaged ? .failed : .unavailable, error.description)
    case let error as TimeIsOver: Problem(.tooLarge, error.description)
    case is CancellationError: Problem(.unavailable, "reviewd is stopping: ask again when it runs")
    case is HTTPParserError: Problem(.badRequest, "the request is not HTTP/1.1 that can be read: \(error)")
    case is ChannelError, is IOError: Problem(.badRequest, "the connection was closed before the request was there")
    case is NIOTooManyBytesError: Problem(.tooLarge, "the body is larger than this endpoint takes: send it in parts")
    case let error as HTTPError where error.status == .contentTooLarge:
      Problem(.tooLarge, "the body is larger than this endpoint takes: send it in parts")
    case let error as HTTPError where error.status == .notFound:
      Problem(.notFound, "there is no endpoint \(quoted(request.uri.path))")
    case let error as HTTPError where error.status.code < 500: Problem(.badRequest, error.body ?? "\(error.status)")
    case let error as DecodingError:
      Problem(.badRequest, "the body is not what this endpoint takes: \(jsonReason(error))")
    default: Problem(.failed, "\(error)")
    }
  }
}

extension Response {
  /// Whatever a problem quotes does nothing to whoever reads it.
  init(problem: Problem, retryAfterSeconds: Int? = nil) throws {
    var problem = problem
    problem.detail = problem.detail.visibleLines
    try self.init(json: problem, status: .init(code: problem.status), contentType: "application/problem+json")
    if let retryAfterSeconds { headers[.retryAfter] = "\(retryAfterSeconds)" }
  }

  init(json value: some Encodable, status: HTTPResponse.Status = .ok, contentType: String = "application/json") throws {
    let body = ByteBuffer(data: try WireJson.encode(value))
    self.init(status: status, headers: [.contentType: contentType], body: ResponseBody(byteBuffer: body))
  }
}

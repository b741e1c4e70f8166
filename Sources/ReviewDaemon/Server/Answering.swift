import Hummingbird
import HummingbirdCore
import NIOCore
import ReviewAPI
import Synchronization

/// Turns requests into answers that are on their way: the right method, room in memory for a large answer, and pieces
/// that wait for their reader.
struct Answering<Responder: HTTPResponder>: Sendable where Responder.Context == PeerContext {
  let responder: Responder
  let methods: MethodTable

  private static var pieceByteCount: Int { 64 << 10 }

  func answer(_ request: Request, _ context: PeerContext, over writer: consuming ResponseWriter) async throws {
    let response = try await response(to: request, context)
    if request.method == .head { return try await writer.writeResponse(try await head(of: response)) }
    guard let byteCount = response.body.contentLength, byteCount > BytesInFlight.alwaysAdmitted, !response.isStream
    else {
      return try await writer.write(response: response.head, body: response.body)
    }
    guard let room = await room(for: byteCount, context) else {
      let busy = Busy("there is no room for an answer of \(byteCount >> 10) KiB (in_flight_mebibytes)")
      let refusal = try Response(problem: busy.problem, retryAfterSeconds: Busy.retryAfterSeconds)
      return try await writer.write(response: refusal.head, body: refusal.body)
    }
    try await writer.write(response: response.head, body: response.body.inPieces(of: Self.pieceByteCount))
    withExtendedLifetime(room) {}
  }

  /// The head with the length of the body that is not sent, of one that is made piece by piece too: the end of its
  /// pieces would be a body.
  private func head(of response: Response) async throws -> HTTPResponse {
    var head = response.head
    guard response.body.contentLength == nil else { return head }
    let counter = ByteCounter()
    try await response.body.write(CountingWriter(counter: counter))
    head.headerFields[.contentLength] = "\(counter.count.load(ordering: .relaxed))"
    return head
  }

  /// Room for a large answer until its last piece is on its way; nil where there is none in time.
  private func room(for byteCount: Int, _ context: PeerContext) async -> BytesInFlight.Room? {
    try? await context.inFlight.room(for: byteCount, context.presence)
  }

  private func response(to request: Request, _ context: PeerContext) async throws -> Response {
    if let refusal = refusal(of: request) { return refusal }
    var head = request.head
    if head.method == .head { head.method = .get }
    do {
      return try await responder.respond(to: Request(head: head, body: request.body), context: context)
    } catch { return Response(status: .internalServerError) }
  }

  private func refusal(of request: Request) -> Response? {
    if let expected = request.headers[.expect], expected.lowercased() != "100-continue" {
      return try? Response(
        problem: Problem(notExpected: "'\(quoted(expected))' is not expected by anybody here, but 100-continue is"))
    }
    let allowed = methods.allowed(request.uri.path)
    guard !allowed.isEmpty, !allowed.contains(request.method.rawValue) else { return nil }
    let words = allowed.joined(separator: ", ")
    let detail = "\(quoted(request.uri.path)) takes \(words), not \(quoted(request.method.rawValue))"
    var response = try? Response(problem: Problem(methodNotAllowed: detail))
    response?.headers[.allow] = words
    return response
  }
}

extension Response {
  /// Whether the body is made piece by piece while it is sent.
  fileprivate var isStream: Bool { headers[.contentType] == "application/vnd.sqlite3" }
}

extension ResponseBody {
  /// The same, but each piece waits until the reader has taken those before.
  fileprivate consuming func inPieces(of byteCount: Int) -> ResponseBody {
    let (whole, length) = (self, contentLength)
    return ResponseBody(contentLength: length) { writer in
      try await whole.write(PieceWriter(writer: writer, byteCount: byteCount))
    }
  }
}

private final class ByteCounter: Sendable {
  let count = Atomic<Int>(0)
}

/// Counts what is written, and sends nothing.
private struct CountingWriter: ResponseBodyWriter {
  let counter: ByteCounter

  mutating func write(_ buffer: ByteBuffer) async throws { counter.count.add(buffer.readableBytes, ordering: .relaxed) }

  consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

/// Passes on what is written in pieces.
private struct PieceWriter: ResponseBodyWriter {
  var writer: any ResponseBodyWriter
  let byteCount: Int

  mutating func write(_ buffer: ByteBuffer) async throws {
    var rest = buffer
    while let piece = rest.readSlice(length: min(byteCount, rest.readableBytes)), piece.readableBytes > 0 {
      try await writer.write(piece)
    }
  }

  consuming func finish(_ trailingHeaders: HTTPFields?) async throws { try await writer.finish(trailingHeaders) }
}

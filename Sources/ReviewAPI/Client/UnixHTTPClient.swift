import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Why a request had no answer.
package enum ConnectionError: Error {
  case notReachable(socket: String, cause: String)
  case closedEarly
  case timedOut(seconds: Int64)
  case answerTooLarge(byteCount: Int)
}

/// One request of HTTP/1.1 over a Unix domain socket.
struct UnixHTTPClient: Sendable {
  let socketPath: String
  var timeoutSeconds: Int64 = 60

  static let largestAnswerByteCount = 256 << 20

  struct Answer: Sendable {
    var status: Int
    var body: ByteBuffer
  }

  /// - Parameter take: gets the body of a good answer piece by piece; without it the answer holds all of it.
  func send(
    _ method: HTTPMethod, _ uri: String, body: ByteBuffer?, contentType: String,
    take: ((ByteBuffer) throws -> Void)? = nil
  ) async throws -> Answer {
    let channel = try await connect()
    let timer = channel.channel.eventLoop.scheduleTask(in: .seconds(timeoutSeconds)) {
      channel.channel.close(promise: nil)
    }
    let started = NIODeadline.now()
    do {
      let answer = try await channel.executeThenClose { inbound, outbound in
        try await write(method, uri, body, contentType, to: outbound)
        return try await read(inbound, take)
      }
      timer.cancel()
      return answer
    } catch is IOError {
      // Such as a reset: whoever was to answer is gone.
      throw ConnectionError.closedEarly
    } catch ConnectionError.closedEarly where NIODeadline.now() - started >= .seconds(timeoutSeconds) {
      throw ConnectionError.timedOut(seconds: timeoutSeconds)
    }
  }

  private typealias Channel = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

  /// Connects, and tries again for a while where more callers wait at the socket than the kernel keeps.
  private func connect(attempt: Int = 1) async throws -> Channel {
    do { return try await connectOnce() } catch let error as IOError {
      guard error.errnoCode == EAGAIN, attempt < Self.attempts else {
        throw ConnectionError.notReachable(socket: socketPath, cause: error.plainReason)
      }
    } catch { throw ConnectionError.notReachable(socket: socketPath, cause: "\(error)") }
    try await Task.sleep(for: .milliseconds(20))
    return try await connect(attempt: attempt + 1)
  }

  private static let attempts = 250

  private func connectOnce() async throws -> Channel {
    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.seconds(5))
      .connect(unixDomainSocketPath: socketPath) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          return try Channel(wrappingChannelSynchronously: channel)
        }
      }
  }

  private func write(
    _ method: HTTPMethod, _ uri: String, _ body: ByteBuffer?, _ contentType: String,
    to outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
  ) async throws {
    var head = HTTPRequestHead(version: .http1_1, method: method, uri: uri)
    head.headers.add(name: "host", value: "localhost")
    head.headers.add(name: "connection", value: "close")
    if let body {
      head.headers.add(name: "content-type", value: contentType)
      head.headers.add(name: "content-length", value: String(body.readableBytes))
    }
    // In one go: a server that has the whole request may answer and close before a separate end is written.
    let parts = [HTTPClientRequestPart.head(head)] + (body.map { [.body(.byteBuffer($0))] } ?? []) + [.end(nil)]
    try await outbound.write(contentsOf: parts)
  }

  private func read(
    _ inbound: NIOAsyncChannelInboundStream<HTTPClientResponsePart>, _ take: ((ByteBuffer) throws -> Void)?
  ) async throws -> Answer {
    var answer: Answer?
    for try await part in inbound {
      switch part {
      case .head(let head): answer = Answer(status: Int(head.status.code), body: ByteBuffer())
      case .body(let buffer) where take != nil && answer?.status == 200: try take?(buffer)
      case .body(var buffer):
        answer?.body.writeBuffer(&buffer)
        if let count = answer?.body.readableBytes, count > Self.largestAnswerByteCount {
          throw ConnectionError.answerTooLarge(byteCount: count)
        }
      case .end: if let answer { return answer }
      }
    }
    throw ConnectionError.closedEarly
  }
}

extension IOError {
  fileprivate var plainReason: String {
    switch errnoCode {
    case EAGAIN: "too many callers wait there: try again"
    case 2: "there is no such socket"
    case 13: "you may not use this socket"
    case 111: "nobody listens there"
    default: "\(self)"
    }
  }
}

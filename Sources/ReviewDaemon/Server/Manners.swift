import Hummingbird
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOHTTPTypes
import ReviewAPI

/// The manners of HTTP/1.1 on one connection: what cannot be read is answered with 400, `Expect: 100-continue` before
/// the body is read, and after an answer that comes before the end of its request the connection is closed and the rest
/// not read.
final class Manners: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// Tells that an endpoint reads the body from now on.
  struct BodyIsWanted: Sendable {}

  /// So that the answer is read before the connection is gone: unread input would take it along.
  private static let lingering = TimeAmount.milliseconds(500)

  /// Why nothing that comes over the connection is looked at; nil where it is.
  private let refusal: Problem?
  private(set) var progress = ConnectionProgress()
  private var expectsContinue = false
  private var isOver = false
  private var context: ChannelHandlerContext?

  init(refusal: Problem?) { self.refusal = refusal }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  // MARK: What comes

  func channelActive(context: ChannelHandlerContext) {
    context.fireChannelActive()
    if let refusal { end(with: refusal) }
  }

  func read(context: ChannelHandlerContext) { if !isOver { context.read() } }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isOver { return }
    let part = unwrapInboundIn(data)
    progress.read(part)
    if case .head(let head) = part { expectsContinue = head.headerFields[.expect]?.lowercased() == "100-continue" }
    context.fireChannelRead(data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is HTTPParserError {
      end(with: Problem(.badRequest, "the request is not HTTP/1.1 that can be read: \(error)"))
    }
    // Whoever waits for the rest of a body must not take what there is for all of it.
    context.fireErrorCaught(error)
  }

  func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
    guard event is BodyIsWanted else { return context.triggerUserOutboundEvent(event, promise: promise) }
    progress.bodyIsWanted()
    if expectsContinue, progress.isUnfinished, !isOver {
      context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }
    expectsContinue = false
    promise?.succeed()
  }

  // MARK: What goes

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard !isOver else { return promise?.fail(ChannelError.ioOnClosedChannel) ?? () }
    var part = unwrapOutboundIn(data)
    if case .head(var head) = part, head.status.kind != .informational, progress.answerBegins() {
      head.headerFields[.connection] = "close"
      part = .head(head)
    }
    let isLast = progress.write(part)
    context.write(wrapOutboundOut(part), promise: promise)
    if isLast {
      context.flush()
      close()
    }
  }

  /// Answers with a problem instead of whatever was to come, and ends the connection.
  func end(with problem: Problem) {
    guard let context, !isOver else { return }
    guard !progress.isAnswering, let bytes = try? WireJson.encode(problem) else {
      isOver = true
      return context.close(promise: nil)
    }
    let body = ByteBuffer(data: bytes)
    let head = HTTPResponse(
      status: .init(code: problem.status),
      headerFields: [
        .connection: "close", .contentLength: "\(body.readableBytes)", .contentType: "application/problem+json",
      ])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(body)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    close()
  }

  private func close() {
    guard let context else { return }
    isOver = true
    context.close(mode: .output, promise: nil)
    let channel = context.channel
    context.eventLoop.scheduleTask(in: Self.lingering) { channel.close(promise: nil) }
  }
}

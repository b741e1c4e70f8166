import Hummingbird
import NIOCore
import NIOHTTPTypes
import ReviewAPI

/// Answers `/healthz` at once and on the event loop: it waits neither for a thread nor for the keeper.
final class HealthAnswer: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundOut = HTTPResponsePart

  static let path = Endpoints.health.operation.path

  private let health: Health
  private let manners: Manners
  /// The method of the request that is answered here.
  private var method: HTTPRequest.Method?

  init(health: Health, manners: Manners) {
    self.health = health
    self.manners = manners
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    // Answers come in the order of the requests: one behind another that is not answered yet goes the usual way.
    if case .head(let head) = part, head.path == Self.path, head.method == .get || head.method == .head,
      manners.progress.hasOneToAnswer
    {
      method = head.method
    }
    guard let method else { return context.fireChannelRead(data) }
    guard case .end = part else { return }
    self.method = nil
    answer(context, withBody: method == .get)
  }

  private func answer(_ context: ChannelHandlerContext, withBody: Bool) {
    let problem = health.problem()
    let body = ByteBuffer(string: problem.map { $0 + "\n" } ?? "ok\n")
    let head = HTTPResponse(
      status: problem == nil ? .ok : .serviceUnavailable,
      headerFields: [.contentType: "text/plain", .contentLength: "\(body.readableBytes)"])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if withBody { context.write(wrapOutboundOut(.body(body)), promise: nil) }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}

import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOExtras
import NIOPosix
import ServiceLifecycle

/// Serves the API on a socket that is bound already, by us or by the service manager.
struct Server<Responder: HTTPResponder>: ServiceLifecycle.Service where Responder.Context == PeerContext {
  let responder: Responder
  let socket: ListeningSocket
  let logger: Logger
  private let group = MultiThreadedEventLoopGroup.singleton
  private let peers = Peers()

  init(responder: Responder, socket: ListeningSocket, logger: Logger) {
    self.responder = responder
    self.socket = socket
    self.logger = logger
  }

  func run() async throws {
    let channel = http1()
    let quiescing = ServerQuiescingHelper(group: group)
    let server = try await ServerBootstrap(group: group)
      .serverChannelInitializer { parent in
        parent.eventLoop.makeCompletedFuture {
          try parent.pipeline.syncOperations.addHandler(quiescing.makeServerChannelHandler(channel: parent))
        }
      }
      .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
      .bind(socket.descriptor) { connection in
        _ = peers.add(connection)
        return channel.setup(channel: connection, logger: logger)
      }
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { tasks in
        do {
          try await server.executeThenClose { connections in
            for try await connection in connections { tasks.addTask { await channel.handle(value: connection, logger: logger) } }
          }
        } catch { logger.error("the API stopped: \(error)") }
      }
    } onGracefulShutdown: {
      quiescing.initiateShutdown(promise: nil)
    }
    socket.removePath()
  }

  private func http1() -> HTTP1Channel {
    let (responder, logger, peers) = (responder, logger, peers)
    return HTTP1Channel { request, writer, channel in
      var logger = logger
      // RequestContext.id reads this key and has no other source.
      logger[metadataKey: "hb.request.id"] = .stringConvertible(RequestID())
      let source = ApplicationRequestContextSource(channel: channel, logger: logger)
      let context = PeerContext(source: source, presence: peers.presence(of: channel))
      let response: Response
      do { response = try await responder.respond(to: request, context: context) } catch {
        response = Response(status: .internalServerError)
      }
      try await writer.write(response: response.head, body: response.body)
    }
  }
}

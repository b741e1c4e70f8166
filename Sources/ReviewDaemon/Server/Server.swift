import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOExtras
import NIOPosix
import ReviewFiles
import ServiceLifecycle

/// Serves the API on a socket that is bound already, by us or by the service manager.
struct Server: ServiceLifecycle.Service {
  let answering: Answering<RouterResponder<PeerContext>>
  let limits: Limits
  let hits: LimitHits
  let health: Health
  let socket: ListeningSocket
  let logger: Logger
  private let group = MultiThreadedEventLoopGroup.singleton
  private let peers = Peers()
  private let gate: ConnectionGate
  private let inFlight: BytesInFlight

  init(
    router: Router<PeerContext>, limits: Limits, hits: LimitHits, health: Health, socket: ListeningSocket,
    logger: Logger
  ) {
    answering = Answering(responder: router.buildResponder(), methods: MethodTable())
    self.limits = limits
    self.hits = hits
    self.health = health
    self.socket = socket
    self.logger = logger
    gate = ConnectionGate(limits: limits, hits: hits)
    inFlight = BytesInFlight(mebibytes: limits.inFlightMebibytes, hits: hits)
  }

  func run() async throws {
    let (gate, logger, socket) = (gate, logger, socket)
    let quiescing = ServerQuiescingHelper(group: group)
    let server = try await ServerBootstrap(group: group)
      // One at a time: the limit is looked at before each.
      .serverChannelOption(.maxMessagesPerRead, value: 1)
      .serverChannelInitializer { parent in
        parent.eventLoop.makeCompletedFuture {
          gate.setListener(parent)
          try socket.shortenLine()
          try parent.pipeline.syncOperations.addHandler(quiescing.makeServerChannelHandler(channel: parent))
        }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .bind(socket.descriptor) { setUp($0) }
    let http1 = http1()
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { tasks in
        do {
          try await server.executeThenClose { connections in
            for try await connection in connections {
              tasks.addTask { await http1.handle(value: connection, logger: logger) }
            }
          }
        } catch { logger.error("the API stopped: \(error)") }
      }
    } onGracefulShutdown: {
      quiescing.initiateShutdown(promise: nil)
    }
    socket.removePath()
  }

  /// Lets a connection in, or refuses it, with all that looks after it.
  private func setUp(_ connection: any Channel) -> EventLoopFuture<HTTP1Channel.Value> {
    let presence = peers.add(connection)
    let refusal = gate.admit(connection, user: presence.user)
    let (bytes, manners) = (ByteWatch(), Manners(refusal: refusal))
    do { try connection.pipeline.syncOperations.addHandler(bytes) } catch {
      return connection.eventLoop.makeFailedFuture(error)
    }
    let handlers: [any RemovableChannelHandler] = [
      manners, RequestClock(limits: limits, hits: hits, gate: gate, manners: manners, bytes: bytes),
      HealthAnswer(health: health, manners: manners),
    ]
    let bound = NIOLoopBound(handlers, eventLoop: connection.eventLoop)
    let channel = http1(HTTP1Channel.Configuration(additionalChannelHandlers: bound.value))
    return channel.setup(channel: connection, logger: logger)
  }

  private func http1(_ configuration: HTTP1Channel.Configuration = .init()) -> HTTP1Channel {
    let (answering, logger, peers, inFlight) = (answering, logger, peers, inFlight)
    return HTTP1Channel(
      responder: { request, writer, channel in
        var logger = logger
        // RequestContext.id reads this key and has no other source.
        logger[metadataKey: "hb.request.id"] = .stringConvertible(RequestID())
        let source = ApplicationRequestContextSource(channel: channel, logger: logger)
        let context = PeerContext(source: source, presence: peers.presence(of: channel), inFlight: inFlight)
        try await answering.answer(request, context, over: writer)
      }, configuration: configuration)
  }
}

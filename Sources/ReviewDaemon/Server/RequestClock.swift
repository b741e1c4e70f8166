import NIOCore
import NIOHTTPTypes
import ReviewAPI
import ReviewFiles

/// Ends connections whose head, body or reader takes too long, and tells the gate which are busy.
final class RequestClock: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// What a reader has to take within the time for answers.
  private static let leastTaken = 64 << 10
  private static let tick = TimeAmount.seconds(1)

  private let limits: Limits
  private let hits: LimitHits
  private let gate: ConnectionGate
  private let manners: Manners
  private let bytes: ByteWatch
  private var timer: RepeatedTask?
  /// How much the reader had taken, and when that was noted.
  private var taken = (byteCount: 0, at: NIODeadline.now())

  init(limits: Limits, hits: LimitHits, gate: ConnectionGate, manners: Manners, bytes: ByteWatch) {
    self.limits = limits
    self.hits = hits
    self.gate = gate
    self.manners = manners
    self.bytes = bytes
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleRepeatedTask(initialDelay: Self.tick, delay: Self.tick) { _ in
      let (clock, context) = bound.value
      clock.look(context)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head = unwrapInboundIn(data) {
      bytes.hasBegun = false
      gate.noteBegun(context.channel)
    }
    gate.setBusy(manners.progress.isBusy, context.channel)
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard case .end = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
    // Busy until the reader has taken the answer, so that nobody loses one to make room.
    let written = promise ?? context.eventLoop.makePromise()
    let (gate, manners, channel) = (gate, manners, context.channel)
    written.futureResult.assumeIsolated().whenComplete { _ in gate.setBusy(manners.progress.isBusy, channel) }
    context.write(data, promise: written)
  }

  private func look(_ context: ChannelHandlerContext) {
    let waiting = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    let progress = manners.progress
    if waiting > 0 { return lookAtReader(context, waiting) }
    taken = (progress.writtenByteCount, .now())
    if let wanted = progress.bodyWantedAt, isOver(wanted, limits.bodySeconds) { return endBody() }
    if progress.isIdle, isOver(progress.quietSince, limits.headSeconds) { endHead(context) }
  }

  private func lookAtReader(_ context: ChannelHandlerContext, _ waiting: Int) {
    let byteCount = manners.progress.writtenByteCount - waiting
    if byteCount >= taken.byteCount + Self.leastTaken { taken = (byteCount, .now()) }
    guard isOver(taken.at, limits.answerSeconds) else { return }
    hits.note(
      .answerSeconds, "a connection was closed whose reader took less than 64 KiB in \(limits.answerSeconds) seconds")
    context.close(promise: nil)
  }

  private func endBody() {
    hits.note(.bodySeconds, "a request was ended whose body was not there in time")
    manners.end(with: Problem(timedOut: "the body was not there within \(limits.bodySeconds) seconds (body_seconds)"))
  }

  private func endHead(_ context: ChannelHandlerContext) {
    // One that has nothing more to ask is no offence.
    guard bytes.hasBegun else { return context.close(promise: nil) }
    hits.note(.headSeconds, "a request was ended whose head was not there in time")
    manners.end(
      with: Problem(
        timedOut: "the head of the request was not there within \(limits.headSeconds) seconds (head_seconds)"))
  }

  private func isOver(_ since: NIODeadline, _ seconds: Int) -> Bool { .now() - since >= .seconds(Int64(seconds)) }
}

/// Knows whether any byte of a next request has come.
final class ByteWatch: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  var hasBegun = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    hasBegun = true
    context.fireChannelRead(data)
  }
}

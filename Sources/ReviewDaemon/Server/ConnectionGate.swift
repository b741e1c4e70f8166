import NIOCore
import ReviewAPI
import ReviewFiles
import Synchronization

/// Lets connections in up to the limits, at which one makes room for another as the ledger says. Where all are being
/// answered, no more are accepted. One that has only just come makes no room: a few more are let in until its event
/// loop has read what it sent.
final class ConnectionGate: Sendable {
  private struct State {
    var ledger: ConnectionLedger<ObjectIdentifier>
    var channels: [ObjectIdentifier: any Channel] = [:]
    var listener: (any Channel)?
    var isPaused = false

    /// Takes away what makes room.
    mutating func takeAway(_ keys: [ObjectIdentifier]) -> [any Channel] {
      keys.compactMap { channels.removeValue(forKey: $0) }
    }
  }

  /// What became of a connection.
  private struct Admission {
    let limit: ConnectionLedger<ObjectIdentifier>.Limit?
    let evicted: [any Channel]
    let isRefused: Bool
  }

  private let limits: Limits
  private let hits: LimitHits
  private let state: Mutex<State>

  init(limits: Limits, hits: LimitHits) {
    self.limits = limits
    self.hits = hits
    state = Mutex(
      State(ledger: ConnectionLedger(connections: limits.connections, connectionsPerUser: limits.connectionsPerUser)))
  }

  /// - Parameter listener: what accepts connections, and is told not to.
  func setListener(_ listener: any Channel) { state.withLock { $0.listener = listener } }

  /// - Returns: why there is no room for a connection; nil where there is, or was made.
  func admit(_ channel: any Channel, user: UInt32?) -> Problem? {
    let key = ObjectIdentifier(channel)
    let admission = state.withLock { Self.admit(key, channel, user, &$0) }
    channel.closeFuture.whenComplete { [weak self] _ in self?.remove(key) }
    // An event loop reads what has come before it does what it was told to do later.
    channel.eventLoop.scheduleTask(in: .milliseconds(1)) { [weak self] in self?.noteHeard(key) }
    for evicted in admission.evicted { evicted.close(promise: nil) }
    if let limit = admission.limit { tell(limit, !admission.isRefused, user) }
    accept()
    guard admission.isRefused else { return nil }
    return Busy("\(limits.connectionsPerUser) connections of one user are being answered (connections_per_user)")
      .problem
  }

  private static func admit(_ key: ObjectIdentifier, _ channel: any Channel, _ user: UInt32?, _ state: inout State)
    -> Admission
  {
    let limit = state.ledger.limit(forAnotherOf: user)
    let evicted = limit.flatMap { state.ledger.makeRoom($0, for: user) }
    let isEarly = limit.map { evicted == nil && state.ledger.hasNewcomer($0, of: user) } ?? false
    let isRefused = limit == .connectionsPerUser && evicted == nil && !isEarly
    state.ledger.add(key, of: user, isRefused: isRefused)
    state.channels[key] = channel
    return Admission(limit: limit, evicted: state.takeAway(evicted.map { [$0] } ?? []), isRefused: isRefused)
  }

  private func tell(_ limit: ConnectionLedger<ObjectIdentifier>.Limit, _ madeRoom: Bool, _ user: UInt32?) {
    let who = limit == .connectionsPerUser ? "user \(user.map(String.init) ?? "unknown")" : "all"
    let allowed = limit == .connectionsPerUser ? limits.connectionsPerUser : limits.connections
    let what =
      madeRoom
      ? "the longest idle or unfinished one was closed"
      : "all of them are being answered, and new ones wait or are refused"
    hits.note(
      limit == .connectionsPerUser ? .connectionsPerUser : .connections, "\(allowed) connections of \(who): \(what)")
  }

  // MARK: Newcomers, who must not make room before anybody has read what they sent.

  private static let overflow = 64

  /// How many are let in beyond the limits until those before them were heard; none where there are few connections at
  /// all.
  static func largestOverflow(_ limits: Limits) -> Int { limits.connections >= 2 * overflow ? overflow : 0 }

  /// The largest limit of connections for which so many descriptors are enough.
  static func connections(within count: Int) -> Int {
    count >= 3 * overflow ? count - overflow : min(count, 2 * overflow - 1)
  }

  private func noteHeard(_ key: ObjectIdentifier) {
    let evicted = state.withLock { state in
      state.ledger.hear(key).map { state.takeAway(state.ledger.makeRoomWhereOver(for: $0)) } ?? []
    }
    for channel in evicted { channel.close(promise: nil) }
    accept()
  }

  // MARK: While it is open

  /// A request has begun on it.
  func noteBegun(_ channel: any Channel) { state.withLock { $0.ledger.begin(ObjectIdentifier(channel)) } }

  func setBusy(_ isBusy: Bool, _ channel: any Channel) {
    state.withLock { $0.ledger.setBusy(ObjectIdentifier(channel), isBusy) }
    accept()
  }

  private func remove(_ key: ObjectIdentifier) {
    state.withLock { state in
      state.ledger.remove(key)
      state.channels[key] = nil
    }
    accept()
  }

  /// Accepts further connections, or stops that where nothing could make room for one.
  private func accept() {
    state.withLock { state in
      let isPaused =
        state.ledger.isFull || state.ledger.isOverfull && state.ledger.isOver(by: Self.largestOverflow(limits))
      guard isPaused != state.isPaused, let listener = state.listener else { return }
      state.isPaused = isPaused
      // Put in line while the lock is held, so that the last word is the right one.
      listener.eventLoop.execute { _ = listener.setOption(.autoRead, value: !isPaused) }
    }
  }
}

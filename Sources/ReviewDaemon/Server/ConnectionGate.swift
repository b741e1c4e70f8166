import NIOCore
import ReviewAPI
import ReviewFiles
import Synchronization

/// Lets connections in up to the limits. At a limit, the connection makes room that has been idle or unfinished the longest: of the same
/// user at the limit of one user, else of the user who has the most. Where all are being answered, no more are accepted.
final class ConnectionGate: Sendable {
  private struct Entry {
    let channel: any Channel
    let user: UInt32?
    /// Since when nothing is answered on it; nil while something is.
    var idleSince: NIODeadline?
    let since = NIODeadline.now()
    /// Whether something that reads as a request has come.
    var hasSpoken = false
    /// Whether it is there only until its refusal was read.
    var isRefused = false
  }

  private struct State {
    var entries: [ObjectIdentifier: Entry] = [:]
    var listener: (any Channel)?
    var isPaused = false
  }

  private let limits: Limits
  private let hits: LimitHits
  private let state = Mutex(State())

  init(limits: Limits, hits: LimitHits) {
    self.limits = limits
    self.hits = hits
  }

  /// - Parameter listener: what accepts connections, and is told not to.
  func setListener(_ listener: any Channel) { state.withLock { $0.listener = listener } }

  /// - Returns: why there is no room for a connection; nil where there is, or was made.
  func admit(_ channel: any Channel, user: UInt32?) -> Problem? {
    let key = ObjectIdentifier(channel)
    let (limit, evicted) = state.withLock { state -> (LimitHits.Kind?, (any Channel)?) in
      let limit = Self.limit(limits, for: user, state)
      let evicted = limit.flatMap { evict($0, user, &state) }
      let isRefused = limit == .connectionsPerUser && evicted == nil
      state.entries[key] = Entry(channel: channel, user: user, idleSince: isRefused ? .uptimeNanoseconds(0) : .now(), isRefused: isRefused)
      return (limit, evicted)
    }
    channel.closeFuture.whenComplete { [weak self] _ in self?.remove(key) }
    evicted?.close(promise: nil)
    if let limit { tell(limit, evicted != nil, user) }
    accept()
    guard limit == .connectionsPerUser, evicted == nil else { return nil }
    return Busy("\(limits.connectionsPerUser) connections of one user are being answered (connections_per_user)").problem
  }

  private static func limit(_ limits: Limits, for user: UInt32?, _ state: State) -> LimitHits.Kind? {
    if state.entries.values.count(where: { $0.user == user && !$0.isRefused }) >= limits.connectionsPerUser { return .connectionsPerUser }
    return state.entries.count >= limits.connections ? .connections : nil
  }

  private func evict(_ limit: LimitHits.Kind, _ user: UInt32?, _ state: inout State) -> (any Channel)? {
    let owner = limit == .connectionsPerUser ? user : greediest(state)
    let idle = state.entries.filter {
      $0.value.user == owner && $0.value.idleSince != nil && !(limit == .connectionsPerUser && $0.value.isRefused)
    }
    // One that has just come has had no time to say anything: it makes room last.
    let heard = idle.filter { $0.value.hasSpoken || .now() - $0.value.since > Self.timeToSpeak }
    let oldest = (heard.isEmpty ? idle : heard).min { ($0.value.idleSince ?? .distantFuture) < ($1.value.idleSince ?? .distantFuture) }
    return oldest.flatMap { state.entries.removeValue(forKey: $0.key)?.channel }
  }

  private static let timeToSpeak = TimeAmount.milliseconds(200)

  /// The user with the most connections on which nothing is answered.
  private func greediest(_ state: State) -> UInt32? {
    let counts = Dictionary(grouping: state.entries.values.filter { $0.idleSince != nil }, by: \.user).mapValues(\.count)
    return counts.max { ($0.value, $0.key ?? 0) < ($1.value, $1.key ?? 0) }?.key
  }

  private func tell(_ limit: LimitHits.Kind, _ madeRoom: Bool, _ user: UInt32?) {
    let who = limit == .connectionsPerUser ? "user \(user.map(String.init) ?? "unknown")" : "all"
    let allowed = limit == .connectionsPerUser ? limits.connectionsPerUser : limits.connections
    let what =
      madeRoom ? "the longest idle or unfinished one was closed" : "all of them are being answered, and new ones wait or are refused"
    hits.note(limit, "\(allowed) connections of \(who): \(what)")
  }

  // MARK: While it is open

  func noteSpoken(_ channel: any Channel) { state.withLock { $0.entries[ObjectIdentifier(channel)]?.hasSpoken = true } }

  func setBusy(_ isBusy: Bool, _ channel: any Channel) {
    state.withLock { state in
      guard let entry = state.entries[ObjectIdentifier(channel)], !entry.isRefused, (entry.idleSince == nil) != isBusy else { return }
      state.entries[ObjectIdentifier(channel)]?.idleSince = isBusy ? nil : .now()
    }
    accept()
  }

  private func remove(_ key: ObjectIdentifier) {
    state.withLock { _ = $0.entries.removeValue(forKey: key) }
    accept()
  }

  /// Accepts further connections, or stops that where nothing could make room for one.
  private func accept() {
    state.withLock { state in
      let isPaused = state.entries.count >= limits.connections && state.entries.values.allSatisfy { $0.idleSince == nil }
      guard isPaused != state.isPaused, let listener = state.listener else { return }
      state.isPaused = isPaused
      // Put in line while the lock is held, so that the last word is the right one.
      listener.eventLoop.execute { _ = listener.setOption(.autoRead, value: !isPaused) }
    }
  }
}

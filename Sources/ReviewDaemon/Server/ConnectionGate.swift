import NIOCore
import ReviewAPI
import ReviewFiles
import Synchronization

/// Lets connections in up to the limits. At a limit, the connection makes room that has been idle or unfinished the longest: of the same
/// user at the limit of one user, else of the user who has the most. Where all are being answered, no more are accepted. One that has only
/// just come makes no room: a few more are let in until its event loop has read what it sent.
final class ConnectionGate: Sendable {
  private struct Entry {
    let channel: any Channel
    let user: UInt32?
    /// Whether nobody has looked yet what was sent on it.
    var isNewcomer = true
    /// Since when nothing is answered on it and nothing new has come that reads as a request; nil while something is answered.
    var idleSince: NIODeadline?
    /// Whether it is there only until its refusal was read.
    var isRefused = false
  }

  private struct State {
    var entries: [ObjectIdentifier: Entry] = [:]
    var listener: (any Channel)?
    var isPaused = false
    /// Whether there are more than may be for a moment, because all that could make room have only just come.
    var isOverfull = false
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
    let (limit, evicted, isRefused) = state.withLock { state -> (LimitHits.Kind?, (any Channel)?, Bool) in
      let limit = Self.limit(limits, for: user, state)
      let evicted = limit.flatMap { evict($0, user, &state) }
      let isEarly = limit != nil && evicted == nil && hasNewcomer(limit, user, state)
      if isEarly { state.isOverfull = true }
      let isRefused = limit == .connectionsPerUser && evicted == nil && !isEarly
      state.entries[key] = Entry(channel: channel, user: user, idleSince: isRefused ? .uptimeNanoseconds(0) : .now(), isRefused: isRefused)
      return (limit, evicted, isRefused)
    }
    channel.closeFuture.whenComplete { [weak self] _ in self?.remove(key) }
    // An event loop reads what has come before it does what it was told to do later.
    channel.eventLoop.scheduleTask(in: .milliseconds(1)) { [weak self] in self?.noteHeard(key) }
    evicted?.close(promise: nil)
    if let limit { tell(limit, !isRefused, user) }
    accept()
    guard isRefused else { return nil }
    return Busy("\(limits.connectionsPerUser) connections of one user are being answered (connections_per_user)").problem
  }

  private static func limit(_ limits: Limits, for user: UInt32?, _ state: State) -> LimitHits.Kind? {
    if count(of: user, state) >= limits.connectionsPerUser { return .connectionsPerUser }
    return state.entries.count >= limits.connections ? .connections : nil
  }

  private func evict(_ limit: LimitHits.Kind, _ user: UInt32?, _ state: inout State) -> (any Channel)? {
    let owner = limit == .connectionsPerUser ? user : greediest(state)
    let heard = state.entries.lazy.filter { !$0.value.isNewcomer && Self.canMakeRoom($0.value, limit, owner) }
    let oldest = heard.min { ($0.value.idleSince ?? .distantFuture) < ($1.value.idleSince ?? .distantFuture) }
    return oldest.flatMap { state.entries.removeValue(forKey: $0.key)?.channel }
  }

  /// Whether nothing is answered on a connection of whom a limit is about.
  private static func canMakeRoom(_ entry: Entry, _ limit: LimitHits.Kind?, _ owner: UInt32?) -> Bool {
    entry.user == owner && entry.idleSince != nil && !(limit == .connectionsPerUser && entry.isRefused)
  }

  // MARK: Newcomers, who must not make room before anybody has read what they sent.

  private static let overflow = 64

  /// How many are let in beyond the limits until those before them were heard; none where there are few connections at all.
  static func largestOverflow(_ limits: Limits) -> Int { limits.connections >= 2 * overflow ? overflow : 0 }

  /// The largest limit of connections for which so many descriptors are enough.
  static func connections(within count: Int) -> Int { count >= 3 * overflow ? count - overflow : min(count, 2 * overflow - 1) }

  private func hasNewcomer(_ limit: LimitHits.Kind?, _ user: UInt32?, _ state: State) -> Bool {
    let owner = limit == .connectionsPerUser ? user : greediest(state)
    return state.entries.values.contains { $0.isNewcomer && Self.canMakeRoom($0, limit, owner) }
  }

  private func noteHeard(_ key: ObjectIdentifier) {
    let isOverfull = state.withLock { state in
      state.entries[key]?.isNewcomer = false
      return state.isOverfull
    }
    if isOverfull { makeRoom() }
  }

  private func makeRoom() {
    let evicted = state.withLock { state in
      var evicted: [any Channel] = []
      for user in Set(state.entries.values.map(\.user)) {
        while Self.count(of: user, state) > limits.connectionsPerUser, let one = evict(.connectionsPerUser, user, &state) {
          evicted.append(one)
        }
      }
      while state.entries.count > limits.connections, let one = evict(.connections, nil, &state) { evicted.append(one) }
      state.isOverfull = evicted.isEmpty && state.entries.values.contains(where: \.isNewcomer)
      return evicted
    }
    for channel in evicted { channel.close(promise: nil) }
    accept()
  }

  private func isOverflowing(_ state: State) -> Bool {
    state.entries.count >= limits.connections + Self.largestOverflow(limits)
      || Dictionary(grouping: state.entries.values, by: \.user).values.contains {
        $0.count >= limits.connectionsPerUser + Self.largestOverflow(limits)
      }
  }

  private static func count(of user: UInt32?, _ state: State) -> Int {
    state.entries.values.count { $0.user == user && !$0.isRefused }
  }

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

  /// A request has begun on it.
  func noteBegun(_ channel: any Channel) {
    state.withLock { state in
      guard let entry = state.entries[ObjectIdentifier(channel)], entry.idleSince != nil, !entry.isRefused else { return }
      state.entries[ObjectIdentifier(channel)]?.idleSince = .now()
    }
  }

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
      let isFull = state.entries.count >= limits.connections && state.entries.values.allSatisfy { $0.idleSince == nil }
      let isPaused = isFull || state.isOverfull && isOverflowing(state)
      guard isPaused != state.isPaused, let listener = state.listener else { return }
      state.isPaused = isPaused
      // Put in line while the lock is held, so that the last word is the right one.
      listener.eventLoop.execute { _ = listener.setOption(.autoRead, value: !isPaused) }
    }
  }
}

import DequeModule

/// Who has how many connections, and which of them makes room at a limit: the one that has been idle or unfinished the
/// longest, of the same user at the limit of one user, else of the user who has the most of these. However many there
/// are, a change takes the same time, and a limit of all as long as there are users.
package struct ConnectionLedger<Key: Hashable> {
  /// Which limit refuses a connection.
  package enum Limit { case connections, connectionsPerUser }

  /// What is known of a connection.
  private enum Standing: Equatable {
    /// Nobody has looked yet what was sent on it, so that it makes no room.
    case newcomer
    /// Nothing is answered on it; the turn says since when.
    case idle(turn: Int)
    case answering
    /// It is there only until its refusal was read.
    case refused(turn: Int)
  }

  private struct Entry {
    let user: UInt32?
    var standing: Standing
  }

  private struct Share {
    var count = 0
    var newcomers = 0
    var idle = Turns()
    var refused = Turns()

    /// On how many nothing is answered.
    var quietCount: Int { newcomers + idle.count + refused.count }
    /// How many count against the limit of one user.
    var heldCount: Int { count - refused.count }
  }

  private struct Turns {
    private(set) var line = Deque<(turn: Int, key: Key)>()
    var count = 0

    mutating func append(_ key: Key, turn: Int) {
      line.append((turn, key))
      count += 1
    }

    /// Takes the first one away that stands where it stood when it was put in line.
    mutating func popFirst(where stands: (Key, Int) -> Bool) -> Key? {
      while let first = line.popFirst() {
        if stands(first.key, first.turn) { return first.key }
      }
      return nil
    }

    /// Forgets those who left the line, once they are more than those who wait.
    mutating func shorten(where stands: (Key, Int) -> Bool) {
      guard line.count > 2 * count + 16 else { return }
      line.removeAll { !stands($0.key, $0.turn) }
    }
  }

  private let connections: Int
  private let connectionsPerUser: Int
  private var entries: [Key: Entry] = [:]
  private var shares: [UInt32?: Share] = [:]
  private var lastTurn = 0
  private var newcomers = 0
  private var answering = 0

  package init(connections: Int, connectionsPerUser: Int) {
    self.connections = connections
    self.connectionsPerUser = connectionsPerUser
  }

  /// How many there are in all.
  package var count: Int { entries.count }

  /// Whether all are being answered and there is no room for another one.
  package var isFull: Bool { entries.count >= connections && answering == entries.count }

  // MARK: Limits

  /// Which limit another connection of a user meets; nil for none.
  package func limit(forAnotherOf user: UInt32?) -> Limit? {
    if shares[user]?.heldCount ?? 0 >= connectionsPerUser { return .connectionsPerUser }
    return entries.count >= connections ? .connections : nil
  }

  /// Whether there are more than may be, and some of them are newcomers that will make room once they were heard.
  package var isOverfull: Bool {
    newcomers > 0 && (entries.count > connections || shares.values.contains { $0.heldCount > connectionsPerUser })
  }

  /// Whether there are by so many more than may be, in all or of one user.
  package func isOver(by overflow: Int) -> Bool {
    entries.count >= connections + overflow || shares.values.contains { $0.count >= connectionsPerUser + overflow }
  }

  /// Whether a newcomer could make room at a limit once it was heard.
  package func hasNewcomer(_ limit: Limit, of user: UInt32?) -> Bool {
    shares[limit == .connectionsPerUser ? user : greediest]?.newcomers ?? 0 > 0
  }

  /// The user with the most connections on which nothing is answered.
  private var greediest: UInt32? {
    shares.max { ($0.value.quietCount, $0.key ?? 0) < ($1.value.quietCount, $1.key ?? 0) }?.key
  }

  /// Takes away the connection that makes room; nil where none can.
  package mutating func makeRoom(_ limit: Limit, for user: UInt32?) -> Key? {
    let owner = limit == .connectionsPerUser ? user : greediest
    guard var share = shares.removeValue(forKey: owner) else { return nil }
    var key = limit == .connections ? share.refused.popFirst { entries[$0]?.standing == .refused(turn: $1) } : nil
    if key == nil { key = share.idle.popFirst { entries[$0]?.standing == .idle(turn: $1) } }
    shares[owner] = share
    guard let key else { return nil }
    remove(key)
    return key
  }

  /// Takes away as many as are too many once a newcomer of a user was heard.
  package mutating func makeRoomWhereOver(for user: UInt32?) -> [Key] {
    var taken: [Key] = []
    while shares[user]?.heldCount ?? 0 > connectionsPerUser, let key = makeRoom(.connectionsPerUser, for: user) {
      taken.append(key)
    }
    while entries.count > connections, let key = makeRoom(.connections, for: nil) { taken.append(key) }
    return taken
  }

  // MARK: What happens on a connection

  /// A connection has come; one that is refused stays until its refusal was read.
  package mutating func add(_ key: Key, of user: UInt32?, isRefused: Bool) {
    lastTurn += 1
    entries[key] = Entry(user: user, standing: isRefused ? .refused(turn: lastTurn) : .newcomer)
    count(entries[key], key, +1)
  }

  /// A connection has gone.
  package mutating func remove(_ key: Key) {
    guard let entry = entries.removeValue(forKey: key) else { return }
    count(entry, key, -1)
  }

  /// - Returns: the user of a newcomer that was heard; nil where it was none any more.
  package mutating func hear(_ key: Key) -> UInt32?? {
    guard let entry = entries[key], entry.standing == .newcomer else { return nil }
    wait(key)
    return .some(entry.user)
  }

  /// A request has begun on a connection, which goes to the end of the line.
  package mutating func begin(_ key: Key) {
    guard case .idle = entries[key]?.standing else { return }
    wait(key)
  }

  /// Something is answered on a connection, or nothing any more.
  package mutating func setBusy(_ key: Key, _ isBusy: Bool) {
    switch entries[key]?.standing {
    case .newcomer where isBusy, .idle where isBusy: stand(key, .answering)
    case .answering where !isBusy: wait(key)
    default: break
    }
  }

  private mutating func wait(_ key: Key) {
    lastTurn += 1
    stand(key, .idle(turn: lastTurn))
  }

  private mutating func stand(_ key: Key, _ standing: Standing) {
    count(entries[key], key, -1)
    entries[key]?.standing = standing
    count(entries[key], key, +1)
  }

  /// Counts a connection in, or out, where it stands.
  private mutating func count(_ entry: Entry?, _ key: Key, _ one: Int) {
    guard let entry else { return }
    var share = shares.removeValue(forKey: entry.user) ?? Share()
    share.count += one
    switch entry.standing {
    case .newcomer:
      share.newcomers += one
      newcomers += one
    case .answering: answering += one
    case .idle(let turn): line(&share.idle, key, turn, one)
    case .refused(let turn): line(&share.refused, key, turn, one)
    }
    if share.count > 0 { shares[entry.user] = share }
  }

  private func line(_ turns: inout Turns, _ key: Key, _ turn: Int, _ one: Int) {
    if one > 0 { return turns.append(key, turn: turn) }
    turns.count -= 1
    turns.shorten { entries[$0]?.standing == .idle(turn: $1) || entries[$0]?.standing == .refused(turn: $1) }
  }
}

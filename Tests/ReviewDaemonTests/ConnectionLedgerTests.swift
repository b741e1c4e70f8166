import ReviewDaemon
import TestSupport
import Testing

/// Which connection makes room for another one.
struct ConnectionLedgerTests {
  private var ledger = ConnectionLedger<Int>(connections: 4, connectionsPerUser: 3)

  private mutating func add(_ keys: Int..., user: UInt32) {
    for key in keys {
      ledger.add(key, of: user, isRefused: false)
      _ = ledger.hear(key)
    }
  }

  @Test mutating func atTheLimitOfOneUserHisLongestIdleOneMakesRoom() {
    add(1, 2, 3, user: 7)
    ledger.begin(1)
    #expect(ledger.limit(forAnotherOf: 7) == .connectionsPerUser)
    #expect(ledger.limit(forAnotherOf: 8) == nil)
    #expect(ledger.makeRoom(.connectionsPerUser, for: 7) == 2)
    #expect(ledger.limit(forAnotherOf: 7) == nil)
  }

  @Test mutating func atTheLimitOfAllTheUserWithTheMostMakesRoom() {
    add(1, user: 8)
    add(2, 3, 4, user: 7)
    #expect(ledger.limit(forAnotherOf: 9) == .connections)
    #expect(ledger.makeRoom(.connections, for: 9) == 2)
  }

  @Test mutating func whatIsAnsweredMakesNoRoom() {
    add(1, 2, 3, user: 7)
    for key in 1...3 { ledger.setBusy(key, true) }
    #expect(ledger.makeRoom(.connectionsPerUser, for: 7) == nil)
    ledger.setBusy(3, false)
    #expect(ledger.makeRoom(.connectionsPerUser, for: 7) == 3)
  }

  @Test mutating func aNewcomerMakesRoomOnceItWasHeard() {
    for key in 1...4 { ledger.add(key, of: 7, isRefused: false) }
    #expect(ledger.makeRoom(.connectionsPerUser, for: 7) == nil)
    #expect(ledger.hasNewcomer(.connectionsPerUser, of: 7))
    #expect(ledger.isOverfull)
    #expect(ledger.hear(2) == .some(7))
    #expect(ledger.makeRoomWhereOver(for: 7) == [2])
    #expect(!ledger.isOverfull)
  }

  @Test mutating func whoIsRefusedDoesNotCountAgainstHisLimitAndGoesFirst() {
    add(1, 2, user: 7)
    ledger.add(3, of: 7, isRefused: true)
    #expect(ledger.limit(forAnotherOf: 7) == nil)
    add(4, user: 7)
    #expect(ledger.makeRoom(.connectionsPerUser, for: 7) == 1)
    #expect(ledger.makeRoom(.connections, for: 9) == 3)
  }

  /// The rules above, told by looking through all connections each time.
  private struct Naive {
    struct Entry {
      var user: UInt32
      var isNewcomer = true
      var idleSince: Int?
      var isRefused = false
    }

    var entries: [Int: Entry] = [:]
    var moment = 0

    func greediest() -> UInt32? {
      let quiet = Dictionary(grouping: entries.values.filter { $0.idleSince != nil }, by: \.user).mapValues(\.count)
      let all = Dictionary(grouping: entries.values, by: \.user).mapValues { _ in 0 }.merging(quiet) { $1 }
      return all.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    }

    mutating func makeRoom(_ limit: ConnectionLedger<Int>.Limit, for user: UInt32) -> Int? {
      let owner = limit == .connectionsPerUser ? user : greediest()
      let candidates = entries.filter { $0.value.user == owner && $0.value.idleSince != nil && !$0.value.isNewcomer }
        .filter { limit == .connections || !$0.value.isRefused }
      let key = candidates.min { rank($0.value) < rank($1.value) }?.key
      return key.flatMap { entries.removeValue(forKey: $0) == nil ? nil : $0 }
    }

    private func rank(_ entry: Entry) -> (Int, Int) { (entry.isRefused ? 0 : 1, entry.idleSince ?? .max) }
  }

  @Test(arguments: 1...20) mutating func itDecidesAsOneWhoLooksThroughAllOfThem(_ seed: Int) {
    var (random, naive) = (SeededGenerator(seed: UInt64(seed)), Naive())
    for key in 0..<2000 {
      naive.moment += 1
      let (user, other) = (UInt32.random(in: 0..<3, using: &random), Int.random(in: 0..<key + 1, using: &random))
      switch Int.random(in: 0..<8, using: &random) {
      case 0...2:
        let isRefused = Int.random(in: 0..<10, using: &random) == 0
        ledger.add(key, of: user, isRefused: isRefused)
        naive.entries[key] = Naive.Entry(
          user: user, isNewcomer: !isRefused, idleSince: naive.moment, isRefused: isRefused)
      case 3:
        let expected = naive.entries[other].flatMap { $0.isNewcomer ? $0.user : nil }
        #expect(ledger.hear(other).flatMap { $0 } == expected)
        if expected != nil { naive.entries[other]?.idleSince = naive.moment }
        naive.entries[other]?.isNewcomer = false
      case 4:
        ledger.begin(other)
        if let entry = naive.entries[other], entry.idleSince != nil, !entry.isNewcomer, !entry.isRefused {
          naive.entries[other]?.idleSince = naive.moment
        }
      case 5:
        let isBusy = Int.random(in: 0..<2, using: &random) == 0
        ledger.setBusy(other, isBusy)
        if let entry = naive.entries[other], !entry.isRefused, (entry.idleSince == nil) != isBusy {
          naive.entries[other]?.idleSince = isBusy ? nil : naive.moment
          naive.entries[other]?.isNewcomer = false
        }
      case 6:
        ledger.remove(other)
        naive.entries[other] = nil
      default:
        let limit =
          Int.random(in: 0..<2, using: &random) == 0 ? ConnectionLedger<Int>.Limit.connections : .connectionsPerUser
        #expect(ledger.makeRoom(limit, for: user) == naive.makeRoom(limit, for: user), "seed \(seed), step \(key)")
      }
      #expect(ledger.count == naive.entries.count)
      let held = naive.entries.values.count { $0.user == user && !$0.isRefused }
      #expect((ledger.limit(forAnotherOf: user) == .connectionsPerUser) == (held >= 3))
      #expect(ledger.isFull == (naive.entries.count >= 4 && naive.entries.values.allSatisfy { $0.idleSince == nil }))
    }
  }
}

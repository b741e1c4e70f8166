import DequeModule
import Logging
import ReviewEngine
import ReviewStore

/// Tells the journal of the log of facts, each at least once, from a place of its own on. The place is written with
/// whatever is written next, now and then, so that an event costs one transaction; what was told and not noted is told
/// again with the same number. No fact stops the others: what the journal refuses is sent with less in it, and passed
/// over if that is refused too.
struct JournalReader {
  static let name = "journald"

  let sink: any AnnouncementSink
  let logger: Logger
  /// Through which fact all is told; nil until the store was asked.
  private(set) var through: Int64?
  private var notedThrough: Int64 = 0
  private var refusedCount = 0
  private var joinings = Joinings()

  init(sink: any AnnouncementSink, logger: Logger) {
    self.sink = sink
    self.logger = logger
  }

  /// Some milliseconds.
  private static let batchCount = 64

  /// What is left after some were told.
  enum Rest {
    case nothing
    /// More can be told at once, when others have had their turn.
    case more
    /// The journal takes none now.
    case waits
  }

  /// Tells of some of what is new.
  ///
  /// - Parameter fresh: the facts that come next, as far as they need not be read again.
  mutating func tell(_ store: Store, _ scene: Scene, fresh: Deque<LoggedFact>) -> Rest {
    do {
      // Nobody hears of what may not be on the disk.
      if store.trouble != nil { store.look() }
      if let trouble = store.trouble { throw trouble }
      let after = try place(in: store)
      let isFresh = fresh.first?.number == after + 1
      let facts = isFresh ? fresh.prefix(Self.batchCount).map { .success($0) } : try read(after: after, store)
      for fact in facts {
        let before = joinings
        guard try tell(fact, store, scene) != .unavailable else {
          // It is this one's turn again.
          joinings = before
          return .waits
        }
        through = fact.number
      }
      // What comes after the fresh ones may have to be read.
      return facts.count < Self.batchCount && !isFresh ? .nothing : .more
    } catch {
      logger.warning("the journal is told later: \(error)")
      return .waits
    }
  }

  /// Through which fact all is told, as far as that was noted before it began.
  @discardableResult
  mutating func place(in store: Store) throws -> Int64 {
    if let through { return through }
    notedThrough = try store.readByWriter { try $0.place(ofReader: Self.name) }
    through = notedThrough
    return notedThrough
  }

  private func read(after number: Int64, _ store: Store) throws -> [Result<LoggedFact, UnreadableFact>] {
    try store.readByWriter { try $0.facts(after: number, limit: Self.batchCount) }
  }

  private mutating func tell(_ fact: Result<LoggedFact, UnreadableFact>, _ store: Store, _ scene: Scene) throws
    -> Delivery
  {
    let announcement: FactAnnouncement?
    switch fact {
    case .success(let logged):
      switch try joinings.turn(of: logged, store) {
      case .alone: announcement = FactAnnouncement(logged, scene)
      case .first(let count): announcement = FactAnnouncement(logged, scene, joining: count)
      case .told: announcement = nil
      }
    case .failure(let unreadable): announcement = FactAnnouncement(unreadable)
    }
    guard let announcement else { return .sent }
    let delivery = send(announcement)
    if case .refused = delivery { refusedCount += 1 }
    return delivery
  }

  private func send(_ announcement: FactAnnouncement) -> Delivery {
    let first = sink.send(announcement.all)
    guard case .refused(let reason) = first else { return first }
    let second = sink.send(announcement.shortened(because: "the journal refused all of it, \(reason)"))
    if case .refused(let reason) = second {
      logger.error(
        "the journal refused fact \(announcement.number) (\(announcement.kind)), which is passed over: \(reason)")
    }
    return second
  }

  // MARK: Its place

  /// Whether more was told than is noted.
  var isAhead: Bool { aheadCount > 0 || refusedCount > 0 }

  /// Of how many facts more was told than is noted.
  var aheadCount: Int64 { (through ?? notedThrough) - notedThrough }

  /// Writes its place, with whatever else a transaction writes.
  func note(in transaction: StoreTransaction) throws {
    guard isAhead, let through else { return }
    try transaction.note(reader: Self.name, through: through)
    try transaction.add(refusedCount, toCounter: "announcements_refused")
  }

  /// That transaction was kept.
  mutating func wasNoted() {
    notedThrough = through ?? notedThrough
    refusedCount = 0
  }
}

extension Result where Success == LoggedFact, Failure == UnreadableFact {
  fileprivate var number: Int64 {
    switch self {
    case .success(let fact): fact.number
    case .failure(let fact): fact.number
    }
  }
}

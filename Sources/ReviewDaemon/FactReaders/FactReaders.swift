import DequeModule
import Logging
import ReviewEngine
import ReviewStore

/// The readers of the log of facts, each with a place of its own; the journal is the only one today. Whoever writes
/// says what was written, so that it need not be read again, and when it is time lets them go on.
struct FactReaders {
  private var journal: JournalReader
  /// The facts that are told next, as far as they need not be read again.
  private var fresh = Deque<LoggedFact>()
  /// The last fact that was written since the start.
  private var lastWritten: Int64?
  /// Whether the journal takes nothing now.
  private(set) var waits = true
  /// Whether there is more to tell when others have had their turn.
  private(set) var hasMore = false
  /// When those who could not go on, or who have more to tell, try again.
  private var retryAt: Instant?
  /// When their places are written, unless something else is written before.
  private var notingAt: Instant?

  /// Some megabytes; what comes after them is read from the log.
  private static let largestFreshCount = 8192
  private static let retryAfter = Elapsed(milliseconds: 10_000)
  private static let notedAfter = Elapsed(milliseconds: 10_000)
  /// What is told and not noted is told again after a crash.
  private static let largestUnnotedCount = 64
  /// So long they ride along with whatever is written, before a transaction of their own.
  private static let ridesAlongAfter = Elapsed(milliseconds: 5_000)
  /// Of a heap that is told without anything being written.
  private static let largestHeapCount = 512

  init(sink: any AnnouncementSink, logger: Logger) { journal = JournalReader(sink: sink, logger: logger) }

  /// Through which fact the journal was told; nil until that is known.
  var through: Int64? { journal.through }

  /// When something is to be done next.
  var nextInstant: Instant? { [retryAt, notingAt].compactMap { $0 }.min() }

  /// Whether it is time to go on.
  func isTime(at now: Instant) -> Bool { (waits || hasMore) && retryAt.map { $0 <= now } ?? true }

  /// Takes facts that were written. The first ones since the start come after what the log had before.
  mutating func append(_ facts: [LoggedFact], _ store: Store) {
    guard let first = facts.first else { return }
    let isNext = (fresh.last?.number ?? (try? journal.place(in: store))).map { $0 + 1 == first.number } ?? false
    if isNext, fresh.count < Self.largestFreshCount { fresh += facts }
    lastWritten = facts.last?.number
  }

  /// Lets them go on soon.
  mutating func goOnSoon(at now: Instant) {
    hasMore = true
    retry(at: now)
  }

  /// The same with what the log has, because what was written last is not known.
  mutating func goOnFromTheLog(at now: Instant) {
    fresh.removeAll()
    lastWritten = nil
    goOnSoon(at: now)
  }

  /// Lets them go on. What waits from before the start is told with names and people, as soon as a rule set knows them.
  mutating func goOn(_ store: Store, _ scene: Scene, hasRules: Bool, at now: Instant) {
    retryAt = nil
    if !hasRules, fresh.isEmpty { return goOnSoon(at: now) }
    let rest = journal.tell(store, scene, fresh: fresh)
    while let next = fresh.first, next.number <= journal.through ?? 0 { fresh.removeFirst() }
    waits = rest == .waits
    hasMore = rest == .more && journal.through != lastWritten
    if waits || hasMore { retry(at: waits ? now + Self.retryAfter : now) }
    if journal.isAhead, notingAt == nil { notingAt = now + Self.notedAfter }
    if journal.aheadCount >= Self.largestHeapCount { notingAt = now }
  }

  private mutating func retry(at instant: Instant) { retryAt = min(retryAt ?? instant, instant) }

  // MARK: Their places

  /// Whether their places wait to be written.
  func isTimeToNote(at now: Instant) -> Bool { notingAt.map { $0 <= now } ?? false }

  /// Whether more was told than is noted.
  var areAhead: Bool { journal.isAhead }

  /// Whether the next transaction writes their places as well.
  func rideAlong(at now: Instant) -> Bool {
    journal.aheadCount >= Self.largestUnnotedCount
      || notingAt.map { $0 - Self.notedAfter + Self.ridesAlongAfter <= now } ?? false
  }

  /// Writes their places, with whatever else a transaction writes.
  func note(in transaction: StoreTransaction) throws { try journal.note(in: transaction) }

  /// That transaction was kept.
  mutating func wasNoted() {
    journal.wasNoted()
    notingAt = nil
  }
}

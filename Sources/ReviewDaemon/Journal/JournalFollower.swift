import Glibc
import ReviewEngine
import ReviewFiles
import ReviewStore
import ServiceLifecycle

/// Makes events of the entries of the journal that the settings name: each once, across restarts, by its cursor.
/// Reading the journal may wait for a disk, and has a thread of its own.
actor JournalFollower: ServiceLifecycle.Service {
  private let keeper: Keeper
  /// Poked when the journal grew or when other sources came into force.
  private let alarm: Alarm
  private let executor = ThreadExecutor(label: "reviewd.journal")
  /// How many entries were passed over since the place was written.
  private var passedOverCount = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(keeper: Keeper, alarm: Alarm) {
    self.keeper = keeper
    self.alarm = alarm
  }

  private static let batchCount = 500
  /// What a restart may have to read again.
  private static let largestPassedOverCount = 10_000
  private static let retryAfter = Elapsed(milliseconds: 10_000)
  /// libsystemd does not notice a folder for the journal that is made after it looked.
  private static let reopenAfter = Elapsed.hours(1)

  func run() async throws {
    await cancelWhenGracefulShutdown { await self.follow() }
  }

  private func follow() async {
    var reading: Reading?
    while !Task.isCancelled {
      let sources = await keeper.journalSources
      do {
        reading = try await follow(sources, reading)
        let reopen = reading.map { $0.opened + Self.reopenAfter }
        await alarm.sleep(until: reopen)
        if let reopen, SystemClock().now() >= reopen { reading = nil }
      } catch {
        // From the last position that was kept, as after a restart.
        reading = nil
        await keeper.setJournalProblem("\(error)")
        await alarm.sleep(until: SystemClock().now() + Self.retryAfter)
      }
    }
  }

  /// A journal that is being read, and for what.
  private struct Reading {
    let journal: JournalFile
    let sources: [JournalSource]
    let fingerprints: [String]
    let fields: Set<String>
    let opened = SystemClock().now()

    init(_ journal: JournalFile, _ sources: [JournalSource]) {
      self.journal = journal
      self.sources = sources
      fingerprints = sources.map(\.fingerprint).sorted()
      fields = sources.reduce(into: []) { $0.formUnion($1.fieldNames) }
    }
  }

  /// Takes all that is there now; nil where nothing is to be read.
  private func follow(_ sources: [JournalSource], _ before: Reading?) async throws -> Reading? {
    guard !sources.isEmpty else {
      try await forgetSources()
      return nil
    }
    let reading: Reading
    if let before, before.sources == sources {
      reading = before
    } else {
      reading = Reading(try before?.journal ?? JournalFile(onChange: { [alarm] in alarm.poke() }), sources)
      try await begin(reading)
    }
    try await takeAll(reading, reading.sources)
    return reading
  }

  /// A source that is taken away and comes back later is a new one.
  private func forgetSources() async throws {
    guard let position = try await keeper.journalPosition(), !position.sources.isEmpty else { return }
    try await keeper.take([], through: JournalPosition(cursor: position.cursor, sources: []))
  }

  /// Goes to where reading goes on. A source that is new begins at the end: nothing happens for the past.
  private func begin(_ reading: Reading) async throws {
    let position = try await keeper.journalPosition()
    let newest = try reading.journal.newest()
    guard !newest.isEmpty else { throw JournalError(doing: "no entry of the journal can be read", code: -EACCES) }
    await keeper.setJournalProblem(nil)
    if let position, position.sources == reading.fingerprints {
      return try reading.journal.seek(behind: position.cursor, for: reading.sources)
    }
    let known = reading.sources.filter { position?.sources.contains($0.fingerprint) ?? false }
    if let position, !known.isEmpty {
      try reading.journal.seek(behind: position.cursor, for: known)
      try await takeAll(reading, known)
    }
    try await keeper.take([], through: JournalPosition(cursor: newest, sources: reading.fingerprints))
    try reading.journal.seek(behind: newest, for: reading.sources)
  }

  private func takeAll(_ reading: Reading, _ sources: [JournalSource]) async throws {
    while !Task.isCancelled {
      let records = try reading.journal.next(limit: Self.batchCount, fields: reading.fields)
      guard let last = records.last else { return }
      let events = records.flatMap { JournalSource.events(of: $0, by: sources) }
      // What is no event after all is passed over again after a restart, so that not each of them costs a transaction.
      passedOverCount += records.count
      guard !events.isEmpty || passedOverCount >= Self.largestPassedOverCount else { continue }
      passedOverCount = 0
      let fingerprints = sources.map(\.fingerprint).sorted()
      try await keeper.take(events, through: JournalPosition(cursor: last.cursor, sources: fingerprints))
    }
  }
}

import Foundation
import GRDB
import ReviewEngine
import ReviewStore
import TestSupport
import Testing

/// A file that somebody made to harm is refused, at a start and when it is restored, and never stops the program.
struct HostileDatabaseTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/reviewd.sqlite" }

  init() throws {
    folder = try TemporaryFolder()
    let store = try Store(path: folder.path + "/reviewd.sqlite")
    let review = Review(
      id: "abc", rule: "r", subject: .service("s"), title: "T", services: ["s"], opened: instant("2026-01-05"),
      due: day("2026-01-15"),
      periodStart: day("2026-01-01"))
    var batch = SampleBatch()
    for minute in 0..<10 {
      let sample = Sample(time: instant("2026-01-05T10:0\(minute):00Z"), value: DecimalValue(mantissa: Int64(minute)))
      batch.add(SeriesSample(service: "s", indicator: "level", labels: "", sample: sample))
    }
    let samples = batch
    try store.write { transaction in
      let trigger = Trigger(rule: "r", services: ["s"], at: review.opened, evidence: Evidence())
      let opened = Fact(
        at: review.opened, by: .rule("r"), subject: review.subject, review: review.id, .opened(review, trigger))
      _ = try transaction.append(opened, leaving: review)
      try transaction.save(review, isNew: true)
      _ = try transaction.take(event("2026-01-05"), receivedAt: instant("2026-01-05"))
      _ = try transaction.take(samples)
    }
    try store.close()
  }

  private func change(_ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA ignore_check_constraints = ON; \(sql)") }
    try queue.close()
  }

  @Test(arguments: [
    (
      "CREATE TRIGGER forget AFTER INSERT ON event BEGIN DELETE FROM event; END",
      "trigger 'forget', which reviewd did not make"
    ),
    ("CREATE VIEW seen AS SELECT 1", "view 'seen', which reviewd did not make"),
    ("CREATE TABLE more (a)", "table 'more', which reviewd did not make"),
    ("DROP TRIGGER fact_is_append_only_delete", "no trigger 'fact_is_append_only_delete'"),
    ("DROP INDEX event_by_service", "no index 'event_by_service'"),
    ("ALTER TABLE counter ADD COLUMN more TEXT", "another table 'counter'"),
  ])
  func aSchemaThatIsNotOurOwnIsRefused(_ sql: String, _ what: String) throws {
    try change(sql)
    let atStart = #expect(throws: StoreError.self) { try Store(path: path) }
    #expect(atStart?.code == .damaged)
    #expect(atStart?.message.contains("it has \(what)") == true, "\(atStart?.description ?? "")")
    let restored = #expect(throws: StoreError.self) { try Store.Backup(path: path).copy(to: folder.path + "/copy") }
    #expect(restored?.message.contains("it has \(what)") == true, "\(restored?.description ?? "")")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/copy"))
  }

  @Test(arguments: [
    "UPDATE sample_block SET scale = 9223372036854775807", "UPDATE sample_block SET scale = -1",
    "UPDATE sample_block SET sample_count = 9223372036854775807",
    "UPDATE sample_block SET first_time = -9223372036854775808",
    "UPDATE sample_block SET last_time = 9223372036854775807", "UPDATE sample_block SET body = x'00'",
    "UPDATE event SET time = 9223372036854775807",
    "UPDATE event SET attributes = '{\"a\":{\"time\":-9223372036854775808}}'", "UPDATE event SET attributes = '[]'",
    "UPDATE review SET opened = -9223372036854775808", "UPDATE review SET due = '9999999-01-01'",
    "UPDATE review SET state = 'lost'",
    "UPDATE review SET closed = 9223372036854775807", "UPDATE review SET priority = ''",
    "UPDATE review SET agenda = '{'",
    "INSERT INTO rule_progress (scope, subject, rule, met_on, is_armed, is_cooling_down, true_since) VALUES ('service', 's', 'r', '2026-01-01', 1, 0, 9223372036854775807)",
    "INSERT INTO rule (id, evaluated_through) VALUES ('r', 9223372036854775807)",
    "INSERT INTO instant_in_work VALUES (1, 9223372036854775807, 'service', 's')",
    "INSERT INTO rule (id, unknown_count) VALUES ('r', 9223372036854775807)",
    "INSERT INTO counter VALUES ('events_too_old', 9223372036854775807)",
    "INSERT INTO counter VALUES ('events_too_old', -1)",
    "INSERT INTO rule_progress (scope, subject, rule, met_on, is_armed, is_cooling_down, adapted) VALUES ('service', 's', 'r', '2026-01-01', 1, 0, '')",
    "INSERT INTO rule_set (loaded, fingerprint, files) VALUES (1, 'x', '[[\"rules.d\"]]')",
    "INSERT INTO kept_event (scope, subject, rule, source, identity, content) VALUES ('service', 's', 'r', 'x', 'y', '{}')",
    "INSERT INTO subject VALUES ('house', 's', '2026-01-01', NULL)", "UPDATE review SET trigger_count = -1",
    "INSERT INTO fact (at, kind, content) VALUES (1, 'lost', '{}')",
    "INSERT INTO fact (at, kind, content) VALUES (1, 'clock_set', '[')",
    "INSERT INTO fact (at, kind, content) VALUES (9223372036854775807, 'clock_set', '{\"by\":1}')",
    "INSERT INTO fact (at, kind, scope, subject, review, state, due, content) VALUES (1, 'joined', 'service', 's', 'abc', 'lost', '2026-01-01', '{}')",
  ])
  func whatIsOutOfRangeIsDamageAndNoTrap(_ sql: String) throws {
    try change(sql)
    let store: Store
    // What a CHECK forbids is found before anything is read.
    do { store = try Store(path: path) } catch { return #expect(error.code == .damaged, "\(error)") }
    let ruleSet = try Scenario(rules: "  - {id: r, title: R, when: {indicator: level, below: 5}}").ruleSet()
    let window = ServiceWindow(service: "s", after: .distantPast, through: .distantFuture)
    // Each of the readers that a daemon has; whatever they say, they come back.
    let attempts: [() throws -> Void] = [
      { _ = try store.write { try $0.subjects(of: ruleSet, at: instant("2026-02-01")) } },
      { _ = try store.read { try $0.reviews(ReviewFilter(), limit: 10) } },
      { _ = try store.read { try $0.facts(after: 0, limit: 10) } },
      { _ = try store.read { try $0.history(ofReview: "abc", after: 0, limit: 10) } },
      { _ = try store.read { try $0.triggers(ofReview: "abc", limit: 10) } }, { _ = try store.rebuild() },
      { _ = try store.read { try $0.history(of: ["s"], through: .distantFuture) } },
      { _ = try store.read { try $0.ruleTallies() } }, { _ = try store.read { try $0.instantInWork() } },
      { _ = try store.read { try $0.lastRuleSetFiles() } }, { _ = try store.read { try $0.counters() } },
      { _ = try store.read { try $0.sizes() } },
      {
        for statistic in [
          Statistic.latest, .average, .sum, .minimum, .difference, .percentile(DecimalValue(mantissa: 95)),
          .timeAverage(holdsAtMost: nil),
        ] {
          _ = try store.read { snapshot in
            try snapshot.series.statistic(statistic, of: "level", over: window)
          }
        }
      },
    ]
    for attempt in attempts {
      do { try attempt() } catch let error as StoreError { #expect(error.code == .damaged, "\(error)") }
    }
  }

  /// SQLite has no number for the next row, and would say that the disk is full.
  @Test(arguments: [
    ("event", "UPDATE event SET id = 9223372036854775807 WHERE id = (SELECT max(id) FROM event)"),
    ("sample_block", "UPDATE sample_block SET id = 9223372036854775807 WHERE id = (SELECT max(id) FROM sample_block)"),
    ("fact", "INSERT INTO fact (number, at, kind, content) VALUES (9223372036854775807, 1, 'clock_set', '{}')"),
  ])
  func aTableWithoutNumbersLeftIsDamaged(_ table: String, _ sql: String) throws {
    try change(sql)
    let error = #expect(throws: StoreError.self) { try Store(path: path) }
    #expect(
      error?.code == .damaged && error?.cause.contains("\(table) has no number left") == true,
      "\(error?.description ?? "")")
  }

  @Test func whatAnalyzeCountedIsNoDamage() throws {
    try change("ANALYZE")
    _ = try Store(path: path)
  }

  /// Whoever may write in the folder would lead a daemon of root anywhere.
  @Test(arguments: ["", "-wal"]) func aLinkInThePlaceOfTheDatabaseIsNotFollowed(_ suffix: String) throws {
    let (files, target) = (FileManager.default, folder.path + "/target")
    if suffix.isEmpty { try files.moveItem(atPath: path, toPath: target) } else { try folder.write("target", "") }
    try? files.removeItem(atPath: path + suffix)
    try files.createSymbolicLink(atPath: path + suffix, withDestinationPath: target)
    let before = try files.attributesOfItem(atPath: target)[.size] as? Int
    let error = #expect(throws: StoreError.self) { try Store(path: path) }
    #expect(error?.message.contains("is no file but a link or something else, and is not followed") == true)
    #expect(try files.attributesOfItem(atPath: target)[.size] as? Int == before)
  }
}

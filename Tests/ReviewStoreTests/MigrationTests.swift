import Foundation
import GRDB
import ReviewEngine
import ReviewStore
import TestSupport
import Testing

/// Databases of every earlier version are taken on with all that they hold.
struct MigrationTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/reviewd.sqlite" }

  init() throws { folder = try TemporaryFolder() }

  @Test func aDatabaseOfTheFirstVersionKeepsItsReviewsAndItsState() throws {
    try Store.create(path, atVersion: "1")
    let queue = try DatabaseQueue(path: path)
    try queue.write { database in
      try database.execute(
        sql: """
          INSERT INTO service VALUES ('s', '2025-12-01');
          INSERT INTO rule_progress VALUES ('s', 'r', '2025-12-02', 0, 1767225600000, 0);
          INSERT INTO rule (id, evaluated_through) VALUES ('r', 1767225600000);
          INSERT INTO review (id, rule, title, state, opened, due, priority, agenda, period_start)
            VALUES ('abc', 'r', 'T', 'pending', 1767225600000, '2026-01-11', 'high', '["causes"]', '2025-12-01');
          INSERT INTO review_service VALUES ('abc', 's');
          INSERT INTO review_trigger (review, service, rule, at, recorded, evidence)
            VALUES ('abc', 's', 'r', 1767225600000, 1767225600000, '{"findings":[{"about":"level","value":3,"verdict":"true"}]}');
          INSERT INTO review_history (review, at, who, what) VALUES ('abc', 1767225600000, 'reviewd', 'opened');
          """)
    }
    try queue.close()
    let store = try Store(path: path)
    let rule = "  - {id: r, title: R, when: {indicator: level, below: 5}}"
    let ruleSet = try Scenario(rules: rule).ruleSet()
    let loaded = try store.write { transaction in
      // No calendar and no meaning were remembered: nothing is taken for changed.
      #expect(try transaction.noteMeanings(of: ruleSet.rules) == [])
      return try transaction.subjects(of: ruleSet, at: instant("2026-02-01"))
    }
    let subject = try #require(loaded.subjects.first)
    #expect(loaded.recalendared == [])
    #expect(subject.firstLoadedOn == day("2025-12-01"))
    #expect(subject.progress["r"]?.isArmed == false)
    #expect(subject.openReviews.map(\.id) == ["abc"])
    let review = try #require(try store.read { try $0.review("abc") })
    #expect(review.subject == .service("s") && review.dueCount == nil && review.services == ["s"])
    #expect(try store.read { try $0.triggers(ofReview: "abc", limit: 10) }.map(\.trigger.services) == [["s"]])
  }

  /// What a review went through, as version 5 wrote it down: of seven triggers at one moment five had entries of their
  /// own, and one told of the others.
  private static let life = """
    INSERT INTO subject VALUES ('s', '2025-12-01', NULL), ('customer:acme', '2025-12-01', NULL);
    INSERT INTO rule_progress VALUES ('customer:acme', 'r', '2025-12-02', 1, NULL, 0, NULL, NULL);
    INSERT INTO kept_event (subject, rule, source, identity, content) VALUES ('customer:acme', 'r', 'x', 'y',
      '{"source":"x","id":"y","type":"incident","service":"s","time":1767225600000,"attributes":{}}');
    INSERT INTO review (id, rule, title, state, opened, due, priority, agenda, period_start, scheduled, conducted, closed, outcome,
        provider_satisfaction, customer_satisfaction, due_from, due_amount)
      VALUES ('abc', 'r', 'T', 'completed', 1000, '2026-01-09', 'high', '["causes"]', '2025-12-01', 1768000000000, 5000, 6000, 'held',
        '4.25', NULL, '2026-01-02', '7 days');
    INSERT INTO review_service VALUES ('abc', 's');
    INSERT INTO review (id, title, state, opened, due, priority, agenda, period_start, closed, cancellation_reason, customer)
      VALUES ('def', 'By hand', 'cancelled', 1500, '2026-02-01', 'normal', '[]', '2025-12-01', 2500, 'too early', 'acme');
    INSERT INTO review_service VALUES ('def', 't'), ('def', 's');
    INSERT INTO review_trigger (review, services, rule, at, recorded, evidence) VALUES ('abc', 's', 'r', 900, 1000, '{"reason":"first"}');
    INSERT INTO review_trigger (review, services, at, recorded, evidence) VALUES ('def', 's t', 1500, 1500, '{"reason":"by hand"}');
    INSERT INTO review_trigger (review, services, rule, at, recorded, event_source, event_identity, evidence)
      WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 7)
      SELECT 'abc', 's', 'other', 2000, 2000, 'x', 'e' || i, '{"reason":"joined ' || i || '"}' FROM n;
    INSERT INTO review_history (review, at, who, what, from_value, to_value, why) VALUES
      ('abc', 1000, 'reviewd', 'opened', NULL, 'pending', 'first'), ('def', 1500, 'ana', 'opened', NULL, 'pending', 'by hand'),
      ('abc', 2000, 'reviewd', 'joined', NULL, NULL, 'joined 1'), ('abc', 2000, 'reviewd', 'joined', NULL, NULL, 'joined 2'),
      ('abc', 2000, 'reviewd', 'due', '2026-01-20', '2026-01-09', 'other: joined 2'),
      ('abc', 2000, 'reviewd', 'joined', NULL, NULL, 'joined 3'), ('abc', 2000, 'reviewd', 'joined', NULL, NULL, 'joined 4'),
      ('abc', 2000, 'reviewd', 'joined', NULL, NULL, 'joined 5'),
      ('abc', 2000, 'reviewd', 'joined', NULL, NULL, 'other: and 2 more triggers at once'),
      ('def', 2500, 'ana', 'cancel', 'pending', 'cancelled', 'too early'),
      ('abc', 3000, 'ana', 'schedule', 'pending', 'scheduled', 'for 2026-01-08T10:00:00Z'),
      -- The clock was set back in between.
      ('abc', 2900, 'ben', 'schedule', 'scheduled', 'scheduled', 'for 2026-01-09T10:00:00Z'),
      ('abc', 5000, 'ben', 'conduct', 'scheduled', 'conducted', 'at 1970-01-01T00:00:05Z'),
      ('abc', 6000, 'ben', 'complete', 'conducted', 'completed', 'held');
    INSERT INTO due_change (subject, rule, at, before_day, after_day, evidence) VALUES ('s', 'q', 1200, NULL, '2026-03-01',
      '{"every":"1 month","anchor":"2026-02-01","anchor_meaning":"x","due":"2026-03-01","opens":""}');
    INSERT INTO announcement (kind, created, content, sent) VALUES
      ('opened', 1000, '{"MESSAGE":["a"],"REVIEWD_REVIEW":["abc"]}', 1000), ('rules_refused', 1100, '{"MESSAGE":["no rules"]}', 1100),
      ('conducted', 5000, '{"MESSAGE":["b"],"REVIEWD_REVIEW":["abc"]}', NULL),
      ('completed', 6000, '{"MESSAGE":["c"],"REVIEWD_REVIEW":["abc"]}', NULL);
    INSERT INTO instant_in_work VALUES (1, 1767225600000, 'customer:acme');
    INSERT INTO instant_done VALUES ('customer:zeta');
    """

  @Test func historiesTriggersAndAnnouncementsBecomeFactsInOrder() throws {
    try Store.create(path, atVersion: "5")
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: Self.life) }
    try queue.close()
    let store = try Store(path: path)
    let facts = try store.read { try $0.facts(after: 0, limit: 100) }.map { try $0.get() }
    func line(_ logged: LoggedFact) -> String {
      let fact = logged.fact
      let reason = fact.content.trigger?.evidence.reason.map { " \($0)" } ?? ""
      let state = logged.review.map { " \($0.state.rawValue) \($0.due)" } ?? ""
      return "\(fact.at.milliseconds) \(fact.by) \(fact.review ?? "-") \(fact.content.kind)\(reason)\(state)"
    }
    #expect(
      facts.map(line) == [
        #"1000 rule("r") abc opened first pending 2026-01-20"#, "1100 daemon - rulesRefused",
        #"1200 rule("q") - intervalMoved"#,
        #"1500 user("ana") def opened by hand pending 2026-02-01"#,
        #"2000 rule("other") abc joined joined 1 pending 2026-01-20"#,
        #"2000 rule("other") abc joined joined 2 pending 2026-01-20"#, "2000 daemon abc dueMoved pending 2026-01-09",
        #"2000 rule("other") abc joined joined 3 pending 2026-01-09"#,
        #"2000 rule("other") abc joined joined 4 pending 2026-01-09"#,
        #"2000 rule("other") abc joined joined 5 pending 2026-01-09"#,
        #"2000 rule("other") abc joined joined 6 pending 2026-01-09"#,
        #"2000 rule("other") abc joined joined 7 pending 2026-01-09"#,
        #"2500 user("ana") def cancelled cancelled 2026-02-01"#,
        #"3000 user("ana") abc scheduled scheduled 2026-01-09"#,
        #"2900 user("ben") abc scheduled scheduled 2026-01-09"#,
        #"5000 user("ben") abc conducted conducted 2026-01-09"#,
        #"6000 user("ben") abc completed completed 2026-01-09"#,
      ])
    #expect(facts.map(\.number) == Array(1...17))
    #expect(facts[1].fact.content == .told(.rulesRefused, words: "no rules"))
    #expect(facts[13].fact.content == .scheduled(at: instant("2026-01-08T10:00:00Z")))
    #expect(facts[14].fact.content == .scheduled(at: Instant(milliseconds: 1_768_000_000_000)))
    // What waited for the journal, and nothing else, is told.
    #expect(try store.read { try $0.place(ofReader: "journald") } == 15)
    #expect(try store.rebuild().mended == [])
    let review = try #require(try store.read { try $0.review("abc") })
    #expect(review.triggerCount == 8 && review.intervalDue == nil && review.dueCount?.from == day("2026-01-02"))
    #expect(review.completion.providerSatisfaction == DecimalValue(mantissa: 425, scale: 2))
    #expect(try store.read { try $0.review("def") }?.subject == .customer("acme"))
    #expect(try store.read { try $0.review("def") }?.services == ["s", "t"])
    let interrupted = try #require(try store.read { try $0.instantInWork() })
    #expect(interrupted.through == .customer("acme") && interrupted.done == [.customer("zeta")])
  }

  /// The quarterly review was due on the 20th, and a joined trigger pulled it forward: the ones after it count from the
  /// 20th.
  @Test func aReviewThatAJoinedTriggerMovedKeepsTheDayThatItsIntervalGave() throws {
    try Store.create(path, atVersion: "5")
    let queue = try DatabaseQueue(path: path)
    try queue.write {
      try $0.execute(
        sql: """
          INSERT INTO review (id, rule, title, state, opened, due, priority, agenda, period_start, due_from, due_amount)
            VALUES ('abc', 'r', 'T', 'pending', 1000, '2026-01-09', 'high', '[]', '2025-12-01', '2026-01-02', '7 days');
          INSERT INTO review_service VALUES ('abc', 's');
          INSERT INTO review_trigger (review, services, rule, at, recorded, evidence) VALUES
            ('abc', 's', 'r', 1000, 1000, '{"interval":{"every":"1 month","anchor":"2025-12-20","anchor_meaning":"x","due":"2026-01-20","opens":""}}'),
            ('abc', 's', 'e', 2000, 2000, '{}');
          INSERT INTO review_history (review, at, who, what, from_value, to_value, why) VALUES
            ('abc', 1000, 'reviewd', 'opened', NULL, 'pending', 'x'), ('abc', 2000, 'reviewd', 'joined', NULL, NULL, 'x'),
            ('abc', 2000, 'reviewd', 'due', '2026-01-20', '2026-01-09', 'x');
          """)
    }
    try queue.close()
    let store = try Store(path: path)
    let review = try #require(try store.read { try $0.review("abc") })
    #expect(review.due == day("2026-01-09") && review.intervalDue == day("2026-01-20"))
    #expect(try store.rebuild().mended == [])
  }

  /// The order of the rows is the order in which reviews were opened.
  @Test func aReviewOfVersion6HasItsServicesWithItAndKeepsItsPlace() throws {
    try Store.create(path, atVersion: "6")
    let queue = try DatabaseQueue(path: path)
    let opening = { (services: String) in
      #"{"agenda":[],"due":"2026-02-01","period_start":"2025-12-01","priority":"normal","services":\#(services),"title":"T","trigger":{"at":1000,"evidence":{},"services":\#(services)}}"#
    }
    try queue.write {
      try $0.execute(
        sql: """
          INSERT INTO review (id, scope, subject, title, state, opened, due, priority, agenda, period_start, trigger_count) VALUES
            ('zed', 'customer', 'acme', 'T', 'pending', 1000, '2026-02-01', 'normal', '[]', '2025-12-01', 1),
            ('abc', 'service', 's', 'T', 'pending', 1000, '2026-02-01', 'normal', '[]', '2025-12-01', 1);
          INSERT INTO review_service VALUES ('zed', 't'), ('zed', 's'), ('abc', 's');
          INSERT INTO fact (number, at, kind, by_user, scope, subject, review, state, due, content) VALUES
            (1, 1000, 'opened', 'ana', 'customer', 'acme', 'zed', 'pending', '2026-02-01', '\(opening(#"["s","t"]"#))'),
            (2, 1000, 'opened', 'ana', 'service', 's', 'abc', 'pending', '2026-02-01', '\(opening(#"["s"]"#))');
          """)
    }
    try queue.close()
    let store = try Store(path: path)
    #expect(try store.rebuild().mended == [])
    #expect(try store.read { try $0.facts(after: 0, limit: 9) }.map { try $0.get().number } == [1, 2])
    var filter = ReviewFilter()
    filter.service = "t"
    #expect(try store.read { try $0.reviews(filter, limit: 9) }.map(\.services) == [["s", "t"]])
    filter.service = "s"
    #expect(try store.read { try $0.reviews(filter, limit: 9) }.map(\.id) == ["abc", "zed"])
    try store.close()
    let order = try DatabaseQueue(path: path).read {
      try String.fetchAll($0, sql: "SELECT id FROM review ORDER BY rowid")
    }
    #expect(order == ["zed", "abc"])
  }

  /// Some of each state, with two triggers, a moved due day and two steps each; a hundred thousand of them in a long
  /// run.
  @Test func tenTimesAsManyReviewsAreMigratedInAsMuchMoreTime() throws {
    let isLong = ProcessInfo.processInfo.environment["REVIEWD_LONG"] == "1"
    let count = isLong ? 100_000 : 2000
    try Store.create(path, atVersion: "5")
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: Self.many(count)) }
    try queue.close()
    let start = ContinuousClock.now
    let store = try Store(path: path)
    let taken = ContinuousClock.now - start
    let rebuild = try store.rebuild()
    print(
      "migrated \(count) reviews in \(taken), rebuilt \(rebuild.factCount) facts in \(ContinuousClock.now - start - taken)"
    )
    #expect(rebuild.factCount == 6 * count && rebuild.reviewCount == count)
    #expect(rebuild.mended == [])
    #expect(try store.read { try $0.place(ofReader: "journald") } == 6 * count)
    #expect(taken < .seconds(isLong ? 120 : 5))
  }

  private static func many(_ count: Int) -> String {
    """
    CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < \(count - 1)) SELECT i FROM n;
    INSERT INTO review (id, rule, title, state, opened, due, priority, agenda, period_start, scheduled, conducted, closed, outcome,
        cancellation_reason, customer_satisfaction)
      SELECT printf('%08d', i), 'r' || i % 7, 'T', CASE i % 2 WHEN 0 THEN 'completed' ELSE 'cancelled' END, i * 1000, '2026-01-09',
        'high', '["causes","figures"]', '2025-12-01', i * 1000 + 400, iif(i % 2 = 0, i * 1000 + 500, NULL), i * 1000 + 500,
        iif(i % 2 = 0, 'held', NULL), iif(i % 2 = 1, 'not needed', NULL), iif(i % 2 = 0, '4.5', NULL) FROM n;
    INSERT INTO review_service SELECT printf('%08d', i), 's' || i % 1000 FROM n;
    INSERT INTO review_trigger (review, services, rule, at, recorded, evidence)
      SELECT printf('%08d', i), 's' || i % 1000, 'r' || i % 7, i * 1000 + step, i * 1000 + step,
        '{"findings":[{"about":"level","value":3.5,"verdict":"true"}],"rule_text":"\(String(repeating: "x", count: 300))"}'
      FROM n, (SELECT 0 AS step UNION ALL SELECT 100);
    INSERT INTO review_history (review, at, who, what, from_value, to_value, why)
      SELECT printf('%08d', i), i * 1000 + step, iif(step < 300, 'reviewd', 'ana'),
        CASE step WHEN 0 THEN 'opened' WHEN 100 THEN 'joined' WHEN 200 THEN 'due' WHEN 300 THEN 'schedule' WHEN 400 THEN 'schedule'
          ELSE iif(i % 2 = 0, 'complete', 'cancel') END,
        CASE step WHEN 200 THEN '2026-01-19' END, CASE step WHEN 200 THEN '2026-01-09' END, 'for 2026-01-08T10:00:00Z'
      FROM n, (SELECT 0 AS step UNION ALL SELECT 100 UNION ALL SELECT 200 UNION ALL SELECT 300 UNION ALL SELECT 400 UNION ALL SELECT 500)
      ORDER BY i, step;
    """
  }

  @Test(arguments: ["1", "2", "3", "4", "5"])
  func whatAnEarlierVersionLeftStaysBesideTheMigratedDatabase(_ version: String) throws {
    try Store.create(path, atVersion: version)
    let before = try tables(path)
    let store = try Store(path: path)
    #expect(try store.read { try $0.journalPosition() } == nil)
    try store.close()
    #expect(try tables("\(path).schema-\(version)") == before)
    #expect(try tables(path) != before)
    // Once is enough.
    try FileManager.default.removeItem(atPath: "\(path).schema-\(version)")
    _ = try Store(path: path)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
        $0.contains("schema") || $0.contains("migrating")
      } == [])
  }

  private func tables(_ path: String) throws -> [String] {
    let queue = try DatabaseQueue(path: path)
    defer { try? queue.close() }
    return try queue.read {
      try String.fetchAll($0, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
    }
  }

  @Test func aMigrationThatFailsLeavesTheDatabaseAsItWas() throws {
    try Store.create(path, atVersion: "2")
    let queue = try DatabaseQueue(path: path)
    // In the way of what the migration makes.
    try queue.write {
      try $0.execute(sql: "CREATE TABLE journal_position (note TEXT); INSERT INTO journal_position VALUES ('mine')")
    }
    try queue.close()
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let error = #expect(throws: StoreError.self) { try Store(path: path) }
    #expect(
      error?.message.contains("was not migrated from schema 2 and is as it was") == true, "\(error?.description ?? "")")
    #expect(error?.cause.contains("table journal_position already exists") == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
        $0.contains("schema") || $0.contains("migrating")
      } == [])
  }
}

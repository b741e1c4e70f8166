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
    #expect(try store.read { try $0.triggers(ofReview: "abc") }.map(\.services) == [["s"]])
  }

  @Test(arguments: ["1", "2", "3"])
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
      try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains("schema") || $0.contains("migrating") } == [])
  }

  private func tables(_ path: String) throws -> [String] {
    let queue = try DatabaseQueue(path: path)
    defer { try? queue.close() }
    return try queue.read { try String.fetchAll($0, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name") }
  }

  @Test func aMigrationThatFailsLeavesTheDatabaseAsItWas() throws {
    try Store.create(path, atVersion: "2")
    let queue = try DatabaseQueue(path: path)
    // In the way of what the migration makes.
    try queue.write { try $0.execute(sql: "CREATE TABLE journal_position (note TEXT); INSERT INTO journal_position VALUES ('mine')") }
    try queue.close()
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let error = #expect(throws: StoreError.self) { try Store(path: path) }
    #expect(error?.message.contains("was not migrated from schema 2 and is as it was") == true, "\(error?.description ?? "")")
    #expect(error?.cause.contains("table journal_position already exists") == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains("schema") || $0.contains("migrating") } == [])
  }
}

import Foundation
import GRDB
import ReviewEngine
import ReviewStore
import TestSupport
import Testing

struct StoreTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/reviewd.sqlite" }

  init() throws { folder = try TemporaryFolder() }

  @Test func anEventIsTakenOnceAndRevisedWhenItSaysSomethingElse() throws {
    let store = try Store(path: path)
    let major = EventCause(
      type: "incident",
      matches: [AttributeMatch(attribute: "severity", test: .oneOf([.number(DecimalValue(mantissa: 1))]))])
    let causes = [major]
    func take(_ event: Event) throws -> String {
      try store.write { transaction in
        switch try transaction.take(event, receivedAt: event.time) {
        case .new: "new"
        case .known: "known"
        case .revised(let revision):
          try transaction.matched(revision, now: event, among: causes).isEmpty ? "revised" : "revised, was major"
        }
      }
    }
    let (three, one) = (event("2026-01-05", severity: 3), event("2026-01-05", severity: 1))
    #expect(
      try [take(three), take(three), take(one), take(three), take(one)] == [
        "new", "known", "revised", "revised, was major", "revised, was major",
      ])
    let kept = try store.read { try $0.history(of: ["s"], through: .distantFuture).events }
    #expect(kept == [one])
  }

  @Test func attributesOfEveryTypeComeBack() throws {
    let store = try Store(path: path)
    let attributes: [String: AttributeValue] = [
      "n": .number(DecimalValue(mantissa: 125, scale: 1)), "t": .text("12.5"), "b": .boolean(false),
      "i": .time(instant("2026-01-05")),
    ]
    let event = Event(
      identity: EventIdentity(source: "x", id: "1"), type: "incident", service: "s", time: instant("2026-01-05"),
      attributes: attributes)
    try store.write { _ = try $0.take(event, receivedAt: event.time) }
    #expect(try store.read { try $0.history(of: ["s"], through: .distantFuture).events } == [event])
  }

  @Test(arguments: [
    ("UPDATE fact SET by_user = 'you'", "facts are append-only"), ("DELETE FROM fact", "facts are append-only"),
    (
      "INSERT OR REPLACE INTO fact (number, at, kind, content) VALUES (1, 5, 'clock_set', '{}')",
      "facts are append-only"
    ),
    ("INSERT INTO fact (at, kind, content) VALUES (5, 'opened', '{}')", "CHECK constraint failed"),
    ("INSERT INTO fact (at, kind, content) VALUES (5, 'repaired', '{}')", "CHECK constraint failed"),
  ])
  func theLogOfFactsTakesNothingButFactsAtItsEnd(_ statement: String, _ reason: String) throws {
    let store = try Store(path: path)
    try store.write {
      _ = try $0.append(Fact(at: instant("2026-01-05"), by: .user("me"), .clockSet(.by(.hours(1)))), leaving: nil)
    }
    let stranger = try DatabaseQueue(path: path)
    let error = #expect(throws: DatabaseError.self) { try stranger.write { try $0.execute(sql: statement) } }
    #expect(error?.message?.contains(reason) == true, "\(error.map(String.init(describing:)) ?? "")")
    #expect(try store.read { try $0.facts(after: 0, limit: 10) }.map { try $0.get().fact.by } == [.user("me")])
  }

  @Test func aNewerDatabaseIsRefusedAndNotTouched() throws {
    try Store(path: path).close()
    try DatabaseQueue(path: path).write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('999')") }
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let error = #expect(throws: StoreError.self) { try Store(path: path) }
    #expect(error?.code == .newer)
    #expect(
      error?.description
        == "the database was written by a newer reviewd: install that version, or restore a backup from before it")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
  }

  @Test func whatIsNoDatabaseIsRefusedWithWhatToDo() throws {
    try folder.write("reviewd.sqlite", String(repeating: "this is no database ", count: 100))
    let error = #expect(throws: StoreError.self) { try Store(path: path) }
    #expect(error?.code == .damaged)
    #expect(
      error?.message
        == "the database \(path) is damaged: stop it and restore a backup: reviewd --restore BACKUP, which keeps this one"
    )
  }

  @Test func aReaderOfTheLogGoesOnFromItsPlace() throws {
    let store = try Store(path: path)
    for hours in 1...3 {
      try store.write {
        _ = try $0.append(
          Fact(at: instant("2026-01-05"), by: .daemon, .clockSet(.by(.hours(Int64(hours))))), leaving: nil)
      }
    }
    #expect(try store.read { try $0.place(ofReader: "journald") } == 0)
    try store.write { try $0.note(reader: "journald", through: 2) }
    #expect(
      try store.read { try $0.facts(after: try $0.place(ofReader: "journald"), limit: 10) }.map { try $0.get().number }
        == [3])
  }

  @Test func progressWithKeptEventsSurvivesARestart() throws {
    let ruleSet = try Scenario(rules: "  - {id: r, title: R, upon: {event: incident}, cooldown: 7 days}").ruleSet()
    var progress = RuleProgress(metOn: day("2026-01-02"))
    progress.isArmed = false
    progress.isCoolingDown = true
    progress.trueSince = instant("2026-01-03")
    progress.keptEvents = KeptEvents([event("2026-01-04"), event("2026-01-05", severity: nil)])
    let kept = progress
    do {
      let store = try Store(path: path)
      try store.write { transaction in
        _ = try transaction.subjects(of: ruleSet, at: instant("2026-01-02"))
        try transaction.save(kept, before: nil, rule: "r", subject: .service("s"))
      }
      try store.close()
    }
    let store = try Store(path: path)
    let subject = try store.write { try $0.subjects(of: ruleSet, at: instant("2026-02-01")).subjects[0] }
    #expect(subject.progress["r"] == progress)
    #expect(subject.firstLoadedOn == day("2026-01-02"))
  }
}

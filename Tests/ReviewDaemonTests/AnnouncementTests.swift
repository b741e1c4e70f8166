import Foundation
import Glibc
import Logging
import ReviewDaemon
import ReviewEngine
import ReviewFiles
import ReviewStore
import Synchronization
import TestSupport
import Testing

/// A journal that refuses what the test says.
private final class StrictSink: AnnouncementSink {
  private let entries = Mutex<[[String: [String]]]>([])
  private let refuses: @Sendable ([String: [String]]) -> Bool

  init(refuses: @escaping @Sendable ([String: [String]]) -> Bool = { _ in false }) { self.refuses = refuses }

  var sent: [[String: [String]]] { entries.withLock { $0 } }

  func send(_ fields: [(name: String, value: String)]) -> Delivery {
    let entry = fields.reduce(into: [String: [String]]()) { $0[$1.name, default: []].append($1.value) }
    if refuses(entry) { return .refused("Argument list too long") }
    entries.withLock { $0.append(entry) }
    return .sent
  }
}

/// No one announcement stops the others, and none is more than the journal takes.
struct AnnouncementTests {
  private let folder: TemporaryFolder
  private let store: Store

  init() throws {
    folder = try TemporaryFolder()
    store = try Store(path: folder.path + "/reviewd.sqlite")
    try folder.write("rules.d/r.yaml", Scenario.declarations)
    try folder.write("services.d/s.yaml", "services: [{id: elsewhere, name: E}]\n")
  }

  /// Writes two facts, of a review of some services that is opened and is held, and lets a keeper tell the journal of
  /// them.
  private func tell(_ sink: StrictSink, services: [String] = ["s"], _ other: Store? = nil) async throws {
    let store = other ?? store
    if other == nil { try write(services) }
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    var settings = Settings()
    settings.directories = [folder.path]
    let keeper = Keeper(store: store, settings: settings, sink: sink, clock: TestClock("2026-01-05"), logger: logger)
    try await RuleLoader(
      directories: settings.directories, keeper: keeper, store: store, logger: logger
    ).start()
    _ = await keeper.advance()
    #expect(try store.read { try $0.untoldCount(of: keeper) } == 0)
    try await keeper.notePlaces()
  }

  private func write(_ services: [String]) throws {
    var review = Review(
      id: "abc", rule: "r", subject: .customer("acme"), title: "T", services: services, opened: instant("2026-01-05"),
      due: day("2026-01-15"), periodStart: day("2026-01-01"))
    var evidence = Evidence()
    evidence.reason = "asked for"
    let trigger = Trigger(rule: "r", services: services, at: review.opened, evidence: evidence)
    let facts: [(Actor, Fact.Content)] = [
      (.rule("r"), .opened(review, trigger)), (.user("ana"), .conducted(at: review.opened)),
    ]
    try store.write { transaction in
      for (actor, content) in facts {
        let fact = Fact(at: review.opened, by: actor, subject: review.subject, review: review.id, content)
        review.apply(fact)
        _ = try transaction.append(fact, leaving: review)
      }
      try transaction.save(review, isNew: true)
    }
  }

  private static let opened = "The service review of all services of acme (T) is due on 2026-01-15: asked for."
  private static let held = "The service review of all services of acme (T) was held."

  @Test func anAnnouncementOfAThousandServicesIsSentWithAHundredAndSaysHowManyAreLeftOut() async throws {
    let sink = StrictSink { $0.values.reduce(0) { $0 + $1.count } > 200 }
    let names = (0..<1000).map { "s\($0)" }.sorted()
    try await tell(sink, services: names)
    #expect(sink.sent.map { $0["MESSAGE"] } == [[Self.opened], [Self.held]])
    #expect(sink.sent.first?["REVIEWD_SERVICE"] == Array(names.prefix(100)))
    #expect(sink.sent.first?["REVIEWD_SERVICES_LEFT_OUT"] == ["900"])
  }

  @Test func anAnnouncementSaysWhatHappenedAsItWasThenAndByWhom() async throws {
    let sink = StrictSink()
    try await tell(sink)
    let told = ["REVIEWD_FACT", "REVIEWD_KIND", "REVIEWD_STATE", "REVIEWD_BY", "REVIEWD_CUSTOMER", "REVIEWD_RULE"].map {
      name in
      sink.sent.map { $0[name]?.joined(separator: "+") ?? "-" }
    }
    #expect(
      told == [
        ["1", "2"], ["opened", "conducted"], ["pending", "conducted"], ["-", "ana"], ["acme", "acme"], ["r", "r"],
      ])
  }

  @Test func whatWasToldIsNotToldAgainToTheJournalAfterARestart() async throws {
    let (first, second) = (StrictSink(), StrictSink())
    try await tell(first)
    try await tell(second, store)
    #expect(first.sent.count == 2 && second.sent.isEmpty)
  }

  @Test func manyServicesAndManyPeopleAreNoMoreThanTwoHundredFieldsTogether() {
    let many = (0..<300).map { "x\($0)" }
    let fields = JournalFields([("MESSAGE", ["a"]), ("REVIEWD_SERVICE", many), ("REVIEWD_STAKEHOLDER", many)]).fields
    #expect(fields.count <= 200)
    #expect(
      fields.filter { $0.name.hasSuffix("_LEFT_OUT") }.map { "\($0.name) \($0.value)" } == [
        "REVIEWD_SERVICES_LEFT_OUT 250", "REVIEWD_STAKEHOLDERS_LEFT_OUT 250",
      ])
    let names = JournalFields((0..<300).map { ("F\($0)", ["a"]) }).fields
    #expect(names.count == 200)
    #expect(names.last?.value == "101")
  }

  @Test func whatTheJournalRefusesIsSentWithTheLeastAndAWord() async throws {
    let sink = StrictSink { $0["REVIEWD_TRIGGER"] != nil }
    try await tell(sink)
    #expect(
      sink.sent.map { $0["MESSAGE"] } == [
        [Self.opened + " [shortened: the journal refused all of it, Argument list too long]"], [Self.held],
      ])
    #expect(sink.sent.first?["REVIEWD_REVIEW"] == ["abc"])
    #expect(sink.sent.first?["MESSAGE_ID"] == ["5c1f0f0b8d6e4a5fb2a3d0c6e7914a01"])
  }

  @Test func whatTheJournalRefusesWhateverItHoldsIsCountedAndPassedOver() async throws {
    let sink = StrictSink { $0["REVIEWD_FACT"] == ["1"] }
    try await tell(sink)
    #expect(sink.sent.map { $0["MESSAGE"] } == [[Self.held]])
    #expect(try store.read { try $0.counters()["announcements_refused"] } == 1)
  }

  @Test func aFactThatCannotBeReadIsToldAsFarAsItIsKnownAndDoesNotStopTheOthers() async throws {
    let sink = StrictSink()
    try write(["s"])
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // Nobody else may write while it is open.
    try store.close()
    process.arguments = [
      "python3", "-c",
      """
      import sqlite3, sys
      database = sqlite3.connect(sys.argv[1])
      [guard] = database.execute("SELECT sql FROM sqlite_schema WHERE name = 'fact_is_append_only_update'").fetchone()
      database.execute("DROP TRIGGER fact_is_append_only_update")
      database.execute("UPDATE fact SET content = '{}' WHERE number = 1")
      database.execute(guard)
      database.commit()
      """, store.path,
    ]
    try process.run()
    process.waitUntilExit()
    try await tell(sink, try Store(path: store.path))
    #expect(
      sink.sent.map { $0["MESSAGE"] } == [["Fact 1 [shortened: what is stored of it cannot be read]"], [Self.held]])
    #expect(sink.sent.first?["REVIEWD_REVIEW"] == ["abc"])
  }

  @Test func nothingHiddenReachesTheJournal() {
    let text =
      "a\u{1b}[31m\u{202e}\nb\u{85}\u{2028}"
      + String(String.UnicodeScalarView([0xfffe, 0xfdd0].compactMap(Unicode.Scalar.init))) + "\t"
    let fields = JournalFields([("MESSAGE", [text]), ("REVIEWD_REVIEW", [text])]).fields
    #expect(fields.map(\.value) == Array(repeating: #"a\u{1b}[31m\u{202e} b\u{85}\u{2028}\u{fffe}\u{fdd0} "#, count: 2))
  }

  @Test func noLineOfALoggedTextLooksLikeAnEntryOfItsOwn() {
    #expect("a\nreviewd[1]: b\u{1b}\n".journalLines(bytes: 100) == "a\n  reviewd[1]: b\\u{1b}\n  ")
    #expect(String(repeating: "x\n", count: 1000).journalLines(bytes: 100).utf8.count <= 100)
  }

  @Test func aMessageIsTwoKibibytesAtMostAndAValueFour() {
    let text = String(repeating: "é", count: 100_000)
    let fields = JournalFields([("MESSAGE", [text]), ("REVIEWD_TRIGGER", [text])]).fields
    #expect(fields.map { $0.value.utf8.count } == [2047, 4095])
    #expect(fields.allSatisfy { $0.value.hasSuffix("é…") })
    let hidden = JournalFields([("MESSAGE", [String(repeating: "\u{1b}", count: 2048)])]).fields
    #expect(hidden.allSatisfy { $0.value.utf8.count <= 2048 })
  }

  @Test func onlyAJournalThatIsGoneIsWaitedFor() {
    #expect([0, 5].map(JournalSink.delivery) == [.sent, .sent])
    for code in [ENOENT, ECONNREFUSED, EAGAIN, ENOBUFS] { #expect(JournalSink.delivery(-code) == .unavailable) }
    for code in [E2BIG, EMSGSIZE, EINVAL, ENAMETOOLONG, EPROTONOSUPPORT] {
      #expect(JournalSink.delivery(-code) == .refused(String(cString: strerror(code))))
    }
  }
}

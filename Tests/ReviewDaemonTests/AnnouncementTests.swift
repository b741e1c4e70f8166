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
  }

  private func drain(_ announcements: [[String: [String]]], _ sink: StrictSink, _ other: Store? = nil) async throws {
    let store = other ?? store
    try store.write { transaction in
      for fields in announcements { try transaction.enqueue(kind: "opened", fields: fields, at: instant("2026-01-05")) }
    }
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let keeper = Keeper(store: store, settings: Settings(), sink: sink, clock: TestClock("2026-01-05"), logger: logger)
    _ = await keeper.advance()
  }

  @Test func anAnnouncementOfAThousandServicesIsSentWithAHundredAndSaysHowManyAreLeftOut() async throws {
    let sink = StrictSink { $0.values.reduce(0) { $0 + $1.count } > 200 }
    let names = (0..<1000).map { "s\($0)" }
    try await drain([["MESSAGE": ["a"], "REVIEWD_SERVICE": names], ["MESSAGE": ["b"]]], sink)
    #expect(sink.sent.map { $0["MESSAGE"] } == [["a"], ["b"]])
    #expect(sink.sent.first?["REVIEWD_SERVICE"] == Array(names.prefix(100)))
    #expect(sink.sent.first?["REVIEWD_SERVICES_LEFT_OUT"] == ["900"])
    #expect(try store.read { try $0.unsentCount() } == 0)
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
    let sink = StrictSink { $0["REVIEWD_RULE"] != nil }
    try await drain([["MESSAGE": ["a is due"], "REVIEWD_RULE": ["r"], "REVIEWD_REVIEW": ["abc"]], ["MESSAGE": ["b"]]], sink)
    #expect(sink.sent.map { $0["MESSAGE"] } == [["a is due [shortened: the journal refused all of it, Argument list too long]"], ["b"]])
    #expect(sink.sent.first?["REVIEWD_REVIEW"] == ["abc"])
    #expect(sink.sent.first?["MESSAGE_ID"] == ["5c1f0f0b8d6e4a5fb2a3d0c6e7914a01"])
  }

  @Test func whatTheJournalRefusesWhateverItHoldsIsCountedAndPassedOver() async throws {
    let sink = StrictSink { $0["REVIEWD_ANNOUNCEMENT"] == ["1"] }
    try await drain([["MESSAGE": ["a"]], ["MESSAGE": ["b"]]], sink)
    #expect(sink.sent.map { $0["MESSAGE"] } == [["b"]])
    #expect(try store.read { try $0.unsentCount() } == 0)
    #expect(try store.read { try $0.counters()["announcements_refused"] } == 1)
  }

  @Test func aRowOfTheOutboxThatHoldsNonsenseDoesNotStopTheOthers() async throws {
    let sink = StrictSink { entry in
      entry.keys.contains { $0.contains { !$0.isUppercase && !$0.isNumber && $0 != "_" } || $0.hasPrefix("_") }
    }
    try await drain([["lower case": ["x"], "_PID": ["1"], "": ["y"], "MESSAGE": ["a"], "EMPTY": []], ["MESSAGE": ["b"]]], sink)
    #expect(sink.sent.map { $0["MESSAGE"] } == [["a"], ["b"]])
    #expect(sink.sent.first?.keys.sorted() == ["MESSAGE", "REVIEWD_ANNOUNCEMENT", "REVIEWD_KIND", "SYSLOG_IDENTIFIER"])
  }

  @Test func aRowOfTheOutboxThatIsNoJsonIsSentAsFarAsItIsKnown() async throws {
    let sink = StrictSink()
    try store.write { transaction in
      for message in ["a", "b"] { try transaction.enqueue(kind: "opened", fields: ["MESSAGE": [message]], at: instant("2026-01-05")) }
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // Nobody else may write while it is open.
    try store.close()
    process.arguments = ["sqlite3", store.path, "UPDATE announcement SET content = '{' WHERE id = 1"]
    try process.run()
    process.waitUntilExit()
    try await drain([], sink, try Store(path: store.path))
    #expect(sink.sent.map { $0["MESSAGE"] } == [["Announcement 1 [shortened: what is stored of it cannot be read]"], ["b"]])
  }

  @Test func nothingHiddenReachesTheJournal() {
    let text =
      "a\u{1b}[31m\u{202e}\nb\u{85}\u{2028}" + String(String.UnicodeScalarView([0xfffe, 0xfdd0].compactMap(Unicode.Scalar.init))) + "\t"
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

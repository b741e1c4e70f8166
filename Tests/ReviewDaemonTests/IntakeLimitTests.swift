import Foundation
import ReviewAPI
import ReviewDaemon
import ReviewEngine
import ReviewFiles
import ReviewStore
import TestSupport
import Testing

/// What is too long, too many or too deep is refused by its line, with the limit; nothing of it is quoted whole.
struct IntakeLimitTests {
  private static func read(_ lines: [String], firstLine: Int = 1) throws -> SampleChecker {
    let checker = SampleChecker(ruleSet: try Scenario(rules: "").emptyRuleSet(), settings: Settings())
    return Array(lines.joined(separator: "\n").utf8).withUnsafeBytes {
      JsonSamples.read($0, firstLine: firstLine, checker: checker)
    }
  }

  private static func readCsv(_ lines: [String], firstLine: Int = 2) throws -> SampleChecker {
    let checker = SampleChecker(ruleSet: try Scenario(rules: "").emptyRuleSet(), settings: Settings())
    let text = "time,service,indicator,value,labels\n" + lines.joined(separator: "\n")
    return try Array(text.utf8).withUnsafeBytes { try CsvSamples.read($0, firstLine: firstLine, checker: checker) }
  }

  private static func readEvents(_ text: String, firstLine: Int = 1, keeping: Bool = false) throws -> CloudEvents {
    var settings = Settings()
    if keeping { settings.unknownServices = .keep }
    var reader = CloudEvents(
      ruleSet: try Scenario(rules: "").emptyRuleSet(), settings: settings, now: instant("2026-01-05"))
    try reader.read(Data(text.utf8), firstLine: firstLine)
    return reader
  }

  private static func sample(_ change: (inout [String: String]) -> Void) -> String {
    var keys = ["time": #""2026-01-05T10:00:00Z""#, "service": #""s""#, "indicator": #""level""#, "value": "1"]
    change(&keys)
    return "{" + keys.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
  }

  private static func event(_ change: (inout [String: String]) -> Void = { _ in }) -> String {
    var keys = [
      "specversion": #""1.0""#, "id": #""1""#, "source": #""x""#, "type": #""incident""#, "subject": #""s""#,
      "time": #""2026-01-05T10:00:00Z""#,
    ]
    change(&keys)
    return "{" + keys.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
  }

  private static func long(_ count: Int) -> String { "\"\(String(repeating: "x", count: count))\"" }

  private static let eighty = String(repeating: "x", count: 80) + "…"

  static let events: [(change: @Sendable (inout [String: String]) -> Void, said: String)] = [
    ({ $0["id"] = long(513) }, "'id' is longer than 512 bytes: '\(eighty)'"),
    ({ $0["source"] = long(513) }, "'source' is longer than 512 bytes: '\(eighty)'"),
    ({ $0["type"] = long(513) }, "'type' is longer than 512 bytes: '\(eighty)'"),
    ({ $0["subject"] = long(513) }, "'subject' is longer than 512 bytes: '\(eighty)'"),
    ({ $0["time"] = long(513) }, "'time' is longer than 512 bytes: '\(eighty)'"),
    // One letter for a reader, and a KiB for whoever stores it.
    (
      { $0["id"] = "\"e\(String(repeating: "\u{301}", count: 512))\"" },
      "'id' is longer than 512 bytes: 'e\(String(repeating: "\u{301}", count: 79))…'"
    ),
    ({ $0["id"] = #""a\u0000b""# }, #"'id' holds a NUL character: 'a\u{0}b'"#),
    ({ $0["time"] = #""0000-12-31T23:59:59Z""# }, "'0000-12-31T23:59:59Z' is outside the years 1 to 9999"),
    ({ $0["time"] = #""9999-12-31T23:59:59-01:00""# }, "'9999-12-31T23:59:59-01:00' is outside the years 1 to 9999"),
    ({ $0["data"] = "{" + (0...64).map { "\"a\($0)\":1" }.joined(separator: ",") + "}" }, "more than 64 attributes"),
    ({ $0["data"] = "{\(long(129)):1}" }, "the name of an attribute is longer than 128 bytes: '\(eighty)'"),
    ({ $0["data"] = "{\"cause\":\(long(8193))}" }, "the attribute 'cause' is longer than 8 KiB"),
    (
      { $0["data"] = "{" + (0..<5).map { "\"a\($0)\":\(long(7000))" }.joined(separator: ",") + "}" },
      "the attributes are longer than 32 KiB together"
    ),
    ({ $0["data"] = "{\"severity\":\(long(500))}" }, "the attribute 'severity' must be integer, not '\(eighty)'"),
    (
      { $0["data"] = #"{"severity":1e400}"# },
      "the attribute 'severity' must be integer, not 'a list, an object or too large a number'"
    ),
    (
      { $0["data"] = "{\"a\":\(String(repeating: "[", count: 65))\(String(repeating: "]", count: 65))}" },
      "more than 64 lists and objects are within each other"
    ),
    ({ $0["data"] = "{\"a\":\(long(65_536))}" }, "the event is longer than 64 KiB"),
    ({ $0["type"] = #""\u001b[31m\u202ered\n""# }, #"undeclared event type '\u{1b}[31m\u{202e}red '"#),
  ]

  @Test(arguments: events.indices) func anEventThatIsTooMuchIsRefusedWithTheLimit(_ index: Int) throws {
    let (change, said) = Self.events[index]
    let text = Self.event(change)
    for (body, line) in [(text, 7), ("[\(Self.event()),\(text)]", 8), ("\(Self.event())\n\(text)\n", 8)] {
      let reader = try Self.readEvents(body, firstLine: 7)
      #expect(reader.answer.refusals.map { "\($0.line): \($0.reason)" } == ["\(line): \(said)"])
      #expect(reader.events.count == line - 7)
    }
  }

  static let samples: [(change: @Sendable (inout [String: String]) -> Void, said: String)] = [
    ({ $0["service"] = long(513) }, "the service is longer than 512 bytes: '\(eighty)'"),
    ({ $0["service"] = #""s\u0000""# }, #"the service holds a NUL character: 's\u{0}'"#),
    ({ $0["time"] = long(600) }, "'\(eighty)' is not a time such as 2026-03-01T10:00:00Z"),
    ({ $0["time"] = #""9999-12-31T23:59:59-23:59""# }, "'9999-12-31T23:59:59-23:59' is outside the years 1 to 9999"),
    ({ $0["value"] = "1e100" }, "1\(String(repeating: "0", count: 79))… has more than 18 digits before the point"),
    ({ $0["value"] = String(repeating: "9", count: 30_000) }, "'value' is too large or too small a number"),
    ({ $0["value"] = "1e99999" }, "'value' is too large or too small a number"),
    ({ $0["indicator"] = long(60_000) }, "undeclared indicator '\(eighty)'"),
    ({ $0["labels"] = "{" + (0..<33).map { "\"a\($0)\":\"b\"" }.joined(separator: ",") + "}" }, "more than 32 labels"),
    ({ $0["labels"] = "{\(long(129)):\"b\"}" }, "the name of a label is longer than 128 bytes: '\(eighty)'"),
    ({ $0["labels"] = "{\"a\":\(long(1025))}" }, "the value of the label 'a' is longer than 1024 bytes"),
    (
      { $0["labels"] = "{\"a\":\(long(1000)),\"b\":\(long(1000)),\"c\":\(long(100))}" },
      "the labels are longer than 2048 bytes"
    ),
    ({ $0["labels"] = #"{"a":"\u0000"}"# }, "the label 'a' holds a NUL character"),
    ({ $0["labels"] = #"{"":"b"}"# }, "a label has no name"),
    ({ $0["labels"] = "{\"a\":\(long(65_536))}" }, "the line is longer than 64 KiB"),
    ({ $0["labels"] = String(repeating: "[", count: 60_000) }, "more than 64 lists and objects are within each other"),
  ]

  @Test(arguments: samples.indices) func aSampleThatIsTooMuchIsRefusedWithTheLimit(_ index: Int) throws {
    let (change, said) = Self.samples[index]
    let checked = try Self.read([Self.sample { _ in }, Self.sample(change), Self.sample { _ in }])
    #expect(checked.answer.refusals.map { "\($0.line): \($0.reason)" } == ["2: \(said)"])
    #expect(checked.batch.count == 2)
  }

  @Test func csvHasTheSameLimits() throws {
    let checked = try Self.readCsv([
      "2026-01-05T10:00:00Z,s,level,1,a=\(String(repeating: "x", count: 1025))", String(repeating: "x", count: 65_537),
      "2026-01-05T10:00:00Z,s,level,\(String(repeating: "9", count: 20_000)),", "9999-12-31T23:59:59-00:01,s,level,1,",
      "2026-01-05T10:00:00Z,\(String(repeating: "s", count: 513)),level,1,", "\u{1b}[31m\u{202e},s,level,1,",
    ])
    #expect(
      checked.answer.refusals.map { "\($0.line): \($0.reason)" } == [
        "2: the value of the label 'a' is longer than 1024 bytes", "3: the line is longer than 64 KiB",
        "4: \(String(repeating: "9", count: 80))… has more than 18 digits before the point",
        "5: '9999-12-31T23:59:59-00:01' is outside the years 1 to 9999",
        "6: the service is longer than 512 bytes: '\(String(repeating: "s", count: 80))…'",
        #"7: '\u{1b}[31m\u{202e}' is not a time such as 2026-03-01T10:00:00Z"#,
      ])
  }

  @Test func theLargestFirstLineStaysTheLargestAndDoesNotOverflow() throws {
    #expect(try Self.read(["x", "y", "z"], firstLine: .max - 1).answer.refusals.map(\.line) == [.max - 1, .max, .max])
    #expect(try Self.readCsv(["x", "y"], firstLine: .max).answer.refusals.map(\.line) == [.max, .max])
    #expect(try Self.readEvents("{\n{\n", firstLine: .max).answer.refusals.map(\.line) == [.max, .max])
    #expect(try Self.readEvents("[{},{}]", firstLine: .max).answer.refusals.map(\.line) == [.max, .max])
  }

  @Test func anEventForAnUnknownServiceWithoutANameIsRefusedWhereUnknownOnesAreKept() throws {
    let reader = try Self.readEvents(Self.event { $0["subject"] = #""""# }, keeping: true)
    #expect(reader.answer.refusals.map(\.reason) == ["the catalogue has no service ''"])
  }

  @Test func moreEventsThanARequestMayHoldAreRefusedBeforeAllAreRead() throws {
    let two = Array(repeating: Self.event(), count: 2000)
    #expect(try Self.readEvents("[\(two.joined(separator: ","))]").events.count == 2000)
    for body in [
      "[\(two.joined(separator: ",")),{}]", two.joined(separator: "\n") + "\n{}",
      "[" + String(repeating: "1,", count: 2_000_000),
    ] {
      let problem = #expect(throws: Problem.self) { try Self.readEvents(body) }
      #expect(problem?.detail == "more than 2000 events in one request: send them in parts")
    }
  }

  @Test(arguments: ["[", "[{}", "[{}}", "[{},]", "[{}] x", "[\"]", "[{\"a\":\"]\"}"])
  func aListThatDoesNotEndIsNoList(_ body: String) {
    let problem = #expect(throws: Problem.self) { try Self.readEvents(body) }
    #expect(problem?.detail == "the body is not a JSON list of CloudEvents")
  }

  @Test func bracketsAndCommasInTextsDoNotEndAnElement() throws {
    let text = Self.event { $0["data"] = #"{"cause":"a],[{\"\\\\","b":"}"}"# }
    #expect(try Self.readEvents(" [ \(text) , \(text) ] \n").events.count == 2)
    #expect(try Self.readEvents("[ ]").events.isEmpty)
    #expect(try Self.readEvents(text.replacing("{\"", with: "{\n\"")).events.count == 1)
  }

  @Test(arguments: [
    ("[[1]]", 2, false), ("[[1]]", 1, true), (#"["[[[",{"a":"\"["}]"#, 2, false), (#"["\\",[[1]]]"#, 2, true),
    ("]]][", 1, false),
  ])
  func theDepthOfJsonMindsTexts(_ text: String, _ limit: Int, _ deep: Bool) {
    #expect(isTooDeep(text.utf8, limit: limit) == deep)
  }

  @Test func aSeriesOfABatchKnowsTheLineThatNamedItFirst() throws {
    let checked = try Self.readCsv([
      "x", "2026-01-05T10:00:00Z,s,level,1,", "2026-01-05T10:00:01Z,s,level,1,", "2026-01-05T10:00:00Z,s,level,1,a=1",
    ])
    #expect([0, 1, 2, -1].map { checked.line(ofSeries: $0) } == [3, 5, nil, nil])
  }

  private struct Gone: Error {}

  @Test func readingEndsAtTheNextCheckpointWhenItsCallerHasGone() throws {
    let checker = SampleChecker(ruleSet: try Scenario(rules: "").emptyRuleSet(), settings: Settings())
    let bytes = Array(String(repeating: "x\n", count: 100_000).utf8)
    var calls = 0
    func checkpoint() throws {
      calls += 1
      if calls == 3 { throw Gone() }
    }
    #expect(throws: Gone.self) {
      try bytes.withUnsafeBytes { try JsonSamples.read($0, firstLine: 1, checker: checker, checkpoint: checkpoint) }
    }
    #expect(calls == 3)
    calls = 0
    let csv = Array("time,service,indicator,value\n".utf8) + bytes
    #expect(throws: Gone.self) {
      try csv.withUnsafeBytes { try CsvSamples.read($0, firstLine: 2, checker: checker, checkpoint: checkpoint) }
    }
    calls = 2
    var events = CloudEvents(
      ruleSet: try Scenario(rules: "").emptyRuleSet(), settings: Settings(), now: instant("2026-01-05"))
    #expect(throws: Gone.self) { try events.read(Data("{\n".utf8), firstLine: 1, checkpoint: checkpoint) }
  }
}

/// A suggestion costs a comparison with every service: it is made once a name and a few times a request.
struct MisspeltServicesTests {
  private func seconds(_ body: [UInt8], csv: Bool, _ ruleSet: RuleSet) throws -> Double {
    let checker = SampleChecker(ruleSet: ruleSet, settings: Settings())
    let start = ContinuousClock.now
    let checked = try body.withUnsafeBytes {
      csv
        ? try CsvSamples.read($0, firstLine: 2, checker: checker) : JsonSamples.read($0, firstLine: 1, checker: checker)
    }
    #expect(checked.batch.count + checked.answer.refused == 20_000)
    return Double((ContinuousClock.now - start).components.attoseconds) / 1e18
      + Double((ContinuousClock.now - start).components.seconds)
  }

  @Test(arguments: [true, false]) func aBodyOfMisspeltServicesTakesAsLongAsAGoodOne(_ csv: Bool) throws {
    let services = (0..<1000).map { "  - {id: service-\($0)-of-many, name: S}" }.joined(separator: "\n")
    let ruleSet = try readRuleSet(rules: Scenario.declarations, services: "services:\n\(services)\n")
    func body(_ service: (Int) -> String) -> [UInt8] {
      let lines = (0..<20_000).map { number in
        csv
          ? "2026-01-05T10:00:00Z,\(service(number)),level,1"
          : #"{"time":"2026-01-05T10:00:00Z","service":"\#(service(number))","indicator":"level","value":1}"#
      }
      return Array(((csv ? ["time,service,indicator,value"] : []) + lines).joined(separator: "\n").utf8)
    }
    let good = try seconds(body { "service-\($0 % 1000)-of-many" }, csv: csv, ruleSet)
    let same = try seconds(body { _ in "service-1-of-mamy" }, csv: csv, ruleSet)
    let different = try seconds(body { "service-\($0)-of-mamy" }, csv: csv, ruleSet)
    // Before, each of these lines took 3 ms.
    #expect(same < good * 3 + 1)
    #expect(different < good * 3 + 1)
  }
}

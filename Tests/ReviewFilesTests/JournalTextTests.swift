import ReviewEngine
import ReviewFiles
import TestSupport
import Testing

/// What programs write into the journal is as long as they like; what an event keeps of it is not.
struct JournalTextTests {
  private func source() throws -> JournalSource {
    let settings =
      "journal:\n  - {fields: {SYSLOG_IDENTIFIER: x}, event: incident, service: s, attributes: {cause: {field: MESSAGE}}}\n"
    let read = SettingsReader.journalSources(
      settings, path: "reviewd.yaml", ruleSet: try Scenario(rules: "").emptyRuleSet())
    return try #require(read.sources.first)
  }

  private func cause(_ message: String) throws -> String? {
    let fields = ["SYSLOG_IDENTIFIER": ["x"], "MESSAGE": [message]]
    let record = JournalRecord(cursor: "c", time: instant("2026-03-01"), fields: fields)
    return JournalSource.events(of: record, by: [try source()]).first?.attributes["cause"]?.description
  }

  @Test func aTextIsCutAtFiveHundredCharactersAndAtFourThousandBytes() throws {
    #expect(try cause(String(repeating: "é", count: 500)) == String(repeating: "é", count: 500))
    #expect(try cause(String(repeating: "é", count: 501)) == String(repeating: "é", count: 500) + "…")
    let accents = "e" + String(repeating: "\u{301}", count: 1000)
    #expect(try cause(accents + accents) == accents + "…")
    #expect(try cause("a" + String(repeating: "\u{301}", count: 1_900_000))?.utf8.count == 3)
  }

  @Test func onlyTheFieldsThatASourceLooksAtAreRead() throws {
    #expect(try source().fieldNames == ["MESSAGE", "REVIEWD_ANNOUNCEMENT", "REVIEWD_FACT", "SYSLOG_IDENTIFIER"])
  }
}

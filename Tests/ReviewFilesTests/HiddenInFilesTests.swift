import Foundation
import ReviewEngine
import ReviewFiles
import TestSupport
import Testing

/// What nobody sees has no place in a file, and what a refusal quotes does nothing to a terminal.
struct HiddenInFilesTests {
  private func said(_ text: String, kind: SourceFile.Kind = .rules) -> [String] {
    RuleSetReader.read([SourceFile(kind: kind, path: "f.yaml", text: text)]).diagnostics.map {
      "\($0.line):\($0.column) \($0.message)"
    }
  }

  @Test(arguments: [
    ("\u{202e}", "U+202E turns the direction of the text"), ("\u{2066}", "U+2066 turns the direction of the text"),
    ("\u{1b}", "U+001B is a control character"), ("\u{9b}", "U+009B is a control character"),
    ("\0", "U+0000 is a control character"),
    ("\u{200b}", "U+200B cannot be seen"), ("\u{feff}", "U+FEFF cannot be seen"),
    ("\u{e0041}", "U+E0041 cannot be seen"),
  ])
  func aHiddenCharacterIsRefusedWithItsPlaceAndWhatItDoes(_ hidden: String, _ words: String) throws {
    #expect(said("rules:\n  - {id: r, title: A\(hidden)B, every: 1 month}\n") == ["2:21 \(words): delete it"])
    #expect(said("rules: [] # \(hidden)\n") == ["1:13 \(words): delete it"])
    #expect(said("services:\n  - {id: s, name: A\(hidden)}\n", kind: .services) == ["2:20 \(words): delete it"])
    #expect(said("calendars: [\(hidden)]\n", kind: .calendars) == ["1:13 \(words): delete it"])
    #expect(
      SettingsReader.read("log_level: \(hidden)info\n", path: "s.yaml").diagnostics.map(\.message) == [
        "\(words): delete it"
      ])
    let tests = RuleTestReader.read(
      [SourceFile(kind: .rules, path: "t.yaml", text: "tests: [\(hidden)]\n")], try Scenario(rules: "").emptyRuleSet())
    #expect(tests.diagnostics.map(\.message).first == "\(words): delete it")
  }

  @Test func tabsLineEndsAndAByteOrderMarkAtTheBeginningAreNone() {
    #expect(said("\u{feff}rules:\r\n  - id: r # a\ttab\r    title: Ünïcode 日本\n    every:\t1 month\n") == [])
  }

  @Test func ofAFileFullOfThemTenAreNamed() { #expect(said(String(repeating: "\u{202e}\n", count: 1000)).count == 10) }

  @Test(arguments: [#"\u202e"#, #"\e"#, #"\x9b"#, #"\U000e0041"#, #"\N"#, #"\L"#, #"\0"#])
  func anEscapeBringsNothingHiddenIn(_ escape: String) throws {
    for (text, place) in [
      ("rules: [{id: r, title: \"A\(escape)\", every: 1 month}]", "1:24"),
      ("rules: [{id: r, title: A, every: \"1 month\(escape)\"}]", "1:34"),
      ("rules: [{id: r, title: A, every: 1 month, review: {agenda: [\"A\(escape)\"]}}]", "1:61"),
      ("event_types: [{id: e, title: E, attributes: {\"a\(escape)\": text}}]", "1:46"),
    ] {
      let first = try #require(said(text).first)
      #expect(first.hasPrefix("\(place) ") && first.contains("holds something hidden: U+"), "\(first)")
    }
    #expect(said("rules: []\n\"a\(escape)\": b\n").first?.hasPrefix(#"2:1 unknown key 'a\u{"#) == true)
  }

  @Test func aTitleIsOnOneLineAndAnItemOfAnAgendaMayHaveSeveral() {
    let said = said("rules: [{id: r, title: \"A\\nB\", every: 1 month, review: {agenda: [\"A\\nB\"]}}]")
    #expect(said == ["1:24 'title' must be on one line"])
    #expect(self.said("rules:\n  - id: r\n    title: >\n      A\n      B\n    every: 1 month\n") == [])
  }

  @Test func aRefusalShowsWhatItQuotesWithoutItsEffect() throws {
    let hidden = "x\u{1b}[2J\u{202e}y"
    let read = RuleSetReader.read([SourceFile(kind: .rules, path: "\(hidden).yaml", text: "\"\(hidden)\": \(hidden)\n")]
    )
    let ics = RuleSetReader.read([
      SourceFile(
        kind: .calendars, path: "a.ics",
        text: "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:\(hidden)\nSUMMARY:\(hidden)\nEND:VEVENT\n")
    ])
    let shown = try #require(read.diagnostics.first).description + (try #require(ics.diagnostics.first)).description
    #expect(shown.unicodeScalars.allSatisfy { !$0.isHidden || $0 == "\n" }, "\(shown.debugDescription)")
    #expect(shown.contains(#"\u{1b}[2J\u{202e}"#))
  }
}

/// The daemon reads with its own rights: what it was led to is not for everybody who may ask it.
struct LinkedFilesTests {
  @Test func aLinkToASecretShowsNothingOfItToCallers() throws {
    let folder = try TemporaryFolder()
    try folder.write("secret", "password: hunter2\n")
    try FileManager.default.createDirectory(atPath: "\(folder.path)/rules.d", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/rules.d/a.yaml", withDestinationPath: "../secret")
    try folder.write("rules.d/b.yaml", "ruels: []\n")
    let files = try RuleDirectories([folder.path]).files()
    #expect(files.map(\.isLink) == [true, false])
    let forCallers = RuleSetReader.read(files, hidesLinks: true).diagnostics.map(\.description)
    #expect(
      forCallers[0]
        == "\(folder.path)/rules.d/a.yaml:1:1: error: this file is a link, and what it leads to is not shown to callers: 'reviewctl rules check DIR' as somebody who may read it says what is wrong"
    )
    #expect(forCallers[1].contains("ruels: []"))
    #expect(RuleSetReader.read(files).diagnostics.map(\.description)[0].contains("hunter2"))
  }

  @Test func aLinkedFileOfHolidaysShowsNothingEither() throws {
    let file = SourceFile(
      kind: .calendars, path: "a.ics", text: "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:hunter2\n", isLink: true)
    let said = RuleSetReader.read([file], hidesLinks: true).diagnostics.map(\.description)
    #expect(!said.isEmpty && said.allSatisfy { !$0.contains("hunter2") })
  }
}

import Foundation
import ReviewEngine
import ReviewFiles
import ReviewWords
import TestSupport
import Testing

struct RuleDirectoriesTests {
  private let root = FileManager.default.temporaryDirectory.path + "/reviewd-directories-\(UUID().uuidString)"

  private func write(_ path: String, _ text: String = "rules: []\n") throws {
    let url = URL(fileURLWithPath: "\(root)/\(path)")
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: url, atomically: true, encoding: .utf8)
  }

  @Test func aLaterDirectoryReplacesAndMasksFileByFile() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    try write("vendor/rules.d/10-a.yaml")
    try write("vendor/rules.d/20-b.yaml")
    try write("vendor/rules.d/30-c.yaml")
    try write("etc/rules.d/20-b.yaml")
    try write("etc/rules.d/15-d.yaml")
    try write("etc/rules.d/notes.txt")
    try write("etc/services.d/s.yaml", "services: []\n")
    try FileManager.default.createSymbolicLink(
      atPath: "\(root)/etc/rules.d/30-c.yaml", withDestinationPath: "/dev/null")
    let files = try RuleDirectories(["\(root)/vendor", "\(root)/etc"]).files()
    #expect(
      files.map { $0.path.replacing(root + "/", with: "") } == [
        "vendor/rules.d/10-a.yaml", "etc/rules.d/15-d.yaml", "etc/rules.d/20-b.yaml", "etc/services.d/s.yaml",
      ])
  }

  @Test func whatIsNearlyNamedLikeAFileOfRulesIsSaidToBeNotRead() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    for path in [
      "etc/rules.d/a.yaml", "etc/rules.d/b.yml", "etc/rules.d/tests/a.test.yaml", "etc/rules.d/sub/c.yaml",
      "etc/rules.d/README.md", "etc/rules/d.yaml", "etc/services.yaml", "etc/reviewd.yaml", "etc/.hidden.yml",
      "etc/services/s.yaml", "flat/a.yaml", "flat/b.yml",
    ] {
      try write(path)
    }
    let said = RuleDirectories(["\(root)/etc", "\(root)/flat", "\(root)/nothing"]).neglected().map {
      $0.description.replacing(root + "/", with: "")
    }
    #expect(
      said == [
        "etc/rules: warning: the folder is not read: it has to be called rules.d",
        "etc/services: warning: the folder is not read: it has to be called services.d",
        "etc/services.yaml: warning: the file is not read: files lie in the folders rules.d, services.d, calendars.d",
        "etc/rules.d/b.yml: warning: the file is not read: its name has to end in .yaml",
        "etc/rules.d/sub: warning: the folder is not read: files lie in etc/rules.d itself",
        "flat/b.yml: warning: the file is not read: its name has to end in .yaml",
      ])
  }

  @Test func directoriesWithoutAnyFileAreAnError() {
    let error = #expect(throws: DirectoryError.self) { try RuleDirectories(["/nonexistent/reviewd"]).files() }
    #expect(
      error?.description
        == "cannot read /nonexistent/reviewd: there are no rule files: a directory has rules.d/*.yaml and services.d/*.yaml"
    )
  }

  @Test func filesThatCannotBeReadAreFindingsAmongTheOthers() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    try write("etc/rules.d/a.yaml")
    try Data([0x66, 0xff, 0xfe]).write(to: URL(fileURLWithPath: "\(root)/etc/rules.d/a.yaml"))
    try write("etc/rules.d/b.yaml/c.txt")
    try FileManager.default.createSymbolicLink(
      atPath: "\(root)/etc/rules.d/c.yaml", withDestinationPath: "/nonexistent")
    #expect(mkfifo("\(root)/etc/rules.d/d.yaml", 0o600) == 0)
    try write("etc/rules.d/e.yaml", "ruels: []\n")
    let said = RuleSetReader.read(try RuleDirectories(["\(root)/etc"]).files()).diagnostics.map {
      "\($0.file.suffix(6)) \($0.message)"
    }
    #expect(
      said == [
        "a.yaml the file cannot be read: it is not UTF-8", "b.yaml the file cannot be read: it is a directory",
        "c.yaml the file cannot be read: it links to nothing", "d.yaml the file cannot be read: it is not a file",
        "e.yaml unknown key 'ruels' in a file in rules.d: did you mean 'rules'?",
      ])
  }
}

struct ShippedFilesTests {
  private func read() throws -> ReadRuleSet {
    let rules = try RuleDirectories([projectDirectory + "/rules"]).files()
    let services = try RuleDirectories([projectDirectory + "/config"]).files()
    return RuleSetReader.read(rules + services)
  }

  @Test func theShippedRulesAndTheExampleCatalogueHaveNoMistake() throws {
    #expect(try read().diagnostics.map(\.description) == [])
    #expect(try read().ruleSet?.rules.count == 11)
  }

  @Test func theShippedSettingsAreTheDefaults() throws {
    let path = projectDirectory + "/config/reviewd.yaml"
    let read = SettingsReader.read(try String(contentsOfFile: path, encoding: .utf8), path: path)
    #expect(read.diagnostics.map(\.description) == [])
    #expect(read.settings == Settings())
  }

  @Test(arguments: [
    (
      "major-incident",
      "Upon each incident with severity at most 2, for every service. The review is due within 5 working days, with high priority. Once it is closed, the rule rests for 7 days."
    ),
    (
      "early-life",
      "Every 2 weeks from the due day of the last review, opened 3 days before it is due, for services with the journey stage onboard."
    ),
    (
      "level-missed",
      "When any of the agreed targets was missed in at least 2 of the last 3 whole months, asked every day, for every service. The review is due within 10 working days. Where another review of the service is due within 2 weeks, it joins that one."
    ),
    (
      "no-figures",
      "When the count of Availability in the last 1 day is exactly 0, lasting 6 hours, asked every hour, for every service. The review is due within 3 working days. Once it is closed, the rule rests for 7 days."
    ),
  ])
  func rulesReadAloud(_ id: String, _ sentence: String) throws {
    let ruleSet = try #require(try read().ruleSet)
    #expect(Sentences(ruleSet: ruleSet).sentence(try #require(ruleSet.rule(id))) == sentence)
  }

  @Test(arguments: [
    (
      "{id: r, title: R, per: customer, recurs: {rule: FREQ=MONTHLY;BYDAY=1TU;BYHOUR=10, starts: 2026-01-01, shift: next_working_day, except: [2026-08-04]}}",
      "Every month on the first Tuesday at 10:00, from 2026-01-01, moved to the next working day where nobody works, except on 2026-08-04, opened two weeks or half the interval before it is due, for each customer, about all of their services."
    ),
    (
      "{id: r, title: R, every: 1 month, adapt: {between: [1 week, 3 months], factors: [{id: busy_time, when: {event: change, in: last_quarter, at_least: 5}, multiply_by: 0.5}]}}",
      "Every 1 month from the day of the last review, opened two weeks or half the interval before it is due, for every service. The interval is multiplied: × 0.5 when at least 5 × change in the last whole quarter (busy time), never shorter than 1 week, never longer than 3 months. A shortening counts at once, a lengthening from the next review on; the factors are asked every hour."
    ),
    (
      "{id: r, title: R, when: {indicator: level, statistic: time_average, in: month, below: 50, coverage: 80%}, merge: never}",
      "When the average over time of Level in this month is below 50 points (from at least 80 % of the samples expected), asked every hour, for every service. The review is due within 10 days."
    ),
  ])
  func otherRulesReadAloudToo(_ rule: String, _ sentence: String) throws {
    let ruleSet = try Scenario(rules: "  - \(rule)").ruleSet()
    #expect(Sentences(ruleSet: ruleSet).sentence(ruleSet.rules[0]) == sentence)
  }

  @Test func aRuleKeepsItsOwnLinesAsEvidence() throws {
    let rule = try #require(try read().ruleSet?.rule("early-life"))
    #expect(rule.text.split(separator: "\n").first == "id: early-life")
    #expect(
      rule.text.split(separator: "\n").last == "review: {agenda: [early_experience, open_problems, expectations]}")
  }

  @Test func aFingerprintChangesWithTheMeaningAndNotWithTheWording() throws {
    func fingerprint(_ text: String) throws -> String {
      try readRuleSet(rules: Scenario.declarations + "rules:\n" + text, services: "services:\n  - {id: s, name: S}")
        .rules[0].fingerprint
    }
    let original = try fingerprint("  - {id: r, title: R, every: 3 months}")
    #expect(try fingerprint("  - id: r\n    title: Another\n    every: 1 quarter") == original)
    #expect(try fingerprint("  - {id: r, title: R, every: 4 months}") != original)
    #expect(try fingerprint("  - {id: r, title: R, every: 3 months, review: {agenda: [other]}}") == original)
    // Written down once: a change of it here would begin the state of every rule anew at an upgrade.
    #expect(original == "89d2b90980bcc8cb")
  }
}

struct LineEndTests {
  @Test func linesThatEndWithACarriageReturnAreLinesToo() {
    let read = RuleSetReader.read([
      SourceFile(kind: .rules, path: "r.yaml", text: "rules:\r\n  - id: r\r\n    title: R\r\n    evry: 1 day\r\n")
    ])
    #expect(
      read.diagnostics.map(\.description) == [
        "r.yaml:4:5: error: unknown key 'evry' in a rule: did you mean 'every'?\n      evry: 1 day\n      ^"
      ])
  }
}

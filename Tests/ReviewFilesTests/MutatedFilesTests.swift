import Foundation
import ReviewEngine
import ReviewFiles
import ReviewWords
import TestSupport
import Testing

/// Files that are nearly right, by the thousand: each is read or refused, within a second for 1 MiB, and nothing falls
/// over.
///
/// `REVIEWD_LONG=1` reads 5,000 of them, else 500; `REVIEWD_SEED` makes others.
@Suite(.serialized) struct MutatedFilesTests {
  private enum Kind: String, CaseIterable { case rules, services, calendars, holidays, settings, tests }

  private static let isLong = ProcessInfo.processInfo.environment["REVIEWD_LONG"] != nil
  /// What a file of 1 MiB may take, where nobody else uses the machine; other tests do in the sample.
  private static let longest = Duration.seconds(isLong ? 1 : 3)
  /// The files around the mutated one take some, and the peak of a process never goes down.
  private static let largestGrowth = 10 << 20

  @Test(arguments: Kind.allCases)
  private func theyAreReadOrRefused(_ kind: Kind) throws {
    let seed = testSeed()
    var mutations = FileMutations(seed: seed, corpus: try corpus(of: kind))
    let others = try shipped()
    let count = (Self.isLong ? 5000 : 500) / Kind.allCases.count + 1
    var refusedCount = 0
    for round in 0..<count {
      let text = mutations.next(largestByteCount: 1 << 20)
      if Self.isLong { try? text.write(toFile: "/tmp/reviewd-mutated-\(kind)", atomically: false, encoding: .utf8) }
      let (started, peak) = (ContinuousClock.now, residentPeakBytes())
      let diagnostics = read(text, kind, among: others)
      for diagnostic in diagnostics {
        let shown = diagnostic.description
        #expect(
          shown.utf8.count < 10_000 && shown.unicodeScalars.allSatisfy { !$0.isHidden || $0 == "\n" || $0 == "\t" },
          "seed \(seed) \(kind) \(round)")
      }
      if !diagnostics.isEmpty { refusedCount += 1 }
      let passed = ContinuousClock.now - started
      let grown = residentPeakBytes() - peak
      // In the sample other tests take memory too.
      if Self.isLong {
        #expect(grown < 10 * text.utf8.count + Self.largestGrowth, "seed \(seed) \(kind) \(round): \(grown) bytes")
      }
      #expect(
        passed < Self.longest,
        "seed \(seed) \(kind) \(round): \(text.utf8.count) bytes took \(passed): \(text.prefix(300))")
    }
    #expect(refusedCount > count / 4, "\(refusedCount) of \(count) were refused: the mutations change too little")
  }

  private func read(_ text: String, _ kind: Kind, among others: [SourceFile]) -> [Diagnostic] {
    switch kind {
    case .rules: return use(others + [SourceFile(kind: .rules, path: "zz.yaml", text: text)])
    case .services: return use(others + [SourceFile(kind: .services, path: "zz.yaml", text: text)])
    case .calendars: return use(others + [SourceFile(kind: .calendars, path: "zz.yaml", text: text)])
    case .holidays: return use([SourceFile(kind: .calendars, path: "zz.ics", text: text)])
    case .settings:
      let sources = RuleSetReader.read(others).ruleSet.map {
        SettingsReader.journalSources(text, path: "s.yaml", ruleSet: $0).diagnostics
      }
      return SettingsReader.read(text, path: "s.yaml").diagnostics + (sources ?? [])
    case .tests:
      guard let ruleSet = RuleSetReader.read(others).ruleSet else { return [] }
      return RuleTestReader.read([SourceFile(kind: .rules, path: "t.yaml", text: text)], ruleSet).diagnostics
    }
  }

  /// What is made of rules once they are read: sentences, PromQL, the days of the next reviews.
  private func use(_ files: [SourceFile]) -> [Diagnostic] {
    let read = RuleSetReader.read(files)
    guard let ruleSet = read.ruleSet else { return read.diagnostics }
    let sentences = ruleSet.rules.map { Sentences(ruleSet: ruleSet).sentence($0) }
    #expect(sentences.allSatisfy { !$0.isEmpty })
    let evaluation = Evaluation(ruleSet: ruleSet)
    for subject in ruleSet.subjects(firstLoadedOn: { _, _ in day("2026-01-01") }).prefix(3) {
      for rule in evaluation.rules(for: subject).prefix(20) {
        _ = evaluation.schedule(of: rule, subject.progress(of: rule, meetingOn: day("2026-01-01")), subject)
      }
    }
    return read.diagnostics
  }

  // MARK: Files

  private func shipped() throws -> [SourceFile] {
    try RuleDirectories([projectDirectory + "/rules"]).files() + RuleDirectories([projectDirectory + "/config"]).files()
  }

  private func corpus(of kind: Kind) throws -> [String] {
    switch kind {
    case .rules: return try shipped().filter { $0.kind == .rules }.map(\.text) + broken("rules") + Self.recurrences
    case .services: return try shipped().filter { $0.kind == .services }.map(\.text) + broken("services")
    case .calendars: return try broken("calendars") + Self.calendars
    case .holidays: return try broken("holidays") + Self.holidays
    case .settings:
      return try broken("settings") + [
        String(contentsOfFile: projectDirectory + "/config/reviewd.yaml", encoding: .utf8)
      ]
    case .tests: return try RuleTestFiles.files(projectDirectory + "/rules").map(\.text)
    }
  }

  private func broken(_ name: String) throws -> [String] {
    try CaseFile(path: projectDirectory + "/Tests/ReviewFilesTests/Broken/\(name).cases").cases.compactMap {
      $0.parts["file"]
    }
  }

  private static let recurrences = [
    """
    rules:
      - id: r
        title: R
        recurs: {rule: FREQ=MONTHLY;BYDAY=1TU;BYHOUR=10, starts: 2026-01-01, shift: next_working_day, except: [2026-02-03]}
        opens_before: 1 week
    """,
    "rules:\n  - {id: r, title: R, recurs: {rule: FREQ=DAILY, starts: 0001-01-01}}\n",
    "rules:\n  - id: a\n    title: |\n      A\n    every: 2 working days\n    review: {agenda: ['x', \"y\\n\"], due: 3 days}\n",
  ]

  private static let calendars = [
    "calendars:\n  - id: office\n    zone: Europe/Madrid\n    hours: {mon-thu: [\"09:00-14:00\", \"15:00-18:00\"], fri: \"09:00-15:00\"}\n"
      + "    holidays: {dates: [2026-12-07], yearly: [\"12-25\"], ics: []}\n"
  ]

  private static let holidays = [
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:19001225\r\nRRULE:FREQ=YEARLY;COUNT=300\r\nEXDATE:20261225\r\nEND:VEVENT\r\n"
      + "BEGIN:VEVENT\r\nDTSTART:20260101T000000Z\r\nDTEND:20260104T000000\r\nRDATE:20270101,20280101\r\nSUMMARY:New\r\n  year\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:16010101\nDURATION:P2W\nRRULE:FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20300101T000000Z\nEND:VEVENT\nEND:VCALENDAR\n",
  ]
}

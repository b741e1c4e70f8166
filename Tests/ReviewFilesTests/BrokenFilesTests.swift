import Foundation
import ReviewFiles
import TestSupport
import Testing

/// Every mistake, and exactly what is said about it. `REVIEWD_UPDATE_CASES=1 swift test` writes what is said now into
/// the case files: read the difference before you keep it.
struct BrokenFilesTests {
  private static let folder = projectDirectory + "/Tests/ReviewFilesTests/Broken/"

  private static let declarations = """
    indicators:
      - {id: availability, title: Availability, unit: percent, better: higher, range: [0, 100]}
    event_types:
      - {id: incident, title: Incident, attributes: {severity: integer, cause: text}}
    rules:
      - {id: first, title: First, every: 1 month}
    """
  private static let catalogue = """
    customers:
      - {id: acme, name: Acme}
    services:
      - id: payments
        name: Payments
        targets: [{indicator: availability, at_least: 99}, {indicator: availability, at_least: 95}]
    """

  @Test(arguments: try CaseFile(path: folder + "rules.cases").cases)
  func rules(_ example: CaseFile.Case) throws {
    try check(example, in: "rules.cases") { text in
      RuleSetReader.read([
        SourceFile(kind: .rules, path: "00.yaml", text: Self.declarations),
        SourceFile(kind: .rules, path: "file.yaml", text: text),
        SourceFile(kind: .services, path: "services.yaml", text: Self.catalogue),
      ]).diagnostics
    }
  }

  @Test(arguments: try CaseFile(path: folder + "services.cases").cases)
  func services(_ example: CaseFile.Case) throws {
    try check(example, in: "services.cases") { text in
      RuleSetReader.read([
        SourceFile(kind: .rules, path: "00.yaml", text: Self.declarations),
        SourceFile(kind: .services, path: "00.yaml", text: Self.catalogue),
        SourceFile(kind: .services, path: "file.yaml", text: text),
      ]).diagnostics
    }
  }

  @Test(arguments: try CaseFile(path: folder + "settings.cases").cases)
  func settings(_ example: CaseFile.Case) throws {
    try check(example, in: "settings.cases") { SettingsReader.read($0, path: "file.yaml").diagnostics }
  }

  @Test(arguments: try CaseFile(path: folder + "calendars.cases").cases)
  func calendars(_ example: CaseFile.Case) throws {
    try check(example, in: "calendars.cases") { text in
      RuleSetReader.read([
        SourceFile(kind: .calendars, path: "calendars.d/spain.ics", text: "BEGIN:VCALENDAR\nEND:VCALENDAR\n"),
        SourceFile(kind: .calendars, path: "calendars.d/file.yaml", text: text),
      ]).diagnostics
    }
  }

  @Test(arguments: try CaseFile(path: folder + "holidays.cases").cases)
  func holidays(_ example: CaseFile.Case) throws {
    try check(example, in: "holidays.cases") { text in
      RuleSetReader.read([SourceFile(kind: .calendars, path: "file.ics", text: text)]).diagnostics
    }
  }

  @Test func thereAreAtLeastFortyOfThem() throws {
    let count = try ["rules.cases", "services.cases", "settings.cases"].map {
      try CaseFile(path: Self.folder + $0).cases.count
    }.reduce(
      0, +)
    #expect(count >= 40)
  }

  private func check(_ example: CaseFile.Case, in file: String, _ read: (String) -> [Diagnostic]) throws {
    let text = try #require(example.parts["file"])
    let said = read(text).map(\.description).joined(separator: "\n")
    if ProcessInfo.processInfo.environment["REVIEWD_UPDATE_CASES"] != nil {
      try example.write(said: said, part: "file", to: Self.folder + file)
    }
    #expect(said == example.parts["said"]?.trimmingCharacters(in: .newlines))
    #expect(!said.isEmpty)
  }
}

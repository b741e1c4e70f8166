import Foundation
import TestSupport
import Testing

/// Announcements that a real journald would refuse, or show as "blob data".
@Suite(.serialized, .enabled(if: PrivateJournal.isPossible, "needs root and systemd-journald"))
struct LargeAnnouncementTests {
  private let configuration: TemporaryFolder
  private let journal: PrivateJournal
  private let daemon: RunningDaemon

  init() throws {
    configuration = try TemporaryFolder()
    journal = try PrivateJournal()
    try configuration.write(
      "rules.d/r.yaml",
      Scenario.declarations + """
        rules:
          - {id: whole, title: Whole, upon: {event: incident}, per: customer}
          - {id: single, title: Single, upon: {event: change}, merge: never}

        """)
    let services = (0..<1000).map { "  - {id: s\($0), name: Service \($0), customer: c}" }.joined(separator: "\n")
    try configuration.write("services.d/s.yaml", "customers:\n  - {id: c, name: C}\nservices:\n\(services)\n")
    daemon = try RunningDaemon(directories: [configuration.path], prefix: journal.prefix)
    try daemon.start()
  }

  @Test func aReviewOfAThousandServicesIsAnnouncedAndHoldsUpNoOther() throws {
    try daemon.ctl("event", "incident", "--service", "s1")
    try daemon.ctl("event", "change", "--service", "s2")
    let single = try journal.entry(with: "REVIEWD_RULE=single")
    #expect(single["REVIEWD_SERVICE"] == ["s2"])
    let whole = try journal.entry(with: "REVIEWD_RULE=whole")
    #expect(whole["REVIEWD_SERVICE"]?.count == 100)
    #expect(whole["REVIEWD_SERVICES_LEFT_OUT"] == ["900"])
    #expect(whole["MESSAGE"]?.first?.hasPrefix("The service review of all services of C (Whole) is due on ") == true)
    #expect(
      try daemon.object("status")["store"].flatMap { ($0 as? [String: Any])?["unsent_announcements"] } as? Int == 0)
  }

  @Test func escapesOfAnEventMakeNoBlobOfTheMessage() throws {
    try daemon.ctl("event", "change", "--service", "s3", "--id", "\u{1b}[2J\u{202e}\u{9b}", "cause=a")
    let entry = try journal.entry(with: "REVIEWD_SERVICE=s3")
    let texts = entry.filter { $0.key == "MESSAGE" || $0.key.hasPrefix("REVIEWD_") }.values.flatMap { $0 }.joined()
    #expect(texts.contains(#"\u{1b}[2J\u{202e}\u{9b}"#))
    #expect(
      texts.unicodeScalars.allSatisfy {
        $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
      })
    let command = "journalctl -D $(ls -d \(journal.folder.path)/*) -o cat REVIEWD_SERVICE=s3"
    #expect(try run("/bin/sh", ["-c", command]).output.contains("blob data") == false)
  }
}

import Foundation
import ReviewEngine
import TestSupport
import Testing

/// The real history moved in time so that it ends now, then incidents by hand, with a real journald.
@Suite(
  .serialized,
  .enabled(if: Shared.root != nil && PrivateJournal.isPossible, "needs ../shared, root and systemd-journald"))
struct LiveTests {
  @Test func anIncidentIsAnsweredWithItsReviewAndAnnouncedWithinTwentyMilliseconds() throws {
    let root = try #require(Shared.root)
    let journal = try PrivateJournal()
    var latencies: [Double] = []
    // Too few services were without an incident in their last 14 days for twenty in one go.
    while latencies.count < 20 {
      let history = try MovedHistory(root: root)
      let daemon = try RunningDaemon(directories: ["\(root)/acceptance/digital-editions"], prefix: journal.prefix)
      try daemon.start()
      try daemon.ctl("import", history.samplesPath, history.eventsPath)
      for service in history.servicesWithoutIncident(days: 14).prefix(20 - latencies.count) {
        latencies.append(try incident(service, daemon, journal))
      }
      #expect(daemon.stop() == 0)
    }
    let median = latencies.sorted()[latencies.count / 2]
    print(
      "announcement after the answer, in ms: median \(median), of \(latencies.count), slowest \(latencies.max() ?? 0)")
    #expect(median < 20)
  }

  private func incident(_ service: String, _ daemon: RunningDaemon, _ journal: PrivateJournal) throws -> Double {
    let answer = try daemon.object("event", "incident", "--service", service, "severity=1", "minutes=260")
    let answered = ContinuousClock.now
    let effect = try #require((answer["effects"] as? [[String: Any]])?.first)
    let review = try #require(effect["review"] as? String)
    let entry = try journal.entry(with: "REVIEWD_REVIEW=\(review)")
    let latency = (ContinuousClock.now - answered).components
    #expect(effect["action"] as? String == "opened")
    #expect(effect["rule"] as? String == "major-incident")
    try checkList(daemon, review, service)
    try checkFields(entry, review, service)
    return Double(latency.seconds) * 1000 + Double(latency.attoseconds) / 1e15
  }

  private func checkList(_ daemon: RunningDaemon, _ review: String, _ service: String) throws {
    let reviews = try #require(try daemon.object("list")["reviews"] as? [[String: Any]])
    let listed = try #require(reviews.first { $0["id"] as? String == review })
    #expect(listed["services"] as? [String] == [service])
    #expect(listed["state"] as? String == "pending")
  }

  private func checkFields(_ entry: [String: [String]], _ review: String, _ service: String) throws {
    let due = Zone.utc.day(of: Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))) + 5
    #expect(entry["MESSAGE_ID"] == ["5c1f0f0b8d6e4a5fb2a3d0c6e7914a01"])
    #expect(entry["PRIORITY"] == ["4"])
    #expect(entry["SYSLOG_IDENTIFIER"] == ["reviewd"])
    #expect(entry["REVIEWD_SERVICE"] == [service])
    #expect(entry["REVIEWD_RULE"] == ["major-incident"])
    #expect(entry["REVIEWD_DUE"] == [due.description])
    #expect(entry["REVIEWD_STATE"] == ["pending"])
    #expect(entry["REVIEWD_FACT"]?.count == 1)
    #expect(entry["REVIEWD_TRIGGER"]?.first?.contains("severity 1") == true)
    #expect(entry["MESSAGE"]?.first?.contains("Review after a major incident") == true)
  }
}

/// The history of the digital editions with every time moved by the same amount, so that it ends now.
private struct MovedHistory {
  let folder: TemporaryFolder
  private var lastIncident: [String: Instant] = [:]
  private let now = Instant(milliseconds: Int64(Date().timeIntervalSince1970) * 1000)

  var samplesPath: String { folder.path + "/samples.csv" }
  var eventsPath: String { folder.path + "/events.jsonl" }

  init(root: String) throws {
    folder = try TemporaryFolder()
    let lines = try String(contentsOfFile: root + "/data/digital-editions/samples.csv", encoding: .utf8).split(
      whereSeparator: \.isNewline)
    let rows = try lines.dropFirst().map { line in
      let comma = try #require(line.firstIndex(of: ","))
      return (time: try #require(Instant(line[..<comma])), rest: line[comma...])
    }
    let shift = now - (rows.map(\.time).max() ?? now)
    try folder.write(
      "samples.csv", ([String(lines[0])] + rows.map { "\($0.time + shift)\($0.rest)" }).joined(separator: "\n") + "\n")
    for row in rows {
      let service = String(row.rest.dropFirst().prefix { $0 != "," })
      lastIncident[service] = lastIncident[service] ?? .distantPast
    }
    try moveEvents(root, shift)
  }

  private mutating func moveEvents(_ root: String, _ shift: Elapsed) throws {
    var moved: [String] = []
    for line in try String(contentsOfFile: root + "/data/digital-editions/events.jsonl", encoding: .utf8).split(
      whereSeparator: \.isNewline)
    {
      var event = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let time = try #require((event["time"] as? String).flatMap { Instant($0) }) + shift
      event["time"] = time.description
      let service = try #require(event["subject"] as? String)
      lastIncident[service] = max(lastIncident[service] ?? time, time)
      moved.append(String(decoding: try JSONSerialization.data(withJSONObject: event), as: UTF8.self))
    }
    try folder.write("events.jsonl", moved.joined(separator: "\n") + "\n")
  }

  func servicesWithoutIncident(days: Int64) -> [String] {
    lastIncident.filter { $0.value < now - .days(days) }.map(\.key).sorted()
  }
}

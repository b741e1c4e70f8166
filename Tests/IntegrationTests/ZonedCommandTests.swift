import Foundation
import TestSupport
import Testing

/// What a person sees and writes is in the service's zone; what is stored and sent is UTC.
@Suite(.serialized)
struct ZonedCommandTests {
  @Test func timesAreThoseOfTheServicesZone() throws {
    let configuration = try TemporaryFolder()
    try configuration.write("rules.d/r.yaml", Scenario.declarations + "rules: []\n")
    try configuration.write("calendars.d/c.yaml", "calendars: [{id: office, zone: America/New_York}]\n")
    try configuration.write(
      "services.d/s.yaml", "services: [{id: s, name: S, in_service_since: 2026-01-01, calendar: office}]\n")
    let daemon = try RunningDaemon(directories: [configuration.path])
    try daemon.start()
    let opened = try daemon.object(
      "open", "--service", "s", "--reason", "talk", "--due", "2030-07-10", "--output", "json")
    let review = try #require((opened["review"] as? [String: Any])?["id"] as? String)
    let scheduled = try daemon.object("schedule", review, "--at", "2030-07-01 10:00", "--output", "json")
    let body = try #require(scheduled["review"] as? [String: Any])
    #expect(body["scheduled"] as? String == "2030-07-01T14:00:00Z")
    #expect(body["zone"] as? String == "America/New_York")
    #expect(body["due"] as? String == "2030-07-10")
    let shown = try daemon.ctl("show", review).output
    #expect(shown.contains("meeting    Mon 1 Jul 2030 10:00"))
    #expect(shown.contains("time zone  America/New_York"))
    #expect(
      try daemon.ctl("record", "level", "5", "--service", "s", "--at", "2026-01-05").output.contains(
        "2026-01-05T05:00:00Z"))
  }
}

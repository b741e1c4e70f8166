import Foundation
import TestSupport
import Testing

/// The real binaries on the histories beside the project: import, replay, and exactly the expected reviews.
@Suite(.serialized, .enabled(if: Shared.root != nil, "\(Shared.missing)"))
struct AcceptanceHistoryTests {
  struct Review: Codable, Hashable {
    let rule: String, service: String, opened: String, due: String
    let completed: String?
    let triggers: Int
  }

  private struct Replay: Codable {
    let assumed_completed: String
    let reviews: [Review]
  }

  @Test(arguments: [
    ("digital-editions", "data/digital-editions", "2026-01-20", "2026-08-22", 207),
    ("edges", "acceptance/edges", "2026-03-05", "2026-05-10", 166),
  ])
  func importAndReplayGiveExactlyTheExpectedReviews(
    _ folder: String, _ data: String, _ from: String, _ to: String, _ count: Int
  ) throws {
    let root = try #require(Shared.root)
    let daemon = try RunningDaemon(directories: ["\(root)/acceptance/\(folder)"])
    try daemon.start()
    let started = ContinuousClock.now
    let imported = try daemon.ctl("import", "\(root)/\(data)/samples.csv", "\(root)/\(data)/events.jsonl")
    let replayed = try daemon.ctl("rules", "replay", "--from", from, "--to", to, "--output", "json")
    let seconds =
      Double((ContinuousClock.now - started).components.attoseconds) / 1e18
      + Double((ContinuousClock.now - started).components.seconds)
    #expect(imported.status == 0, "\(imported.errors)")
    let replay = try JSONDecoder().decode(Replay.self, from: Data(replayed.output.utf8))
    let expected = try JSONDecoder().decode(
      [Review].self, from: Data(contentsOf: URL(fileURLWithPath: "\(root)/acceptance/\(folder)/expected.json")))
    #expect(replay.assumed_completed == "due")
    #expect(replay.reviews.count == count)
    #expect(Set(replay.reviews) == Set(expected))
    #expect(replay.reviews.count == expected.count)
    print("\(folder): import and replay took \(seconds) s")
    if Programs.areOptimised { #expect(seconds < 3) }
    #expect(daemon.stop() == 0)
  }
}

import Foundation
import NIOCore
import ReviewAPI
import ReviewEngine
import TestSupport
import Testing

/// kill -9 in the middle of an import: what was acknowledged is there, nothing is doubled, everything is announced.
@Suite(.serialized, .enabled(if: PrivateJournal.isPossible, "needs root and systemd-journald"))
struct KillTests {
  private static let services = 40
  private static let rounds = isLong ? 200 : 50

  @Test func fiftyKillsLoseNothingAndDoubleNothing() async throws {
    let seed = testSeed()
    var generator = SeededGenerator(seed: seed)
    let journal = try PrivateJournal()
    let configuration = try makeConfiguration()
    let daemon = try RunningDaemon(directories: [configuration.path], prefix: journal.prefix)
    var acknowledged: [Piece] = []
    var next = 0
    var interrupted = 0
    // By the review's id: the number of the last meeting that was acknowledged, and of the last that was asked for.
    var meetings: [String: (acknowledged: Int, asked: Int)] = [:]
    for round in 0..<Self.rounds {
      try daemon.start()
      let client = ReviewClient(socketPath: daemon.socket)
      // Whatever was acknowledged before the last kill is known; the piece that was cut off may be either.
      for piece in acknowledged.suffix(12) { try await checkKnown(piece, client, "seed \(seed) round \(round)") }
      let pieces = (0..<Int.random(in: 4...12, using: &generator)).map { Piece(number: next + $0) }
      let delay = Int.random(in: 0...150_000, using: &generator)
      let killer = Task.detached { [processIdentifier = daemon.processIdentifier] in
        try? await Task.sleep(for: .microseconds(delay))
        kill(processIdentifier, SIGKILL)
      }
      for piece in pieces {
        guard (try? await send(piece, client)) != nil else {
          interrupted += 1
          break
        }
        acknowledged.append(piece)
        next += 1
        guard (try? await schedule(piece, client, &meetings)) != nil else {
          interrupted += 1
          break
        }
      }
      await killer.value
      daemon.killAtOnce()
    }
    try daemon.start()
    let client = ReviewClient(socketPath: daemon.socket)
    print("kills: \(Self.rounds), pieces acknowledged \(acknowledged.count), cut off in the middle \(interrupted)")
    #expect(interrupted > 5, "seed \(seed): the kills come too late to mean anything")
    for piece in acknowledged { try await checkKnown(piece, client, "seed \(seed) at the end") }
    try await checkReviews(client, journal)
    for (id, meeting) in meetings.sorted(by: { $0.key < $1.key }) {
      let scheduled = try await client.review(id).review.scheduled
      let allowed = [meeting.acknowledged, meeting.asked].map { Self.time(ofMeeting: $0) }
      #expect(
        scheduled.map { allowed.contains($0) } ?? (meeting.acknowledged < 0),
        "seed \(seed): \(id) \(scheduled ?? "") \(allowed)")
    }
    print("meetings scheduled, over and over: \(meetings.count) reviews")
    #expect(daemon.stop() == 0)
  }

  private static func time(ofMeeting number: Int) -> String {
    "\(Instant("2030-01-01T00:00:00Z")! + .minutes(Int64(number)))"
  }

  /// Gives the review of one of the piece's services another time for its meeting.
  private func schedule(
    _ piece: Piece, _ client: ReviewClient, _ meetings: inout [String: (acknowledged: Int, asked: Int)]
  ) async throws {
    let page = try await client.reviews([(.state, "all"), (.service, "service-\(piece.number * 10 % Self.services)")])
    let id = try #require(page.reviews.first?.id)
    meetings[id, default: (-1, -1)].asked = piece.number
    _ = try await client.transition(id, Endpoints.schedule, TransitionRequest(at: Self.time(ofMeeting: piece.number)))
    meetings[id]?.acknowledged = piece.number
  }

  /// Some samples and some events that belong together.
  private struct Piece: Sendable {
    let number: Int

    var samples: String {
      let rows = (0..<400).map { row in
        let second = number * 400 + row
        return
          "2026-01-01T\(two(second / 3600 % 24)):\(two(second / 60 % 60)):\(two(second % 60))Z,service-\(row % KillTests.services),level,\(row % 100)"
      }
      return "time,service,indicator,value\n" + rows.joined(separator: "\n")
    }

    var events: String {
      (0..<10).map { index in
        let identity = "\(number)-\(index)"
        return
          #"{"specversion":"1.0","id":"\#(identity)","source":"kill","type":"incident","subject":"service-\#((number * 10 + index) % KillTests.services)"}"#
      }.joined(separator: "\n")
    }

    private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  }

  private func makeConfiguration() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(
      "rules.d/r.yaml",
      Scenario.declarations + "rules:\n  - {id: any, title: Any incident, upon: {event: incident}, merge: never}\n")
    let services = (0..<Self.services).map { "  - {id: service-\($0), name: Service \($0)}" }
    try folder.write("services.d/s.yaml", "services:\n" + services.joined(separator: "\n") + "\n")
    return folder
  }

  private func send(_ piece: Piece, _ client: ReviewClient) async throws {
    let samples = try await client.samples(ByteBuffer(string: piece.samples), format: "csv", firstLine: 2)
    #expect(samples.taken + samples.known == 400)
    let events = try await client.events(ByteBuffer(string: piece.events), firstLine: 1)
    #expect(events.taken + events.known + events.revised == 10)
  }

  private func checkKnown(_ piece: Piece, _ client: ReviewClient, _ place: String) async throws {
    let samples = try await client.samples(ByteBuffer(string: piece.samples), format: "csv", firstLine: 2)
    #expect(samples.taken == 0, "\(place): samples of piece \(piece.number) were lost")
    // Without a time of their own the events' content differs by when they are sent, so that known ones are revisions.
    let events = try await client.events(ByteBuffer(string: piece.events), firstLine: 1)
    #expect(events.taken == 0, "\(place): events of piece \(piece.number) were lost")
  }

  private func checkReviews(_ client: ReviewClient, _ journal: PrivateJournal) async throws {
    let reviews = try await client.reviews([(.state, "all"), (.limit, "1000")]).reviews
    #expect(Set(reviews.flatMap(\.services)).count == reviews.count, "a review is doubled")
    var seen: Set<String> = []
    for review in reviews {
      let detail = try await client.review(review.id)
      for trigger in detail.triggers {
        let event = try #require(trigger.evidence.event)
        #expect(seen.insert(event.id).inserted, "the event \(event.id) triggered twice")
      }
      let announced = try journal.entries(with: "REVIEWD_REVIEW=\(review.id)").filter {
        $0["REVIEWD_KIND"] == ["opened"]
      }
      #expect(!announced.isEmpty, "the review \(review.id) was not announced")
      #expect(Set(announced.compactMap { $0["REVIEWD_FACT"]?.first }).count == 1, "its announcement changed its id")
    }
    #expect(reviews.count > Self.services / 2)
  }
}

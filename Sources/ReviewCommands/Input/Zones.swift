import ReviewAPI
import ReviewEngine
import ReviewFiles

/// The zone of a name that the daemon sent; UTC where this machine does not know it.
func zone(named name: String) -> Zone { (try? ZoneDirectory.system.zone(name)) ?? .utc }

extension ReviewClient {
  /// The instant that is meant for a service; the daemon is asked for the zone only where it matters.
  func instant(_ time: TimeInput, ofService service: String) async throws -> Instant {
    time.isAbsolute
      ? time.instant(in: .utc) : time.instant(in: zone(named: try await self.service(service).service.zone))
  }

  /// The same for a review.
  func instant(_ time: TimeInput, ofReview review: String) async throws -> Instant {
    time.isAbsolute ? time.instant(in: .utc) : time.instant(in: zone(named: try await self.review(review).review.zone))
  }
}

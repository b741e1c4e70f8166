import CLinux
import Dispatch
import Synchronization

/// What replays and forecasts found, in memory until its reader has taken it: a slow reader can take hours, and there
/// can be many.
final class ResultRoom: Sendable {
  private let capacity: Int
  private let hits: LimitHits
  private let taken = Mutex<Int>(0)

  /// About what a review of a replay or a forecast takes with its texts.
  private static let bytesPerReview = 400

  init(mebibytes: Int, hits: LimitHits) {
    capacity = mebibytes << 20
    self.hits = hits
  }

  /// Held for as long as a result is in memory.
  final class Held: Sendable {
    private let room: ResultRoom
    private let byteCount: Int

    fileprivate init(_ room: ResultRoom, _ byteCount: Int) {
      self.room = room
      self.byteCount = byteCount
    }

    deinit { room.release(byteCount) }
  }

  /// Throws where so much waits for readers that nothing more is worked out.
  func refuseIfFull() throws {
    guard taken.withLock({ $0 >= capacity }) else { return }
    hits.note(.resultsMebibytes, "a replay or a forecast was refused while others wait for their readers")
    throw Busy("more than \(capacity >> 20) MiB of replays and forecasts wait for their readers (results_mebibytes)")
  }

  /// Counts a result that is there now; the one that fills the room is let in whole.
  func hold(reviewCount: Int) -> Held {
    let byteCount = reviewCount * Self.bytesPerReview
    taken.withLock { $0 += byteCount }
    return Held(self, byteCount)
  }

  private func release(_ byteCount: Int) {
    taken.withLock { $0 -= byteCount }
    // What a large result took goes back to the system, and not on the thread of whoever sent the last piece.
    if byteCount > 1 << 20 { DispatchQueue.global(qos: .utility).async { malloc_trim(0) } }
  }
}

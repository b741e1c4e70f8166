import CLinux
import Glibc
import ReviewEngine

/// Where the present comes from; tests bring their own.
package protocol WallClock: Sendable {
  func now() -> Instant
}

/// The machine's clock.
package struct SystemClock: WallClock {
  package init() {}

  package func now() -> Instant { Instant(milliseconds: milliseconds(of: CLOCK_REALTIME)) }

  /// How far the wall clock is ahead of the time since boot: it changes only when somebody sets the clock.
  package var offset: Elapsed {
    Elapsed(milliseconds: milliseconds(of: CLOCK_REALTIME) - milliseconds(of: CLOCK_BOOTTIME))
  }

  private func milliseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}

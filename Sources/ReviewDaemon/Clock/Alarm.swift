import CLinux
@preconcurrency import Dispatch
import Glibc
import ReviewEngine
import Synchronization

/// Wakes the evaluation loop at an instant of the wall clock, when that clock is set, or when something changed.
/// Between these the process sleeps in the kernel.
package final class Alarm: Sendable {
  private let descriptor: Int32
  private let source: any DispatchSourceRead
  private let wakes: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  package init() {
    let descriptor = timerfd_create(CLOCK_REALTIME, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
    source.setEventHandler { @Sendable in
      // The read fails with ECANCELED when the clock was set, which is a reason to wake as well.
      var expirations: UInt64 = 0
      _ = read(descriptor, &expirations, 8)
      continuation.yield()
    }
    source.setCancelHandler { @Sendable in _ = Glibc.close(descriptor) }
    source.resume()
    (self.descriptor, self.source, wakes, self.continuation) = (descriptor, source, stream, continuation)
  }

  deinit { source.cancel() }

  /// Ends the sleep that is under way, or the next one.
  package func poke() { continuation.yield() }

  /// Sleeps until an instant, or longer if it is nil; returns early when poked or when the clock is set.
  package func sleep(until instant: Instant?) async {
    arm(instant ?? .distantFuture)
    var iterator = wakes.makeAsyncIterator()
    _ = await iterator.next()
  }

  private func arm(_ instant: Instant) {
    // A zero would disarm the timer.
    let milliseconds = max(1, instant.milliseconds)
    var setting = itimerspec()
    setting.it_value = timespec(tv_sec: Int(milliseconds / 1000), tv_nsec: Int(milliseconds % 1000) * 1_000_000)
    timerfd_settime(descriptor, Int32(TFD_TIMER_ABSTIME) | (1 << 1), &setting, nil)
  }
}

import Hummingbird
import Logging
import ReviewAPI
import ReviewEngine
import ServiceLifecycle

/// Evaluates each instant that has come, and sleeps until the next. It feeds the service manager's watchdog itself, so
/// that a loop that is stuck is noticed.
struct EvaluationLoop: ServiceLifecycle.Service {
  let keeper: Keeper
  let alarm: Alarm
  let logger: Logger
  private let clock = SystemClock()

  private static let largeJump = Elapsed.minutes(1)

  func run() async throws {
    logger.notice("reviewd \(reviewdVersion) is ready")
    let readyStatus = await keeper.statusText()
    ServiceManager.ready(status: readyStatus)
    await cancelWhenGracefulShutdown {
      var status = readyStatus
      var watchdog = WatchdogFeeder()
      var offset = clock.offset
      while !Task.isCancelled {
        offset = await noteClockSet(since: offset)
        let next = await keeper.advance()
        watchdog.feed(at: clock.now())
        switch next {
        case .goOn: await Task.yield()
        case .sleep(let instant):
          // Only what is new: each message waits for the service manager to read it.
          let newStatus = await keeper.statusText()
          if newStatus != status { ServiceManager.status(newStatus) }
          status = newStatus
          await alarm.sleep(until: [instant, watchdog.nextFeeding].compactMap { $0 }.min())
        }
      }
    }
    ServiceManager.stopping()
  }

  /// The offset that was told of; the old one where that could not be written down, so that it is tried again.
  private func noteClockSet(since offset: Elapsed) async -> Elapsed {
    let now = clock.offset
    let change = Elapsed(milliseconds: now.milliseconds - offset.milliseconds)
    guard Elapsed(milliseconds: Int64(change.milliseconds.magnitude)) > Self.largeJump else { return now }
    do {
      try await keeper.noteClockSet(by: change)
      return now
    } catch {
      logger.error("that the clock was set is told later: \(error)")
      return offset
    }
  }
}

/// Tells the service manager that the loop works, each time it comes by and at least three times in each interval of
/// the watchdog.
private struct WatchdogFeeder {
  /// When the loop has to come by again; nil where no watchdog waits.
  private(set) var nextFeeding: Instant?
  private let step: Elapsed?

  init() {
    step = ServiceManager.watchdogInterval.map { Elapsed(milliseconds: max(1, $0.milliseconds / 3)) }
  }

  mutating func feed(at now: Instant) {
    guard let step else { return }
    // A clock that was set back must not postpone it.
    if let nextFeeding, now < nextFeeding, nextFeeding - now <= step { return }
    ServiceManager.watchdog()
    nextFeeding = now + step
  }
}

import Foundation
import Glibc
import Logging
import ServiceLifecycle

/// Ends the process where the graceful end takes too long, before the service manager kills it. What was acknowledged
/// is on disk, and what was not is rolled back at the next start.
struct LastResort: ServiceLifecycle.Service {
  let logger: Logger
  let seconds: TimeInterval

  private static let loggingSeconds: TimeInterval = 0.3

  func run() async throws {
    try? await gracefulShutdown()
    let (logger, seconds) = (logger, seconds)
    // A thread of its own: all others may be what does not end.
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: seconds)
      Thread.detachNewThread {
        logger.warning("stopped with requests unfinished after \(seconds) seconds; what was acknowledged is kept")
      }
      // A journal that takes nothing must not hold up the end.
      Thread.sleep(forTimeInterval: Self.loggingSeconds)
      _exit(0)
    }
  }
}

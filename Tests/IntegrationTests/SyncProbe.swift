import Foundation
import Glibc
import Synchronization

/// Syncs a file of its own again and again: what that takes at most is the disk's, and nobody else's, doing.
final class SyncProbe: Sendable {
  private let isOver = Mutex(false)
  private let longestMilliseconds = Mutex(0.0)
  private let ended = DispatchSemaphore(value: 0)

  /// - Parameter directory: on the disk that is asked about.
  init(in directory: String) {
    let path = "\(directory)/sync-probe"
    Thread.detachNewThread { [self] in
      let file = open(path, O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0o600)
      let page = [UInt8](repeating: 1, count: 4096)
      var offset = 0
      while !isOver.withLock({ $0 }) {
        _ = pwrite(file, page, page.count, off_t(offset % (4 << 20)))
        offset += page.count
        let start = ContinuousClock.now
        fdatasync(file)
        let taken = (ContinuousClock.now - start) / .milliseconds(1)
        longestMilliseconds.withLock { $0 = max($0, taken) }
        usleep(5000)
      }
      close(file)
      unlink(path)
      ended.signal()
    }
  }

  /// - Returns: how many milliseconds the longest sync took.
  func stop() -> Double {
    isOver.withLock { $0 = true }
    ended.wait()
    return longestMilliseconds.withLock { $0 }
  }
}

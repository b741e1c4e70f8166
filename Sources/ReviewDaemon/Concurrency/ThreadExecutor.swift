import Dispatch
import Synchronization

/// Runs what an actor does on a thread of its own. The threads that all tasks share are as many as the machine has
/// cores, and one that computes for minutes takes one of them, or the only one, from the evaluation loop and the API.
final class ThreadExecutor: SerialExecutor {
  private let queue: DispatchQueue
  private let waitingCount = Atomic(0)

  init(label: String) { queue = DispatchQueue(label: label) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    waitingCount.add(1, ordering: .relaxed)
    queue.async {
      self.waitingCount.subtract(1, ordering: .relaxed)
      job.runSynchronously(on: self.asUnownedSerialExecutor())
    }
  }

  /// Whether something waits for its turn.
  var isAwaited: Bool { waitingCount.load(ordering: .relaxed) > 0 }
}

/// Runs what waits for a disk elsewhere than on the threads that all tasks share.
func offTheSharedThreads<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async { continuation.resume(with: Swift.Result { try body() }) }
  }
}

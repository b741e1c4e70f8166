import Dispatch
import Synchronization

/// Computes what takes long on a few threads of its own, so that nobody who asks for something short waits for it.
/// Callers wait in line; of those who wait, one comes next whose user has the least under way, and one who has gone is
/// left out.
package final class Workshop: Sendable {
  private struct Job: Sendable {
    let number: Int
    let caller: CallerPresence
    /// Computes, or says at once why not.
    let work: @Sendable (_ refusal: (any Error)?) -> Void
  }

  private struct Line {
    var waiting: [Job] = []
    var busyUsers: [UInt32?] = []
    var freeThreads: [DispatchQueue]
    var lastNumber = 0
  }

  private let line: Mutex<Line>

  package init(label: String, threads: Int = 2) {
    line = Mutex(Line(freeThreads: (1...threads).map { DispatchQueue(label: "\(label).\($0)") }))
  }

  /// How many wait in line.
  package var waitingCount: Int { line.withLock { $0.waiting.count } }

  /// - Parameters:
  ///   - seconds: how long it may compute once it has begun.
  ///   - body: calls `check` of its budget often, at least every few milliseconds.
  package func run<Result: Sendable>(
    seconds: Int, caller: CallerPresence, _ body: @escaping @Sendable (Budget) throws -> Result
  ) async throws -> Result {
    let number = line.withLock { line in
      line.lastNumber += 1
      return line.lastNumber
    }
    let isCancelled = Flag()
    defer { caller.forget(number, of: self) }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let job = Job(number: number, caller: caller) { refusal in
          let budget = Budget(caller: caller, isCancelled: isCancelled, seconds: seconds)
          continuation.resume(
            with: Swift.Result {
              if let refusal { throw refusal }
              try budget.check()
              return try body(budget)
            })
        }
        line.withLock { $0.waiting.append(job) }
        caller.whenGone(number, of: self) { [weak self] in self?.leave(number) }
        // Who was cancelled before there was a job to leave out is seen by the budget.
        if isCancelled.isSet { leave(number) }
        startNext()
      }
    } onCancel: {
      isCancelled.set()
      leave(number)
    }
  }

  /// Takes one who waits out of the line.
  private func leave(_ number: Int) {
    let job = line.withLock { line in
      line.waiting.firstIndex { $0.number == number }.map { line.waiting.remove(at: $0) }
    }
    job?.work(CancellationError())
  }

  private func startNext() {
    guard let (job, thread) = line.withLock({ Self.takeNext(&$0) }) else { return }
    thread.async { [self] in
      job.work(nil)
      line.withLock { line in
        line.freeThreads.append(thread)
        if let index = line.busyUsers.firstIndex(of: job.caller.user) { line.busyUsers.remove(at: index) }
      }
      startNext()
    }
  }

  private static func takeNext(_ line: inout Line) -> (Job, DispatchQueue)? {
    guard !line.freeThreads.isEmpty else { return nil }
    let loads = line.waiting.map { job in line.busyUsers.count { $0 == job.caller.user } }
    guard let least = loads.min(), let index = loads.firstIndex(of: least) else { return nil }
    let job = line.waiting.remove(at: index)
    line.busyUsers.append(job.caller.user)
    return (job, line.freeThreads.removeLast())
  }
}

/// What a long computation may still use; it asks often and ends when it is told to.
package struct Budget: Sendable {
  let caller: CallerPresence
  let isCancelled: Flag
  let seconds: Int
  private let end: ContinuousClock.Instant

  init(caller: CallerPresence, isCancelled: Flag = Flag(), seconds: Int) {
    self.caller = caller
    self.isCancelled = isCancelled
    self.seconds = seconds
    end = .now + .seconds(seconds)
  }

  /// Throws when the caller has gone, when the daemon stops, or when the time is over.
  package func check() throws {
    if isCancelled.isSet || caller.isGone { throw CancellationError() }
    if ContinuousClock.now > end { throw TimeIsOver(seconds: seconds) }
  }
}

/// A computation took longer than it may.
package struct TimeIsOver: Error, CustomStringConvertible {
  package let seconds: Int

  package var description: String {
    "computing this took longer than \(seconds) seconds and was ended: ask for less at once"
  }
}

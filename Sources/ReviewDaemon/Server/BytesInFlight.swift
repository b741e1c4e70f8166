import NIOCore
import ReviewAPI
import Synchronization

/// Lets bodies and answers into memory for as long as there is room; the others wait in the order in which they came.
final class BytesInFlight: Sendable {
  /// What is small enough to be let in by anybody at any time: the connections are limited too.
  static let alwaysAdmitted = 64 << 10

  private struct Waiter {
    let number: Int
    let byteCount: Int
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var free: Int
    var waiters: [Waiter] = []
    var lastNumber = 0
  }

  private let capacity: Int
  private let waitSeconds: Int64
  private let hits: LimitHits
  private let state: Mutex<State>

  init(mebibytes: Int, hits: LimitHits, waitSeconds: Int64 = 10) {
    capacity = mebibytes << 20
    self.waitSeconds = waitSeconds
    self.hits = hits
    state = Mutex(State(free: capacity))
  }

  /// Held for as long as something is in memory.
  final class Room: Sendable {
    private let inFlight: BytesInFlight
    private let byteCount: Int

    fileprivate init(_ inFlight: BytesInFlight, _ byteCount: Int) {
      self.inFlight = inFlight
      self.byteCount = byteCount
    }

    deinit { inFlight.release(byteCount) }
  }

  /// Waits until there is room.
  func room(for byteCount: Int, _ caller: CallerPresence) async throws -> Room {
    let taken = min(byteCount, capacity)
    try await take(taken, caller)
    return Room(self, taken)
  }

  /// Waits until there is room, does something, and makes room again. What is larger than all of it has it for itself.
  func admit<Result>(_ byteCount: Int, _ caller: CallerPresence, _ body: () async throws -> Result) async throws
    -> Result
  {
    guard byteCount > Self.alwaysAdmitted else { return try await body() }
    let room = try await room(for: byteCount, caller)
    defer { withExtendedLifetime(room) {} }
    return try await body()
  }

  private func take(_ byteCount: Int, _ caller: CallerPresence) async throws {
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    let timer = LoopTimer.after(seconds: waitSeconds) { [weak self] in self?.refuse(number) }
    defer {
      timer.cancel()
      caller.forget(number, of: self)
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        enqueue(Waiter(number: number, byteCount: byteCount, continuation: continuation))
        caller.whenGone(number, of: self) { [weak self] in self?.leave(number, CancellationError()) }
        if Task.isCancelled { leave(number, CancellationError()) }
      }
    } onCancel: {
      leave(number, CancellationError())
    }
  }

  private func enqueue(_ waiter: Waiter) {
    state.withLock { $0.waiters.append(waiter) }
    letIn()
  }

  private func letIn() {
    let admitted = state.withLock { state in
      var admitted: [Waiter] = []
      while let first = state.waiters.first, first.byteCount <= state.free {
        state.free -= first.byteCount
        admitted.append(state.waiters.removeFirst())
      }
      return admitted
    }
    for waiter in admitted { waiter.continuation.resume() }
  }

  private func release(_ byteCount: Int) {
    state.withLock { $0.free += byteCount }
    letIn()
  }

  private func refuse(_ number: Int) {
    let busy = Busy("more than \(capacity >> 20) MiB of requests and answers are under way (in_flight_mebibytes)")
    if leave(number, busy) {
      hits.note(.inFlightMebibytes, "a request or an answer was refused after \(waitSeconds) seconds")
    }
  }

  @discardableResult
  private func leave(_ number: Int, _ error: any Error) -> Bool {
    let waiter = state.withLock { state in
      state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
    }
    waiter?.continuation.resume(throwing: error)
    // Whoever waits behind may be small enough.
    if waiter != nil { letIn() }
    return waiter != nil
  }
}

/// There is no room for a request at this moment; a little later there may be.
struct Busy: Error {
  static let retryAfterSeconds = 5
  let problem: Problem

  init(_ why: String) {
    problem = Problem(.unavailable, "reviewd is busy: \(why); ask again in \(Self.retryAfterSeconds) seconds")
  }
}

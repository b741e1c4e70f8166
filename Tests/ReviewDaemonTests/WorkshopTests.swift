import Dispatch
import ReviewDaemon
import Testing

/// What takes long is computed on threads of its own, and only for those who still wait.
struct WorkshopTests {
  private let workshop = Workshop(label: "test", threads: 1)

  @Test func itComputesAndPassesErrorsOn() async throws {
    #expect(try await workshop.run(seconds: 1, caller: CallerPresence()) { _ in 42 } == 42)
    await #expect(throws: TimeIsOver.self) {
      try await workshop.run(seconds: 0, caller: CallerPresence()) { budget in while true { try budget.check() } }
    }
  }

  @Test func aCallerWhoLeavesEndsWhatIsComputedForHim() async throws {
    let caller = CallerPresence()
    let begun = DispatchSemaphore(value: 0)
    let work = Task { [workshop] in
      try await workshop.run(seconds: 60, caller: caller) { budget in
        begun.signal()
        while true { try budget.check() }
      }
    }
    await wait(for: begun)
    caller.leave()
    await #expect(throws: CancellationError.self) { try await work.value }
  }

  @Test func aTaskThatIsCancelledEndsWhatIsComputedForIt() async throws {
    let begun = DispatchSemaphore(value: 0)
    let task = Task { [workshop] in
      try await workshop.run(seconds: 60, caller: CallerPresence()) { budget in
        begun.signal()
        while true { try budget.check() }
      }
    }
    await wait(for: begun)
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func oneWhoLeavesTheLineIsNotWaitedForAndNothingIsComputedForHim() async throws {
    let (gate, begun) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let (first, second) = (CallerPresence(), CallerPresence())
    async let running: Void = workshop.run(seconds: 60, caller: first) { _ in
      begun.signal()
      gate.wait()
    }
    await wait(for: begun)
    let waiting = Task { [workshop] in
      try await workshop.run(seconds: 60, caller: second) { _ in Issue.record("it was computed") }
    }
    while workshop.waitingCount < 1 { await Task.yield() }
    second.leave()
    // While the thread is still taken.
    await #expect(throws: CancellationError.self) { try await waiting.value }
    gate.signal()
    try await running
  }

  @Test func ofThoseWhoWaitTheUserWithLessUnderWayComesFirst() async throws {
    let (gate, begun, second) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let workshop = Workshop(label: "test", threads: 2)
    let (greedy, modest) = (CallerPresence(user: 1), CallerPresence(user: 2))
    async let first: Void = workshop.run(seconds: 60, caller: greedy) { _ in
      begun.signal()
      gate.wait()
    }
    async let other: Void = workshop.run(seconds: 60, caller: modest) { _ in
      begun.signal()
      second.wait()
    }
    await wait(for: begun)
    await wait(for: begun)
    let order = Order()
    async let third: Void = workshop.run(seconds: 60, caller: greedy) { _ in order.append("greedy") }
    while workshop.waitingCount < 1 { await Task.yield() }
    async let fourth: Void = workshop.run(seconds: 60, caller: modest) { _ in order.append("modest") }
    while workshop.waitingCount < 2 { await Task.yield() }
    second.signal()
    _ = try await (other, third, fourth)
    gate.signal()
    try await first
    #expect(order.names == ["modest", "greedy"])
  }

  private func wait(for semaphore: DispatchSemaphore) async {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        semaphore.wait()
        continuation.resume()
      }
    }
  }
}

private final class Order: @unchecked Sendable {
  private let queue = DispatchQueue(label: "order")
  private var written: [String] = []

  var names: [String] { queue.sync { written } }

  func append(_ name: String) { queue.sync { written.append(name) } }
}

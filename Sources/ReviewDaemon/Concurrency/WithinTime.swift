import ReviewEngine
import Synchronization

/// What was waited for has not come in time.
struct TimeIsUp: Error {}

/// Waits for something no longer than it may take, also where it does not notice that it was cancelled.
func withinTime<Result: Sendable>(_ timeout: Elapsed, _ body: @escaping @Sendable () async throws -> Result)
  async throws -> Result
{
  let first = Flag()
  return try await withCheckedThrowingContinuation { continuation in
    let work = Task {
      let result = await Swift.Result { try await body() }
      if first.take() { continuation.resume(with: result) }
    }
    Task {
      try? await Task.sleep(for: .milliseconds(timeout.milliseconds))
      guard first.take() else { return }
      work.cancel()
      continuation.resume(throwing: TimeIsUp())
    }
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}

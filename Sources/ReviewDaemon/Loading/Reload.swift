import CLinux
import Glibc
import Logging
import ReviewFiles
import ServiceLifecycle
import UnixSignals

/// Reads the rules again and tells the service manager of it.
struct Reload: Sendable {
  let loader: RuleLoader
  let keeper: Keeper
  let logger: Logger

  /// - Returns: the errors that kept the rules from being put in force.
  @discardableResult
  func run() async throws -> [Diagnostic] {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    ServiceManager.reloading(monotonicMicroseconds: UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000)
    do {
      let problems = try await loader.load()
      ServiceManager.ready(status: await keeper.statusText())
      return problems
    } catch {
      logger.error("the rules were not loaded: \(error)")
      ServiceManager.ready(status: "the rules were not loaded: \(error)")
      throw error
    }
  }
}

/// Reads the rules again upon SIGHUP.
struct ReloadOnHangup: ServiceLifecycle.Service {
  let reload: Reload

  func run() async throws {
    let hangups = await UnixSignalsSequence(trapping: .sighup)
    // What is wrong was logged and told to the service manager.
    if Signals.hangupCameEarly { _ = try? await reload.run() }
    for await _ in hangups.cancelOnGracefulShutdown() { _ = try? await reload.run() }
  }
}

import CLinux
import Glibc
import Hummingbird
import Logging
import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewStore
import ServiceLifecycle
import UnixSignals

/// Puts the parts together and runs them until somebody stops it.
package struct Daemon {
  let settings: Settings
  let logger: Logger

  package init(settings: Settings, logger: Logger) {
    self.settings = settings
    self.logger = logger
  }

  package func run() async throws {
    let directory = try StateDirectory(path: settings.stateDirectory)
    let store = try Store(path: directory.databasePath)
    let alarm = Alarm()
    let sink: any AnnouncementSink = JournalSink.isPresent ? JournalSink() : LogSink(logger: logger)
    let keeper = Keeper(store: store, settings: settings, sink: sink, logger: logger, onChange: { alarm.poke() })
    try await keeper.start()
    let socket = try ListeningSocket(path: settings.socket)
    let server = Server(responder: router(keeper, store).buildResponder(), socket: socket, logger: logger)
    try await run([
      server, EvaluationLoop(keeper: keeper, alarm: alarm, logger: logger), ReloadOnHangup(keeper: keeper, logger: logger),
      Watchdog(keeper: keeper),
    ])
    try store.close()
    withExtendedLifetime(directory) { logger.notice("stopped") }
  }

  private func router(_ keeper: Keeper, _ store: Store) -> Router<PeerContext> {
    let router = Router(context: PeerContext.self)
    let clock = SystemClock()
    router.add(middleware: ProblemMiddleware(logger: logger))
    StatusRoutes(keeper: keeper, store: store, clock: clock).add(to: router)
    ReviewRoutes(keeper: keeper, store: store, clock: clock).add(to: router)
    IntakeRoutes(keeper: keeper, settings: settings, clock: clock).add(to: router)
    CatalogueRoutes(keeper: keeper, store: store, clock: clock, simulator: Simulator(store: store), forecaster: Simulator(store: store))
      .add(to: router)
    return router
  }

  private func run(_ services: [any ServiceLifecycle.Service]) async throws {
    var silent = Logger(label: "reviewd.lifecycle")
    silent.logLevel = .error
    var configuration = ServiceGroupConfiguration(
      services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: silent)
    configuration.maximumGracefulShutdownDuration = .seconds(2)
    configuration.maximumCancellationDuration = .seconds(2)
    try await ServiceGroup(configuration: configuration).run()
  }
}

/// Evaluates each instant that has come, and sleeps until the next.
struct EvaluationLoop: ServiceLifecycle.Service {
  let keeper: Keeper
  let alarm: Alarm
  let logger: Logger

  private static let largeJump = Elapsed.minutes(1)

  func run() async throws {
    logger.notice("reviewd \(reviewdVersion) is ready")
    ServiceManager.ready(status: "rules in force")
    await cancelWhenGracefulShutdown {
      var offset = SystemClock().offset
      var status = ""
      while !Task.isCancelled {
        offset = await noteClockSet(since: offset)
        switch await keeper.advance() {
        case .goOn: await Task.yield()
        case .sleep(let instant):
          // Only what is new: each message waits for the service manager to read it.
          let newStatus = instant.map { "next evaluation at \($0)" } ?? "waiting for events"
          if newStatus != status { ServiceManager.status(newStatus) }
          status = newStatus
          await alarm.sleep(until: instant)
        }
      }
    }
    ServiceManager.stopping()
  }

  /// The offset that was told of; the old one where that could not be written down, so that it is tried again.
  private func noteClockSet(since offset: Elapsed) async -> Elapsed {
    let now = SystemClock().offset
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

/// Reads the rules again upon SIGHUP.
struct ReloadOnHangup: ServiceLifecycle.Service {
  let keeper: Keeper
  let logger: Logger

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC, &time)
      ServiceManager.reloading(monotonicMicroseconds: UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000)
      do {
        let problems = try await keeper.load()
        ServiceManager.ready(
          status: problems.isEmpty ? "rules in force" : "\(counted(problems.count, "error")) in the rules: the old ones stay in force")
      } catch {
        logger.error("the rules were not loaded: \(error)")
        ServiceManager.ready(status: "the rules were not loaded: \(error)")
      }
    }
  }
}

/// Feeds the service manager's watchdog for as long as the keeper answers.
struct Watchdog: ServiceLifecycle.Service {
  let keeper: Keeper

  func run() async throws {
    guard let interval = ServiceManager.watchdogInterval else { return try await gracefulShutdown() }
    try? await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await keeper.beat()
        ServiceManager.watchdog()
        try await Task.sleep(for: interval / 3)
      }
    }
  }
}

import Foundation
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
  /// The file of the settings, from which the sources in the journal are read with each reload; nil where there is
  /// none.
  let settingsPath: String?

  package init(settings: Settings, settingsPath: String? = nil, logger: Logger) {
    self.settings = settings
    self.settingsPath = settingsPath
    self.logger = logger
  }

  package func run() async throws {
    let directory = try StateDirectory(path: settings.stateDirectory)
    let isNew = (try? FileManager.default.attributesOfItem(atPath: directory.databasePath)[.size] as? Int) ?? 0 == 0
    let store = try Store(path: directory.databasePath)
    if isNew { logger.notice("an empty database was made: \(directory.databasePath)") }
    if let version = store.migratedFrom {
      let now = try store.schema()
      logger.notice(
        "the database was migrated from schema \(version) to \(now); as it was it lies in \(store.path).schema-\(version)"
      )
    }
    let alarm = Alarm()
    let sink: any AnnouncementSink = JournalSink.isPresent ? JournalSink() : LogSink(logger: logger)
    let journalAlarm = Alarm()
    let keeper = Keeper(
      store: store, settings: settings, sink: sink, logger: logger, onChange: { alarm.poke() },
      onJournalSources: { journalAlarm.poke() })
    let loader = RuleLoader(
      directories: settings.directories, keeper: keeper, store: store, logger: logger,
      readJournalSources: readJournalSources)
    try await loader.start()
    let reload = Reload(loader: loader, keeper: keeper, logger: logger)
    let socket = try ListeningSocket(path: settings.socket)
    let (hits, health) = (LimitHits(logger: logger), Health(keeper: keeper))
    let router = router(keeper, store, reload, hits, health)
    let server = Server(
      router: router, limits: settings.limits, hits: hits, health: health, socket: socket, logger: logger)
    try await run([
      server, EvaluationLoop(keeper: keeper, alarm: alarm, logger: logger),
      ReloadOnHangup(reload: reload),
      JournalFollower(keeper: keeper, alarm: journalAlarm),
      LastResort(logger: logger, seconds: 4),
    ])
    // Where that fails, some is told twice.
    try? await keeper.notePlaces()
    try store.close()
    withExtendedLifetime(directory) { logger.notice("stopped") }
  }

  private var readJournalSources: RuleLoader.JournalSourcesReading {
    { [settingsPath] ruleSet in
      guard let settingsPath else { return ([], []) }
      guard let text = try? TextFile.read(settingsPath) else {
        return ([], [Diagnostic(file: settingsPath, line: 0, column: 0, message: "the file cannot be read")])
      }
      return SettingsReader.journalSources(text, path: settingsPath, ruleSet: ruleSet)
    }
  }

  private func router(
    _ keeper: Keeper, _ store: Store, _ reload: Reload, _ hits: LimitHits, _ health: Health
  ) -> Router<PeerContext> {
    let router = Router(context: PeerContext.self)
    let clock = SystemClock()
    router.add(middleware: ProblemMiddleware(logger: logger))
    StatusRoutes(keeper: keeper, store: store, clock: clock, reload: reload, hits: hits, health: health).add(to: router)
    MaintenanceRoutes(keeper: keeper, store: store, settings: settings, clock: clock, hits: hits).add(to: router)
    ReviewRoutes(keeper: keeper, store: store, clock: clock).add(to: router)
    ReviewPageRoutes(keeper: keeper, store: store, clock: clock).add(to: router)
    IntakeRoutes(keeper: keeper, settings: settings, clock: clock, hits: hits).add(to: router)
    let simulator = Simulator(store: store, limits: settings.limits, hits: hits)
    CatalogueRoutes(keeper: keeper, store: store, clock: clock, simulator: simulator).add(to: router)
    return router
  }

  private func run(_ services: [any ServiceLifecycle.Service]) async throws {
    var silent = Logger(label: "reviewd.lifecycle")
    silent.logLevel = .error
    var configuration = ServiceGroupConfiguration(
      services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: silent)
    configuration.maximumGracefulShutdownDuration = .seconds(2)
    try await ServiceGroup(configuration: configuration).run()
  }
}

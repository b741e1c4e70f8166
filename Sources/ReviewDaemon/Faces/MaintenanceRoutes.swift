import Foundation
import Glibc
import Hummingbird
import NIOCore
import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewStore

/// `/v1/diagnosis`, `/v1/backup` and `/metrics`: for those who run the daemon.
struct MaintenanceRoutes {
  let keeper: Keeper
  let store: Store
  let settings: Settings
  let clock: any WallClock
  let hits: LimitHits
  private let backups = OneAtATime()
  private let examinations = OneAtATime()

  init(keeper: Keeper, store: Store, settings: Settings, clock: any WallClock, hits: LimitHits) {
    self.keeper = keeper
    self.store = store
    self.settings = settings
    self.clock = clock
    self.hits = hits
  }

  private static let chunkByteCount = 1 << 20

  func add(to router: Router<PeerContext>) {
    router.on(Endpoints.diagnosis) { try await diagnosis($0.caller) }
    router.on(Endpoints.backup) { _ in try await backup() }
    router.on(Endpoints.metrics) { _ in
      let text = try Metrics(
        overview: await keeper.overview(), store: store, keeper: keeper, now: clock.now(), hits: hits
      ).text()
      return Response(
        status: .ok, headers: [.contentType: "application/openmetrics-text; version=1.0.0; charset=utf-8"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
  }

  private func diagnosis(_ caller: CallerPresence) async throws -> Diagnosis {
    guard let turn = examinations.begin() else {
      hits.note(.examinations, "a look through the database was refused while another one is at it")
      throw Busy("the database is being looked through for somebody else, and that is done once at a time")
    }
    let examination = Examination(keeper: keeper, store: store, settings: settings, clock: clock, caller: caller)
    defer { withExtendedLifetime(turn) {} }
    return Diagnosis(version: reviewdVersion, findings: await examination.findings())
  }

  /// The database as of one instant, made in the state directory and gone from there before the first byte is sent.
  private func backup() async throws -> Response {
    guard let turn = backups.begin() else {
      hits.note(.backups, "a backup was refused while another one is made or sent")
      throw Busy("another backup is being made or sent, and there is one at a time")
    }
    let path = "\(settings.stateDirectory)/\(StateDirectory.Unfinished.backup.rawValue)"
    defer { unlink(path) }
    unlink(path)
    try await offTheSharedThreads { try store.backUp(to: path) }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Problem(.failed, "cannot read the backup: \(String(cString: strerror(errno)))") }
    let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    let byteCount = Int(try handle.seekToEnd())
    try handle.seek(toOffset: 0)
    let body = ResponseBody(contentLength: byteCount) { writer in
      var sentByteCount = 0
      while let chunk = try handle.read(upToCount: Self.chunkByteCount), !chunk.isEmpty {
        sentByteCount += chunk.count
        // Who has the last byte may ask for the next backup at once.
        if sentByteCount == byteCount { turn.end() }
        try await writer.write(ByteBuffer(bytes: chunk))
      }
      try await writer.finish(nil)
    }
    return Response(status: .ok, headers: [.contentType: "application/vnd.sqlite3"], body: body)
  }
}

import Glibc
import Hummingbird
import NIOCore
import ReviewFiles

/// A request with the connection that it came over, so that it is known who asks and whether somebody still does.
struct PeerContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let presence: CallerPresence
  /// Where the body is let in.
  let inFlight: BytesInFlight
  private let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    let hits = LimitHits(logger: source.logger)
    self.init(
      source: source, presence: CallerPresence(of: source.channel, user: nil),
      inFlight: BytesInFlight(mebibytes: Limits().inFlightMebibytes, hits: hits))
  }

  init(source: ApplicationRequestContextSource, presence: CallerPresence, inFlight: BytesInFlight) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
    self.presence = presence
    self.inFlight = inFlight
  }

  /// From now on the caller is waited for, and one who waits for that word may send.
  func bodyIsWanted() { channel.triggerUserOutboundEvent(Manners.BodyIsWanted(), promise: nil) }

  /// The user at the other end of the socket, by name where the machine knows one.
  var user: String {
    guard let user = presence.user else { return "unknown" }
    return Self.name(of: user) ?? "uid \(user)"
  }

  private static func name(of user: uid_t) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer -> String? in
      var entry = passwd()
      var found: UnsafeMutablePointer<passwd>?
      guard let base = buffer.baseAddress, getpwuid_r(user, &entry, base, buffer.count, &found) == 0, let found else {
        return nil
      }
      return found.pointee.pw_name.map { String(cString: $0) }
    }
  }
}

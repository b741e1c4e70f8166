import CLinux
import Glibc
import Hummingbird
import NIOCore

/// A request with the connection that it came over, so that it is known who asks.
struct PeerContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  private let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// The user at the other end of the socket, by name where the machine knows one.
  func user() async -> String {
    guard let provider = channel as? any SocketOptionProvider else { return "unknown" }
    let option: EventLoopFuture<peer_credentials> = provider.unsafeGetSocketOption(
      level: NIOBSDSocket.OptionLevel(rawValue: SOL_SOCKET), name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
    guard let credentials = try? await option.get() else { return "unknown" }
    return Self.name(of: credentials.uid) ?? "uid \(credentials.uid)"
  }

  private static func name(of user: uid_t) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer -> String? in
      var entry = passwd()
      var found: UnsafeMutablePointer<passwd>?
      guard let base = buffer.baseAddress, getpwuid_r(user, &entry, base, buffer.count, &found) == 0, let found else { return nil }
      return found.pointee.pw_name.map { String(cString: $0) }
    }
  }
}

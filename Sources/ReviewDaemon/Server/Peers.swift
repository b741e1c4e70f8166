import CLinux
import Glibc
import NIOCore
import Synchronization

/// Who is at the other end of each open connection.
final class Peers: Sendable {
  private let presences = Mutex<[ObjectIdentifier: CallerPresence]>([:])

  /// Asks the kernel who has connected; on the event loop of the connection.
  func add(_ channel: any Channel) -> CallerPresence {
    let presence = CallerPresence(of: channel, user: Self.user(of: channel))
    let key = ObjectIdentifier(channel)
    presences.withLock { $0[key] = presence }
    channel.closeFuture.whenComplete { _ in self.presences.withLock { _ = $0.removeValue(forKey: key) } }
    return presence
  }

  func presence(of channel: any Channel) -> CallerPresence {
    presences.withLock { $0[ObjectIdentifier(channel)] } ?? CallerPresence(of: channel, user: nil)
  }

  private static func user(of channel: any Channel) -> uid_t? {
    try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
      descriptor -> uid_t? in
      var credentials = peer_credentials()
      var size = socklen_t(MemoryLayout<peer_credentials>.size)
      return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 ? credentials.uid : nil
    } ?? nil
  }
}

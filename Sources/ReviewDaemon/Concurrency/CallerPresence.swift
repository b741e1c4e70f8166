import NIOCore
import Synchronization

/// Whether somebody still waits at the other end of a connection. One who has sent everything and closed that direction
/// does.
package final class CallerPresence: Sendable {
  private struct Observer: Hashable {
    let owner: ObjectIdentifier
    let number: Int
  }

  /// The user at the other end; nil where it is not known.
  package let user: UInt32?
  private let gone = Flag()
  private let observers = Mutex<[Observer: @Sendable () -> Void]>([:])

  /// One of no connection, who never goes.
  package init(user: UInt32? = nil) { self.user = user }

  /// One for as long as a connection is open: the kernel tells its event loop when the other end is closed in both
  /// directions.
  convenience init(of channel: any Channel, user: UInt32?) {
    self.init(user: user)
    channel.closeFuture.whenComplete { [weak self] _ in self?.leave() }
  }

  package var isGone: Bool { gone.isSet }

  /// Tells those who wait for it, once.
  package func leave() {
    gone.set()
    let told = observers.withLock { observers in
      defer { observers = [:] }
      return observers.values.map { $0 }
    }
    for tell in told { tell() }
  }

  func whenGone(_ number: Int, of owner: AnyObject, _ tell: @escaping @Sendable () -> Void) {
    observers.withLock { $0[Observer(owner: ObjectIdentifier(owner), number: number)] = tell }
    if isGone { tell() }
  }

  func forget(_ number: Int, of owner: AnyObject) {
    observers.withLock { _ = $0.removeValue(forKey: Observer(owner: ObjectIdentifier(owner), number: number)) }
  }
}

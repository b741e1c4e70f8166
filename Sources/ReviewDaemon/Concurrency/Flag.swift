import Synchronization

/// Something that is or is not, and is seen by all threads.
final class Flag: Sendable {
  private let value = Atomic(false)

  var isSet: Bool { value.load(ordering: .acquiring) }

  func set() { value.store(true, ordering: .releasing) }

  func clear() { value.store(false, ordering: .releasing) }

  /// - Returns: whether it was not set before.
  func take() -> Bool { !value.exchange(true, ordering: .acquiringAndReleasing) }
}

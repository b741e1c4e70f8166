/// Lets one in, and the next when that one is done with and forgotten.
final class OneAtATime: Sendable {
  /// Held for as long as it lasts.
  final class Turn: Sendable {
    private let isTaken: Flag

    fileprivate init(_ isTaken: Flag) { self.isTaken = isTaken }

    deinit { isTaken.clear() }
  }

  private let isTaken = Flag()

  /// - Returns: nil while somebody else is in.
  func begin() -> Turn? { isTaken.take() ? Turn(isTaken) : nil }
}

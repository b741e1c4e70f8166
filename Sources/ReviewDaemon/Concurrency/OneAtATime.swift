/// Lets one in, and the next when that one is done with and forgotten.
final class OneAtATime: Sendable {
  /// Held until it is ended, or forgotten.
  final class Turn: Sendable {
    private let isTaken: Flag
    private let hasEnded = Flag()

    fileprivate init(_ isTaken: Flag) { self.isTaken = isTaken }

    deinit { end() }

    /// Lets the next one in. A second time nothing happens.
    func end() { if hasEnded.take() { isTaken.clear() } }
  }

  private let isTaken = Flag()

  /// - Returns: nil while somebody else is in.
  func begin() -> Turn? { isTaken.take() ? Turn(isTaken) : nil }
}

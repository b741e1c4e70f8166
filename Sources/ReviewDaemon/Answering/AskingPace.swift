/// How many subjects are asked about at once: as many as are answered in the time that a watchdog and a command may
/// wait.
struct AskingPace {
  private(set) var subjectCount = 32
  private let largestCount: Int

  /// What they need is worked out, and looked up, while an event waits.
  static let largestAskedCount = 128

  /// Where conditions are asked.
  static let ofGrids = AskingPace(largestCount: largestAskedCount)
  /// Where few subjects ask anything: as many as one portion can be of.
  static let ofOwnInstants = AskingPace(largestCount: 512)

  private static let longest = Duration.milliseconds(100)

  private init(largestCount: Int) { self.largestCount = largestCount }

  /// - Parameter duration: how long it took to work the questions out, and to have them answered.
  mutating func note(_ duration: Duration) {
    if duration > Self.longest { subjectCount = max(8, subjectCount / 2) }
    if duration < Self.longest / 4 { subjectCount = min(largestCount, subjectCount * 2) }
  }
}

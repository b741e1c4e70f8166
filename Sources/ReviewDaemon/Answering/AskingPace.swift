/// How many subjects are asked about at once: as many as are answered in the time that a watchdog and a command may
/// wait.
struct AskingPace {
  private(set) var subjectCount = 32

  /// What they need is worked out, and looked up, while an event waits.
  private static let largestCount = 128
  private static let longest = Duration.milliseconds(100)

  mutating func note(_ duration: Duration) {
    if duration > Self.longest { subjectCount = max(8, subjectCount / 2) }
    if duration < Self.longest / 4 { subjectCount = min(Self.largestCount, subjectCount * 2) }
  }
}

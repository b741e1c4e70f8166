/// How many subjects are asked about at once: as many as are answered in the time that a watchdog and a command may
/// wait. Where there is nothing to ask, as many as one portion can be of.
struct AskingPace {
  private(set) var subjectCount = 32

  /// What they need is worked out, and looked up, while an event waits.
  private static let largestCount = 128
  private static let largestCountWithoutQuestions = 512
  private static let longest = Duration.milliseconds(100)

  /// - Parameter duration: how long it took to work the questions out, and to have them answered.
  mutating func note(_ duration: Duration, hadQuestions: Bool) {
    let largest = hadQuestions ? Self.largestCount : Self.largestCountWithoutQuestions
    if duration > Self.longest { subjectCount = max(8, subjectCount / 2) }
    if duration < Self.longest / 4 { subjectCount *= 2 }
    subjectCount = min(largest, subjectCount)
  }
}

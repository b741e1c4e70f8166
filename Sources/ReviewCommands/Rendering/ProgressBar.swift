import Foundation

/// How far a long import is, on a terminal; nothing elsewhere.
struct ProgressBar {
  /// Bytes in all; nil where that is not known.
  let total: Int?
  private let terminal = Terminal.error
  private let started = ContinuousClock.now
  private var shown = false

  private static let barWidth = 24

  init(total: Int?) { self.total = total }

  mutating func show(_ bytes: Int, _ text: String) {
    guard terminal.isInteractive, shown || !isDone(bytes) else { return }
    shown = true
    let seconds = Double((ContinuousClock.now - started).components.seconds) + 0.001
    var line = "\(text)  \(Int(Double(bytes) / seconds / 1_048_576)) MiB/s"
    if let total, total > 0 {
      let done = min(1, Double(bytes) / Double(total))
      let filled = Int(Double(Self.barWidth) * done)
      line =
        "\(String(repeating: "█", count: filled))\(String(repeating: "░", count: Self.barWidth - filled)) \(Int(100 * done)) %  \(line)"
    }
    write("\r\u{1b}[K\(line.fitted(to: terminal.width - 1))")
  }

  private func isDone(_ bytes: Int) -> Bool { total.map { bytes >= $0 } ?? false }

  /// Takes the bar away, so that the result stands in its place.
  mutating func finish() {
    if shown { write("\r\u{1b}[K") }
    shown = false
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

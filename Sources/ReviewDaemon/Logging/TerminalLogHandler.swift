import Foundation
import Logging
import ReviewEngine

/// Writes log events to standard error, one readable line each.
struct TerminalLogHandler: LogHandler {
  var logLevel: Logger.Level = .info
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let time = SystemClock().now().description.prefix(19).replacing("T", with: " ")
    let level = event.level >= .warning ? "\(event.level): " : ""
    let fields = metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted { $0.key < $1.key }
    let suffix = fields.isEmpty ? "" : "  [" + fields.map { "\($0.key)=\($0.value)" }.joined(separator: " ") + "]"
    // Messages of several lines stay so, but none of their lines begins as an entry of its own does.
    let message = event.message.description.visibleLines.replacing("\n", with: "\n  ")
    FileHandle.standardError.write(Data("\(time) \(level)\(message)\(suffix.visible)\n".utf8))
  }
}

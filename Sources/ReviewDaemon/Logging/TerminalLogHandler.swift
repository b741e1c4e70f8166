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

  // Messages of several lines stay so; other control characters would reach the terminal.
  private static func printable(_ character: Character) -> Character {
    guard let scalar = character.unicodeScalars.first, scalar.properties.generalCategory == .control, character != "\n", character != "\t"
    else {
      return character
    }
    return "\u{fffd}"
  }

  func log(event: LogEvent) {
    let time = SystemClock().now().description.prefix(19).replacing("T", with: " ")
    let level = event.level >= .warning ? "\(event.level): " : ""
    let fields = metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted { $0.key < $1.key }
    let suffix = fields.isEmpty ? "" : "  [" + fields.map { "\($0.key)=\($0.value)" }.joined(separator: " ") + "]"
    FileHandle.standardError.write(Data(String("\(time) \(level)\(event.message)\(suffix)".map(Self.printable)).utf8) + Data("\n".utf8))
  }
}

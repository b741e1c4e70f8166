import Logging

/// Sends log events to the journal with their metadata as fields.
struct JournalLogHandler: LogHandler {
  var logLevel: Logger.Level = .info
  var metadata: Logger.Metadata = [:]
  let label: String

  private static let largestMessageBytes = 64 << 10

  init(label: String) { self.label = label }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var fields = [
      (name: "MESSAGE", value: event.message.description.journalLines(bytes: Self.largestMessageBytes)),
      ("PRIORITY", priority(event.level)), ("SYSLOG_IDENTIFIER", "reviewd"),
      ("LOGGER", label), ("CODE_FILE", event.file), ("CODE_LINE", String(event.line)), ("CODE_FUNC", event.function),
    ]
    for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }
    ) {
      fields.append((fieldName(key), value.description.journalText(bytes: JournalFields.largestValueBytes)))
    }
    _ = JournalEntry(fields).send()
  }

  /// Journal field names are capital letters, digits and underscores.
  private func fieldName(_ key: String) -> String {
    "REVIEWD_" + String(key.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }.prefix(56))
  }

  private func priority(_ level: Logger.Level) -> String {
    switch level {
    case .trace, .debug: "7"
    case .info: "6"
    case .notice: "5"
    case .warning: "4"
    case .error: "3"
    case .critical: "2"
    }
  }
}

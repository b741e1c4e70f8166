import CSystemd
@preconcurrency import Dispatch
import Glibc
import ReviewEngine
import ReviewFiles
import Synchronization

/// Why the journal cannot be read.
struct JournalError: Error, CustomStringConvertible {
  let doing: String
  let code: Int32

  var description: String { "\(doing): \(String(cString: strerror(-code)))" }
}

/// The journal of this machine, read in the order in which it was written.
final class JournalFile: Sendable {
  /// libsystemd's reader is for one thread at a time.
  private let journal: Mutex<Handle>
  private let source: any DispatchSourceRead

  private struct Handle: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  /// - Parameter onChange: called when something may have been added.
  init(onChange: @escaping @Sendable () -> Void) throws(JournalError) {
    var opened: OpaquePointer?
    try Self.check(sd_journal_open(&opened, Int32(SD_JOURNAL_LOCAL_ONLY)), "cannot open the journal")
    guard let pointer = opened else { throw JournalError(doing: "cannot open the journal", code: -ENOENT) }
    let handle = Handle(pointer: pointer)
    journal = Mutex(handle)
    let descriptor = sd_journal_get_fd(pointer)
    guard descriptor >= 0 else { throw JournalError(doing: "cannot wait for the journal", code: descriptor) }
    source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
    source.setEventHandler { @Sendable [weak self] in
      self?.journal.withLock { _ = sd_journal_process($0.pointer) }
      onChange()
    }
    source.setCancelHandler { @Sendable in sd_journal_close(handle.pointer) }
    source.resume()
  }

  deinit { source.cancel() }

  private static func check(_ code: Int32, _ doing: String) throws(JournalError) {
    if code < 0 { throw JournalError(doing: doing, code: code) }
  }

  /// The cursor of the newest entry; empty where there is none.
  func newest() throws -> String {
    try journal.withLock { handle in
      sd_journal_flush_matches(handle.pointer)
      try Self.check(sd_journal_seek_tail(handle.pointer), "cannot go to the end of the journal")
      let found = sd_journal_previous(handle.pointer)
      try Self.check(found, "cannot read the journal")
      return found > 0 ? try Self.cursor(handle.pointer) : ""
    }
  }

  /// Goes to behind an entry, or to the beginning where the cursor is empty; from there only what the sources may want
  /// is read.
  func seek(behind cursor: String, for sources: [JournalSource]) throws {
    try journal.withLock { handle in
      sd_journal_flush_matches(handle.pointer)
      // What is matched by a pattern is found out afterwards; where nothing else is asked, every entry has to be looked
      // at.
      let isIndexed = sources.allSatisfy { $0.matches.contains { !$0.arePatterns } }
      for source in isIndexed ? sources : [] {
        for match in source.matches where !match.arePatterns {
          for value in match.values {
            let text = "\(match.name)=\(value)"
            try Self.check(sd_journal_add_match(handle.pointer, text, text.utf8.count), "cannot look for \(text)")
          }
        }
        try Self.check(sd_journal_add_disjunction(handle.pointer), "cannot look for entries")
      }
      if cursor.isEmpty {
        try Self.check(sd_journal_seek_head(handle.pointer), "cannot go to the beginning of the journal")
      } else {
        try Self.check(sd_journal_seek_cursor(handle.pointer, cursor), "cannot go to where the journal was read last")
      }
    }
  }

  /// The next entries, at most so many; none at the end.
  ///
  /// - Parameter names: the fields to read; whoever may write entries may write large ones.
  func next(limit: Int, fields names: Set<String>) throws -> [JournalRecord] {
    try journal.withLock { handle in
      var records: [JournalRecord] = []
      while records.count < limit {
        let found = sd_journal_next(handle.pointer)
        try Self.check(found, "cannot read the journal")
        guard found > 0 else { break }
        // An entry in a damaged file does not keep the others from being read.
        if let record = try? Self.record(handle.pointer, names) { records.append(record) }
      }
      return records
    }
  }

  private static func cursor(_ journal: OpaquePointer) throws(JournalError) -> String {
    var text: UnsafeMutablePointer<CChar>?
    try check(sd_journal_get_cursor(journal, &text), "cannot tell the place in the journal")
    defer { free(text) }
    return text.map { String(cString: $0) } ?? ""
  }

  /// The clock of the machine may have been anywhere.
  private static func time(_ microseconds: UInt64) -> Instant {
    min(Instant(milliseconds: Int64(microseconds / 1000)), IntakeLimits.times.upperBound)
  }

  /// More of a value is not read.
  private static let longestValueBytes = 64 << 10

  private static func record(_ journal: OpaquePointer, _ names: Set<String>) throws(JournalError) -> JournalRecord {
    var microseconds: UInt64 = 0
    try check(sd_journal_get_realtime_usec(journal, &microseconds), "cannot read the time of an entry")
    var fields: [String: [String]] = [:]
    var data: UnsafeRawPointer?
    var length = 0
    sd_journal_restart_data(journal)
    while sd_journal_enumerate_available_data(journal, &data, &length) > 0, let start = data {
      let bytes = UnsafeRawBufferPointer(start: start, count: length)
      guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let name = String(decoding: bytes[..<equals], as: UTF8.self)
      guard names.contains(name) else { continue }
      fields[name, default: []].append(
        String(decoding: bytes[(equals + 1)...].prefix(longestValueBytes), as: UTF8.self))
    }
    return JournalRecord(cursor: try cursor(journal), time: time(microseconds), fields: fields)
  }
}

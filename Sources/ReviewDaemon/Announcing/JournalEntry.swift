import CSystemd
import Glibc

/// One entry of the journal: `NAME=value`, a name as often as it has values.
struct JournalEntry {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  init(_ fields: [(name: String, value: String)]) {
    bytes.reserveCapacity(fields.reduce(0) { $0 + $1.name.utf8.count + 1 + $1.value.utf8.count })
    ends.reserveCapacity(fields.count)
    for (name, value) in fields {
      bytes += name.utf8
      bytes.append(UInt8(ascii: "="))
      bytes += value.utf8
      ends.append(bytes.count)
    }
  }

  /// Negative errno where the journal refused.
  func send() -> Int32 {
    var bytes = bytes
    return bytes.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      var start = 0
      let parts = ends.map { end in
        defer { start = end }
        return iovec(iov_base: base + start, iov_len: end - start)
      }
      return sd_journal_sendv(parts, Int32(clamping: parts.count))
    }
  }
}

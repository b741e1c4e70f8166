import Foundation
import GRDB

/// Why the store refuses: a code that programs test, a message that says what to do, and the cause beneath.
package struct StoreError: Error, CustomStringConvertible {
  /// What kind of error it is.
  package enum Code: String, Sendable {
    case damaged, newer, full, readOnly, inUse, failed
    /// It is not known whether what was written last is kept: nothing is believed until the database was opened anew.
    case uncertain
    /// The files at the path are not those that are written, or somebody else wrote them.
    case replaced
  }

  package let code: Code
  package let message: String
  package let cause: String

  package init(code: Code, message: String, cause: String = "") {
    self.code = code
    self.message = message
    self.cause = cause
  }

  package var description: String { cause.isEmpty ? message : "\(message) (\(cause))" }
}

extension StoreError {
  init(_ error: any Error, path: String) {
    if let error = error as? StoreError {
      self = error
      return
    }
    guard let error = error as? DatabaseError else {
      self.init(code: .failed, message: "cannot use the database \(path)", cause: "\(error)")
      return
    }
    // SQLite's words for no message at all.
    let cause = error.message.flatMap { $0 == "not an error" ? nil : $0 } ?? ""
    switch error.resultCode.primaryResultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self.init(
        code: .damaged,
        message:
          "the database \(path) is damaged: stop it and restore a backup: reviewd --restore BACKUP, which keeps this one",
        cause: cause)
    case .SQLITE_FULL:
      self.init(
        code: .full, message: "the disk of \(path) is full: free some space; nothing that was acknowledged is lost",
        cause: cause)
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
      self.init(
        code: .readOnly, message: "cannot write \(path): check that its folder exists and belongs to reviewd",
        cause: cause)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(
        code: .failed,
        message: "another program has locked the database \(path): end it, such as a sqlite3 in another terminal",
        cause: cause)
    case .SQLITE_IOERR:
      self.init(
        code: .uncertain,
        message:
          "the disk of \(path) failed, so that it is not known whether this was kept: look at the kernel's log, then send it again",
        cause: cause)
    default: self.init(code: .failed, message: "the database \(path) refused", cause: cause)
    }
  }
}

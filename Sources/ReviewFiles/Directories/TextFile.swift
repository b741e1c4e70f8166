import Foundation

/// Why a file was not read.
package struct TextFileError: Error, CustomStringConvertible {
  package let description: String
}

/// Reads whole files of which nobody knows beforehand what, and how much, is in them.
package enum TextFile {
  /// What one file may hold; more was not written by people.
  package static let largestByteCount = 1 << 20

  /// The text of a regular file, of which never more than the limit is read.
  package static func read(_ path: String) throws(TextFileError) -> String {
    var isLink = false
    return try read(path, isLink: &isLink)
  }

  /// The same, and whether the path is a link. That is found out by the opening itself: what is looked at before may be
  /// another file then.
  static func read(_ path: String, isLink: inout Bool) throws(TextFileError) -> String {
    // Opening a pipe would wait for somebody to write, and opening a device may do anything.
    let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
    var file = open(path, flags | O_NOFOLLOW)
    if file < 0, errno == ELOOP {
      isLink = true
      file = open(path, flags)
    }
    guard file >= 0 else { throw TextFileError(description: missing(isLink: isLink)) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw TextFileError(description: String(cString: strerror(errno))) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw TextFileError(description: status.st_mode & S_IFMT == S_IFDIR ? "it is a directory" : "it is not a file")
    }
    guard status.st_size <= largestByteCount else { throw TextFileError(description: tooLarge) }
    let bytes = try bytes(file)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw TextFileError(description: "it is not UTF-8")
    }
    return text
  }

  private static let tooLarge = "it is larger than 1 MiB"

  /// Why a file could not be opened.
  private static func missing(isLink: Bool) -> String {
    let reason = errno
    guard reason == ENOENT else { return String(cString: strerror(reason)) }
    return isLink ? "it links to nothing" : "there is no such file"
  }

  // A file may grow while it is read.
  private static func bytes(_ file: Int32) throws(TextFileError) -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Foundation.read(file, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw TextFileError(description: String(cString: strerror(errno))) }
      if count == 0 { return bytes }
      bytes += piece.prefix(count)
      guard bytes.count <= largestByteCount else { throw TextFileError(description: tooLarge) }
    }
  }
}

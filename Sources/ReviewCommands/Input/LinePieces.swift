import Foundation

/// Why a file cannot be imported.
struct ImportError: Error, CustomStringConvertible {
  let description: String
}

/// Reads a file in pieces that end with a whole line, so that memory stays flat whatever the file's size.
struct LinePieces {
  struct Piece {
    var bytes: Data
    /// The number of its first line in the file, from 1.
    let firstLine: Int
    /// How much of the file is read with it.
    let bytesRead: Int
  }

  private let handle: FileHandle
  private let largestPiece: Int
  private let largestLineCount: Int
  private var rest = Data()
  private var line = 1
  private var bytesRead = 0
  private var isAtEnd = false

  init(_ handle: FileHandle, largestPiece: Int, largestLineCount: Int = .max) {
    self.handle = handle
    self.largestPiece = largestPiece
    self.largestLineCount = largestLineCount
  }

  mutating func next() throws -> Piece? {
    while !isAtEnd, rest.count < largestPiece {
      guard let read = try handle.read(upToCount: largestPiece - rest.count), !read.isEmpty else {
        isAtEnd = true
        break
      }
      rest.append(read)
      bytesRead += read.count
    }
    guard !rest.isEmpty else { return nil }
    let (end, lineCount) = try cut()
    defer { line += lineCount }
    let piece = rest.prefix(end)
    rest = Data(rest.dropFirst(end))
    return Piece(bytes: Data(piece), firstLine: line, bytesRead: bytesRead - rest.count)
  }

  /// Where the piece ends, and how many lines it has.
  private func cut() throws -> (end: Int, lineCount: Int) {
    try rest.withUnsafeBytes { bytes in
      var (end, count) = (0, 0)
      for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") {
        (end, count) = (index + 1, count + 1)
        if count == largestLineCount { return (end, count) }
      }
      if isAtEnd { return (bytes.count, count + (end < bytes.count ? 1 : 0)) }
      guard end > 0 else { throw ImportError(description: "line \(line) is longer than \(largestPiece) bytes") }
      return (end, count)
    }
  }
}

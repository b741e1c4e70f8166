import ArgumentParser
import Foundation
import Glibc
import NIOCore
import ReviewAPI

struct BackupVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy the whole database, as of now, to a file while the daemon runs.",
    discussion:
      "The daemon looks through the copy first, so that what is written is sound. docs/operations.md says how to restore it."
  )

  @OptionGroup var global: GlobalOptions
  @Argument(help: "The file to write; one that is there is not replaced.", completion: .file()) var file: String

  private static let longestSeconds: Int64 = 3600

  private struct Answer: Encodable {
    let file: String
    let bytes: Int
  }

  func run() async throws {
    var status = stat()
    guard lstat(file, &status) != 0 else { throw NewFile.isThere(file) }
    let answer = Answer(file: file, bytes: try await copy())
    try global.show(answer) { ["\(file): \(answer.bytes / 1024) KiB, a sound copy of the database"] }
  }

  private func copy() async throws -> Int {
    var copy = try NewFile(at: file, mode: 0o600)
    var byteCount = 0
    try await global.client(timeoutSeconds: Self.longestSeconds).backup { piece in
      try piece.withUnsafeReadableBytes { try copy.write($0) }
      byteCount += piece.readableBytes
    }
    try copy.finish()
    return byteCount
  }
}

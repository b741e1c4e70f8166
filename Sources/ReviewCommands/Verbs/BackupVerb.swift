import ArgumentParser
import Foundation
import Glibc
import NIOCore
import NIOFoundationCompat
import ReviewAPI

struct BackupVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy the whole database, as of now, to a file while the daemon runs.",
    discussion: "The daemon looks through the copy first, so that what is written is sound. docs/operations.md says how to restore it.")

  @OptionGroup var global: GlobalOptions
  @Argument(help: "The file to write; one that is there is not replaced.", completion: .file()) var file: String

  private static let longestSeconds: Int64 = 3600

  private struct Answer: Encodable {
    let file: String
    let bytes: Int
  }

  func run() async throws {
    let part = file + ".part"
    guard access(file, F_OK) != 0 else { throw Problem(.refused, "\(file) is there already: give another name") }
    let descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Problem(.failed, "cannot write \(part): \(String(cString: strerror(errno)))") }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var byteCount = 0
    do {
      try await global.client(timeoutSeconds: Self.longestSeconds).backup { piece in
        try handle.write(contentsOf: Data(buffer: piece))
        byteCount += piece.readableBytes
      }
      try handle.synchronize()
      guard rename(part, file) == 0 else { throw Problem(.failed, "cannot write \(file): \(String(cString: strerror(errno)))") }
    } catch {
      unlink(part)
      throw error
    }
    let answer = Answer(file: file, bytes: byteCount)
    try global.show(answer) { ["\(file): \(answer.bytes / 1024) KiB, a sound copy of the database"] }
  }
}

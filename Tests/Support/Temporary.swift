import Foundation

/// A folder of its own that is gone when the test is.
package final class TemporaryFolder: Sendable {
  package let path: String

  /// - Parameter parent: where it lies; TMPDIR without it, into which other users may not look.
  package init(in parent: String? = nil) throws {
    path =
      (parent ?? FileManager.default.temporaryDirectory.path)
      + "/reviewd-test-\(UUID().uuidString.prefix(8).lowercased())"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  package func read(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

  package func write(_ name: String, _ text: String) throws {
    let url = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: url, atomically: true, encoding: .utf8)
  }
}

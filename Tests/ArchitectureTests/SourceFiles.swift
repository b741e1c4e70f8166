import Foundation

/// The Swift files of the project, as text.
enum SourceFiles {
  static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// The paths below some folders, from the project's own, in their order.
  static func paths(in folders: [String]) throws -> [String] {
    try folders.flatMap { folder in
      try FileManager.default.subpathsOfDirectory(atPath: "\(project)/\(folder)").filter { $0.hasSuffix(".swift") }
        .sorted().map { "\(folder)/\($0)" }
    }
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOfFile: "\(project)/\(path)", encoding: .utf8)
  }
}

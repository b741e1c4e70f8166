import ArgumentParser
import Foundation
import ReviewAPI
import ReviewFiles

/// Reads rule directories without a daemon.
enum OfflineRules {
  static let standardDirectories = ["/usr/lib/reviewd", "/etc/reviewd"]

  static func files(_ directories: [String]) throws -> [SourceFile] {
    let chosen = directories.isEmpty ? standardDirectories : directories
    for directory in directories where !FileManager.default.fileExists(atPath: directory) {
      throw ValidationError("there is no directory \(directory)")
    }
    do { return try RuleDirectories(chosen).files() } catch { throw Problem(.failed, error.description) }
  }
}

import ArgumentParser
import Foundation
import ReviewAPI
import ReviewEngine
import ReviewFiles

/// Reads rule directories without a daemon.
enum OfflineRules {

  /// The files of a rule set to try; one with errors is shown and not sent.
  static func withoutErrors(_ directories: [String]) throws -> [RuleFileBody] {
    let files = try files(directories)
    let errors = RuleSetReader.read(files).errors
    guard errors.isEmpty else {
      Output.print(errors.flatMap(\.description.textLines))
      throw ExitCode(1)
    }
    return files.map { RuleFileBody(kind: $0.kind.rawValue, path: $0.path, text: $0.text) }
  }

  /// The rule set of some directories; what is wrong with it is shown.
  static func ruleSet(_ directories: [String]) throws -> RuleSet {
    let read = RuleSetReader.read(try files(directories))
    if let ruleSet = read.ruleSet { return ruleSet }
    Output.print(read.errors.flatMap(\.description.textLines))
    throw ExitCode(1)
  }

  static func files(_ directories: [String]) throws -> [SourceFile] {
    let chosen = try self.directories(directories)
    do { return try chosen.files() } catch { throw Problem(.failed, error.description) }
  }

  /// Those that were named, or the system's.
  static func directories(_ named: [String]) throws -> RuleDirectories {
    for path in named {
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
        throw ValidationError("there is no directory \(path)")
      }
      guard isDirectory.boolValue else {
        throw ValidationError(
          "\(path) is a file: name the directory that it lies in, \(RuleTestFiles.rulesDirectory(of: path))")
      }
    }
    return RuleDirectories(named.isEmpty ? StandardPaths.directories : named)
  }
}

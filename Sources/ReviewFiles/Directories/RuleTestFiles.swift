import Foundation

/// Finds the tests that lie beside rules.
package enum RuleTestFiles {
  /// The tests of a path: a file, or a directory of rules with a folder `tests` in it or in its rules.d.
  package static func files(_ path: String) throws(DirectoryError) -> [SourceFile] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw DirectoryError(path: path, cause: "there is no such file or directory")
    }
    guard isDirectory.boolValue else { return [RuleDirectories.file(.rules, path)] }
    let paths = [path, path + "/tests", path + "/rules.d/tests"].flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".test.yaml") }
        .sorted()
        .map { "\(folder)/\($0)" }
    }
    var files: [SourceFile] = []
    for path in paths {
      files.append(RuleDirectories.file(.rules, path))
      if let obstacle = RuleSetReader.obstacle(to: files) { throw DirectoryError(path: path, cause: obstacle) }
    }
    return files
  }

  /// The directory whose rules the tests of a path are about: its own, or that in which a folder `tests` lies.
  package static func rulesDirectory(of path: String) -> String {
    var isDirectory: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    var url = URL(fileURLWithPath: path)
    if isDirectory.boolValue, url.lastPathComponent != "tests" { return path }
    if !isDirectory.boolValue { url.deleteLastPathComponent() }
    if url.lastPathComponent == "tests" { url.deleteLastPathComponent() }
    if SourceFile.Kind(rawValue: url.lastPathComponent) != nil { url.deleteLastPathComponent() }
    return url.path
  }
}

import Foundation
import ReviewEngine

/// Why the files of a rule directory could not be read.
package struct DirectoryError: Error, CustomStringConvertible {
  package let path: String
  package let cause: String

  package var description: String { "cannot read \(path): \(cause)" }
}

/// Vendor and administrator directories, a later one winning file by file, as other systemd-world programs do it.
package struct RuleDirectories: Sendable {
  package let paths: [String]

  package init(_ paths: [String]) { self.paths = paths }

  /// The files in force, by kind and then by name. A file of the same name in a later directory replaces an earlier
  /// one; a link to /dev/null, or an empty file, masks it.
  package func files() throws(DirectoryError) -> [SourceFile] {
    var files: [SourceFile] = []
    for kind in SourceFile.Kind.allCases {
      var chosen: [String: String] = [:]
      for path in paths {
        for folder in [path + "/" + kind.rawValue] + (kind == .rules && isFlat(path) ? [path] : []) {
          for name in try names(in: folder, kind) { chosen[name] = folder + "/" + name }
        }
      }
      for (_, path) in chosen.sorted(by: { $0.key < $1.key }) where !isMask(path) {
        files.append(Self.file(kind, path))
        if let obstacle = RuleSetReader.obstacle(to: files) {
          throw DirectoryError(path: paths.joined(separator: ", "), cause: obstacle)
        }
      }
    }
    guard !files.isEmpty else {
      throw DirectoryError(
        path: paths.joined(separator: ", "),
        cause: "there are no rule files: a directory has rules.d/*.yaml and services.d/*.yaml")
    }
    return files
  }

  // A directory of rule files alone, such as the `rules` of the source tree, needs no rules.d inside.
  func isFlat(_ path: String) -> Bool {
    !SourceFile.Kind.allCases.contains { FileManager.default.fileExists(atPath: path + "/" + $0.rawValue) }
  }

  private func names(in folder: String, _ kind: SourceFile.Kind) throws(DirectoryError) -> [String] {
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).filter { name in
        !name.hasPrefix(".")
          && (name.hasSuffix(".yaml") && !name.hasSuffix(".test.yaml") || kind == .calendars && name.hasSuffix(".ics"))
      }
    } catch { throw DirectoryError(path: folder, cause: Self.reason(folder, error)) }
  }

  private func isMask(_ path: String) -> Bool {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) == "/dev/null"
  }

  /// A file with its text, or with what keeps it from being read.
  static func file(_ kind: SourceFile.Kind, _ path: String) -> SourceFile {
    var isLink = false
    do {
      let text = try TextFile.read(path, isLink: &isLink)
      return SourceFile(kind: kind, path: path, text: text, isLink: isLink)
    } catch {
      return SourceFile(kind: kind, path: path, text: "", obstacle: error.description, isLink: isLink)
    }
  }

  private static func reason(_ path: String, _ error: any Error) -> String {
    if access(path, R_OK) != 0 { return String(cString: strerror(errno)) }
    return "\(error)"
  }
}

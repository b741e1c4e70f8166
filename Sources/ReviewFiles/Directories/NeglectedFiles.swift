import Foundation

/// What lies where rules are looked for and is not read, because its name is nearly right.
extension RuleDirectories {
  /// A warning for each, with what was meant, by path.
  package func neglected() -> [Diagnostic] {
    paths.flatMap { path in
      besideFolders(path) + SourceFile.Kind.allCases.flatMap { inFolder("\(path)/\($0.rawValue)") }
    }
    .map { Diagnostic(severity: .warning, file: $0.path, line: 0, column: 0, message: $0.why) }
  }

  private typealias Neglected = (path: String, why: String)

  /// Where files are beside their folders, or the folders are called otherwise.
  private func besideFolders(_ path: String) -> [Neglected] {
    guard !isFlat(path) else { return entries(path).compactMap { wrongEnding(path, $0) } }
    return entries(path).compactMap { entry in
      let name = entry.name
      if entry.isDirectory {
        guard let kind = SourceFile.Kind.allCases.first(where: { $0.rawValue == "\(name).d" }) else { return nil }
        return ("\(path)/\(name)", "the folder is not read: it has to be called \(kind.rawValue)")
      }
      guard isYaml(name), name != Self.settingsName else { return nil }
      let folders = SourceFile.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      return ("\(path)/\(name)", "the file is not read: files lie in the folders \(folders)")
    }
  }

  /// The settings lie beside the folders of `/etc/reviewd`.
  private static let settingsName = "reviewd.yaml"

  private func inFolder(_ folder: String) -> [Neglected] {
    entries(folder).compactMap { entry in
      guard entry.isDirectory else { return wrongEnding(folder, entry) }
      guard entry.name != "tests", !isYaml(entry.name),
        entries("\(folder)/\(entry.name)").contains(where: { isYaml($0.name) })
      else { return nil }
      return ("\(folder)/\(entry.name)", "the folder is not read: files lie in \(folder) itself")
    }
  }

  private func wrongEnding(_ folder: String, _ entry: Entry) -> Neglected? {
    guard !entry.isDirectory, entry.name.hasSuffix(".yml") else { return nil }
    return ("\(folder)/\(entry.name)", "the file is not read: its name has to end in .yaml")
  }

  private func isYaml(_ name: String) -> Bool { name.hasSuffix(".yaml") || name.hasSuffix(".yml") }

  private typealias Entry = (name: String, isDirectory: Bool)

  private func entries(_ folder: String) -> [Entry] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted().map { name in
      var isDirectory: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isDirectory)
      return (name, isDirectory.boolValue)
    }
  }
}

import Foundation
import ReviewAPI
import ReviewEngine
import ReviewFiles

/// Looks at the files that a daemon which does not answer would read.
struct FileExamination {
  func findings() -> [HealthFinding] {
    [unreadable(), settings(), rules()].compactMap { $0 }
  }

  /// A file that the daemon's own user cannot read.
  private func unreadable() -> HealthFinding? {
    let folders = StandardPaths.directories.flatMap { directory in
      SourceFile.Kind.allCases.map { "\(directory)/\($0.rawValue)" }
    }
    let files = folders.flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().map { "\(folder)/\($0)" }
    }
    let closed = (folders + files + [StandardPaths.settings]).first { path in
      guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return false }
      let mode = (attributes[.posixPermissions] as? Int) ?? 0
      let isOwn =
        attributes[.ownerAccountName] as? String == "reviewd"
        || attributes[.groupOwnerAccountName] as? String == "reviewd" && mode & 0o040 != 0
      return mode & 0o004 == 0 && !isOwn
    }
    return closed.map {
      HealthFinding(
        "permissions", .failed, "reviewd cannot read \($0)",
        advice: "let its group read it: chgrp reviewd \($0); chmod g+r \($0)")
    }
  }

  private func settings() -> HealthFinding? {
    guard FileManager.default.fileExists(atPath: StandardPaths.settings) else { return nil }
    guard let text = try? TextFile.read(StandardPaths.settings) else {
      return HealthFinding(
        "permissions", .warning, "you cannot read \(StandardPaths.settings)", advice: "try again as root")
    }
    let diagnostics = SettingsReader.read(text, path: StandardPaths.settings).diagnostics
    return finding(diagnostics, "the settings")
  }

  private func rules() -> HealthFinding {
    do {
      let read = RuleSetReader.read(try RuleDirectories(StandardPaths.directories).files())
      if let finding = finding(read.errors, "the rule files") { return finding }
      return HealthFinding("rules", .ok, "the rule files have no error")
    } catch {
      return HealthFinding("rules", .failed, "\(error)", advice: "the package has some: /usr/lib/reviewd/rules.d")
    }
  }

  private func finding(_ diagnostics: [Diagnostic], _ what: String) -> HealthFinding? {
    guard let first = diagnostics.first else { return nil }
    let line = first.description.split(separator: "\n").first ?? ""
    return HealthFinding(
      "rules", .failed, "\(what) have \(counted(diagnostics.count, "error")): \(line)",
      advice: "reviewctl rules check shows all; mend them, then: systemctl start reviewd")
  }
}

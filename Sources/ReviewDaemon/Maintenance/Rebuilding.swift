import Foundation
import ReviewEngine
import ReviewStore

/// `reviewd --rebuild`: the tables of reviews made anew from the log of facts.
struct Rebuilding {
  let stateDirectory: String

  /// - Returns: what was found, as lines for whoever asked.
  func run() throws -> String {
    let path = stateDirectory + "/reviewd.sqlite"
    let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    guard size ?? 0 > 0 else {
      throw StoreError(code: .failed, message: "there is no database \(path): give its folder with --state-directory")
    }
    // As the owner of the directory: what root makes there the daemon could not write.
    return try OwnersRights(of: stateDirectory).use {
      // Nobody else may write meanwhile.
      let directory = try StateDirectory(path: stateDirectory)
      return try withExtendedLifetime(directory) {
        let store = try Store(path: directory.databasePath)
        let rebuild = try store.rebuild()
        try store.close()
        return Self.words(rebuild)
      }
    }
  }

  private static func words(_ rebuild: Store.Rebuild) -> String {
    let made = "\(counted(rebuild.reviewCount, "review")) made anew from \(counted(rebuild.factCount, "fact"))"
    guard !rebuild.mended.isEmpty else { return "\(made): all of them were so before" }
    return (["\(made); otherwise before:"] + rebuild.mended.map { "  \($0.review)  \($0.words)" }).joined(
      separator: "\n")
  }
}

extension Store.Mended {
  fileprivate var words: String {
    switch change {
    case .mended: "is now what the log says"
    case .added: "was missing"
    case .removed: "is gone: no fact opened it"
    }
  }
}

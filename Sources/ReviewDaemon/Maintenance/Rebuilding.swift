import Foundation
import ReviewEngine
import ReviewStore

/// `reviewd --rebuild`: the tables of reviews made anew from the log of facts.
struct Rebuilding {
  let stateDirectory: String

  private static let namedCount = 10

  /// - Returns: what was found, as lines for whoever asked.
  func run() throws -> String {
    let path = stateDirectory + "/reviewd.sqlite"
    guard FileManager.default.fileExists(atPath: path) else {
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
    let more = rebuild.mended.count - namedCount
    return "\(made); \(rebuild.mended.count) of them \(rebuild.mended.count == 1 ? "was" : "were") otherwise before: "
      + rebuild.mended.prefix(namedCount).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }
}

import Foundation

/// The histories and their expected reviews that lie beside the project; nil, with a word, where they do not.
package enum Shared {
  package static let root: String? = {
    let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path = project.deletingLastPathComponent().appendingPathComponent("shared").path
    return FileManager.default.fileExists(atPath: path + "/acceptance") ? path : nil
  }()

  package static let missing = "../shared is absent: the acceptance histories are not part of the project"
}

/// The folder of the project itself.
package let projectDirectory = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

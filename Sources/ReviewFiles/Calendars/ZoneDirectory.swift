import Foundation
import ReviewEngine

/// The system's time zone database: what an update of Debian's tzdata brings holds from the next reload on.
package struct ZoneDirectory: Sendable {
  package let path: String

  /// `TZDIR`, as for the C library, else `/usr/share/zoneinfo`.
  package static let system = ZoneDirectory(path: ProcessInfo.processInfo.environment["TZDIR"] ?? "/usr/share/zoneinfo")

  package init(path: String) { self.path = path }

  package func zone(_ name: String) throws(ZoneError) -> Zone { try zone(name, FileSuggestions()) }

  func zone(_ name: String, _ suggestions: FileSuggestions) throws(ZoneError) -> Zone {
    if name == "UTC" { return .utc }
    guard isName(name) else {
      throw ZoneError(description: "'\(name)' is no name of a time zone, such as Europe/Madrid")
    }
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")) else {
      let isThere = FileManager.default.fileExists(atPath: path)
      let hint = isThere ? suggestions.meant(name, among: names) : ": \(path) is missing, install tzdata"
      throw ZoneError(description: "there is no time zone '\(name)'\(hint)")
    }
    do { return try Zone(id: name, tzif: Array(data)) } catch {
      throw ZoneError(description: "the time zone '\(name)' cannot be read from \(path): \(error.description)")
    }
  }

  private static let longestName = 100

  /// Letters, digits, `_`, `+` and `-`, with single slashes between them: no way out of the directory.
  private func isName(_ name: String) -> Bool {
    guard name.utf8.count <= Self.longestName else { return false }
    return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
      !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "_+-".contains($0) }
    }
  }

  private var names: [String] {
    let table = (try? String(contentsOfFile: "\(path)/tzdata.zi", encoding: .utf8)) ?? ""
    return table.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      if words.first == "Z", words.count > 1 { return String(words[1]) }
      return words.first == "L" && words.count > 2 ? String(words[2]) : nil
    }
  }
}

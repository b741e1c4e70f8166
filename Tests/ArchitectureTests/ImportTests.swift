import Foundation
import Testing

/// Data flows one way: an import that this table does not allow is a door that the design closed.
struct ImportTests {
  /// What each target may import of ours and of others, and why not more.
  private static let allowed: [String: (modules: [String], why: String)] = [
    "ReviewEngine": (
      ["Algorithms", "HashTreeCollections", "HeapModule", "Synchronization"],
      "the centre is pure: it has no files, no database, no network, no clock, not even Foundation; a lock keeps what is worked out once"
    ),
    "ReviewWords": (["ReviewEngine"], "sentences of rules, findings and facts: a second language is one more file"),
    "ReviewFiles": (
      ["CLibYaml", "ReviewEngine", "ReviewWords", "Foundation"],
      "files become a model; what they mean is decided in the centre"
    ),
    "ReviewStore": (
      ["ReviewEngine", "GRDB", "GRDBSQLite", "Foundation", "Synchronization"],
      "the store keeps and decides nothing; GRDB stays inside it"
    ),
    "ReviewAPI": (
      ["Foundation", "NIOCore", "NIOFoundationCompat", "NIOHTTP1", "NIOPosix"],
      "others build clients on the wire types: nothing of ours is behind them"
    ),
    "ReviewDaemon": (
      [
        "ReviewAPI", "ReviewEngine", "ReviewFiles", "ReviewStore", "ReviewWords", "Algorithms", "ArgumentParser",
        "CLinux", "CSystemd",
        "Dispatch",
        "Foundation",
        "Glibc",
        "DequeModule", "Hummingbird", "HummingbirdCore", "Logging", "NIOCore", "NIOExtras", "NIOFoundationCompat",
        "NIOHTTP1", "NIOHTTPTypes", "NIOPosix",
        "ServiceLifecycle", "Synchronization", "UnixSignals",
      ], "it puts the parts together; SQLite is reached through the store alone"
    ),
    "ReviewCommands": (
      [
        "ReviewAPI", "ReviewEngine", "ReviewFiles", "ReviewWords", "ArgumentParser", "CLinux", "Foundation", "Glibc",
        "NIOCore",
        "NIOFoundationCompat",
      ],
      "the CLI asks the daemon and never opens its database"
    ),
    "reviewd": (["ReviewDaemon", "ArgumentParser"], "a program is its @main and nothing else"),
    "reviewctl": (["ReviewCommands", "Foundation"], "a program is its @main and nothing else"),
  ]

  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Sources").path

  @Test(arguments: allowed.keys.sorted())
  func aTargetImportsWhatItMay(_ target: String) throws {
    let rule = try #require(Self.allowed[target])
    let files = try FileManager.default.subpathsOfDirectory(atPath: "\(Self.sources)/\(target)").filter {
      $0.hasSuffix(".swift")
    }
    #expect(!files.isEmpty)
    for file in files {
      let text = try String(contentsOfFile: "\(Self.sources)/\(target)/\(file)", encoding: .utf8)
      for module in imports(text) where !rule.modules.contains(module) {
        Issue.record("\(target)/\(file) imports \(module): \(rule.why)")
      }
    }
  }

  @Test func everyTargetIsInTheTable() throws {
    let targets = try FileManager.default.contentsOfDirectory(atPath: Self.sources).filter { !$0.hasPrefix("C") }
    #expect(targets.sorted() == Self.allowed.keys.sorted())
  }

  @Test func theTestWouldSeeAForbiddenImport() {
    #expect(
      imports("@preconcurrency import Dispatch\nimport struct Foundation.Data\n// import GRDB\n  import NIOCore") == [
        "Dispatch", "Foundation",
      ])
  }

  private func imports(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      line.wholeMatch(
        of: /(?:@[a-zA-Z]+ )*import (?:(?:struct|class|enum|protocol|func|var|let|typealias) )?([A-Za-z0-9_]+).*/
      ).map {
        String($0.1)
      }
    }
  }
}

import Foundation
import ReviewFiles
import TestSupport
import Testing

/// The JSON Schemas that editors complete and check with, against every good file and every broken example.
struct SchemaTests {
  private static let schemas = projectDirectory + "/config/schema/"

  private func check(_ files: [(schema: String, path: String)]) throws -> [String] {
    let input = files.map { "\(Self.schemas)\($0.schema).schema.json\t\($0.path)\n" }.joined()
    let answers = try Oracle.python("schema.py", input: input, in: try TemporaryFolder())
    try #require(answers.count == files.count)
    return answers.map(String.init)
  }

  private func files(_ folder: String, _ suffix: String = ".yaml") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(suffix) }.sorted().map
    {
      "\(folder)/\($0)"
    }
  }

  private typealias File = (schema: String, path: String)

  private func all(_ schema: String, in folder: String) -> [File] { files(folder).map { (schema, $0) } }

  private var good: [File] {
    var good = all("rules", in: projectDirectory + "/rules") + all("tests", in: projectDirectory + "/rules/tests")
    good += all("services", in: projectDirectory + "/config/services.d")
    good += all("calendars", in: projectDirectory + "/config/calendars.d")
    good.append(("reviewd", projectDirectory + "/config/reviewd.yaml"))
    guard let root = Shared.root else { return good }
    for name in ["digital-editions", "edges"] {
      good +=
        all("rules", in: "\(root)/acceptance/\(name)/rules.d")
        + all("services", in: "\(root)/acceptance/\(name)/services.d")
    }
    return good
  }

  @Test func everyGoodFileIsValid() throws {
    let answers = try check(good)
    for (file, answer) in zip(good, answers) where answer != "valid" { Issue.record("\(file.path): \(answer)") }
    #expect(good.count >= 10)
  }

  @Test func everyShippedFileNamesItsSchema() throws {
    for file in good where file.path.hasPrefix(projectDirectory) {
      let first = try String(contentsOfFile: file.path, encoding: .utf8).split(separator: "\n").first ?? ""
      let name = try #require(first.wholeMatch(of: /# yaml-language-server: \$schema=(.*)/)?.1, "\(file.path)")
      let path = URL(fileURLWithPath: file.path).deletingLastPathComponent().appendingPathComponent(String(name))
        .standardized.path
      #expect(path == "\(Self.schemas)\(file.schema).schema.json")
    }
  }

  /// A schema knows no other file and no calendar: what it cannot see stands in `schema-accepts.txt`, by title.
  /// `REVIEWD_UPDATE_CASES=1` writes what it accepts now.
  @Test func ofTheBrokenExamplesItAcceptsOnlyThoseThatNeedAnotherFileToBeWrong() throws {
    let folder = try TemporaryFolder()
    let broken = projectDirectory + "/Tests/ReviewFilesTests/Broken/"
    var (files, titles): ([(schema: String, path: String)], [String]) = ([], [])
    for (name, schema) in [
      ("rules", "rules"), ("services", "services"), ("calendars", "calendars"), ("settings", "reviewd"),
    ] {
      for example in try CaseFile(path: "\(broken)\(name).cases").cases {
        // What is only warned of is no mistake.
        guard example.parts["said"]?.contains(": error: ") ?? false else { continue }
        try folder.write("\(titles.count).yaml", example.parts["file"] ?? "")
        files.append((schema, "\(folder.path)/\(titles.count).yaml"))
        titles.append("\(name): \(example.title)")
      }
    }
    let accepted = zip(titles, try check(files)).filter { $1 == "valid" }.map { $0.0 + "\n" }.joined()
    let path = broken + "schema-accepts.txt"
    if ProcessInfo.processInfo.environment["REVIEWD_UPDATE_CASES"] != nil {
      try accepted.write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(accepted == (try String(contentsOfFile: path, encoding: .utf8)))
    #expect(titles.count > 70)
  }
}

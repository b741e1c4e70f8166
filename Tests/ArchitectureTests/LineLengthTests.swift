import Foundation
import Testing

/// Two files beside one another fit on a screen; a text that would have to be cut in two is left whole.
struct LineLengthTests {
  private static let longest = 120

  /// The lines of a Swift file that are too long, texts left out.
  static func tooLong(_ source: String) -> [String] {
    var isInText = false
    return source.split(separator: "\n").filter { line in
      let quotes = line.components(separatedBy: "\"\"\"").count - 1
      defer { if quotes % 2 == 1 { isInText.toggle() } }
      return line.count > longest && !isInText && (!line.contains("\"") || line.drop { $0 == " " }.hasPrefix("//"))
    }.map(String.init)
  }

  @Test func noLineOfCodeIsLongerThanTheFormatSays() throws {
    let files = ["Package.swift"] + (try SourceFiles.paths(in: ["Sources", "Tests"]))
    let long = try files.flatMap { file in Self.tooLong(try SourceFiles.text(file)).map { "\(file): \($0)" } }
    #expect(long == [])
  }

  @Test func aLongLineIsSeenUnlessItIsAText() {
    let long = String(repeating: "x", count: 121)
    #expect(Self.tooLong("let \(long) = 1\n// \(long) \"\n").count == 2)
    #expect(Self.tooLong("let a = \"\(long)\"\nlet b = \"\"\"\n  \(long)\n  \"\"\"\nlet c = 1").isEmpty)
  }
}

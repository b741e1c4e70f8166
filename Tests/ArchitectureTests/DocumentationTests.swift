import Foundation
import Testing

/// Who reads a type of another target finds one sentence on what it is.
struct DocumentationTests {
  /// The types that others may use and that nothing is said of.
  static func undocumented(_ source: String) -> [String] {
    let lines = source.components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    return lines.indices.compactMap { index in
      guard
        let match = lines[index].firstMatch(
          of: /^(?:public|package) (?:\w+ )*?(?:struct|enum|class|actor|protocol|typealias) (\w+)/)
      else { return nil }
      let before = lines[..<index].last { !$0.hasPrefix("@") } ?? ""
      return before.hasPrefix("///") ? nil : String(match.1)
    }
  }

  @Test func eachTypeOfAnotherTargetSaysWhatItIs() throws {
    let silent = try SourceFiles.paths(in: ["Sources"]).flatMap { path in
      Self.undocumented(try SourceFiles.text(path)).map { "\(path): \($0)" }
    }
    #expect(silent == [])
  }

  @Test(arguments: [
    ("package struct A {}", ["A"]), ("/// One.\npackage struct A {}", []),
    ("/// One.\n@objc\npackage final class A {}", []),
    ("/// One.\npackage enum A {\n  package indirect enum B { case c }\n}", ["B"]), ("struct A {}", []),
    ("let a = 1\npublic typealias A = Int", ["A"]), ("package static func make() {}", []),
  ])
  func aTypeIsSeenThatNothingIsSaidOf(_ source: String, _ names: [String]) {
    #expect(Self.undocumented(source) == names)
  }
}

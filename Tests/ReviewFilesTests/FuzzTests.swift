import Foundation
import ReviewFiles
import TestSupport
import Testing

/// Files as no administrator would write them: whatever they hold, they are read or refused with a reason, and nothing
/// falls over.
struct FuzzTests {
  @Test func mutilatedRuleFilesAreReadOrRefusedWithAReason() throws {
    let seed = testSeed()
    var generator = SeededGenerator(seed: seed)
    let shipped =
      try RuleDirectories([projectDirectory + "/rules"]).files()
      + RuleDirectories([projectDirectory + "/config"]).files()
    for round in 0..<400 {
      let broken = shipped.map { file in
        SourceFile(
          kind: file.kind, path: file.path,
          text: Int.random(in: 0...2, using: &generator) == 0 ? mutilate(file.text, &generator) : file.text)
      }
      let read = RuleSetReader.read(broken)
      #expect((read.ruleSet == nil) == !read.errors.isEmpty, "seed \(seed) round \(round)")
      for diagnostic in read.diagnostics { #expect(!diagnostic.description.isEmpty) }
    }
  }

  @Test func aFileThatGrowsWithoutEndIsRefusedAtOnce() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]\n"
    }
    let read = RuleSetReader.read([SourceFile(kind: .rules, path: "bomb.yaml", text: text)])
    #expect(read.errors.map(\.message) == ["anchors and aliases are not allowed: write the value out"])
  }

  @Test func aFileOfMoreThanAMegabyteIsRefused() {
    let read = RuleSetReader.read([
      SourceFile(kind: .rules, path: "big.yaml", text: String(repeating: "# x\n", count: 300_000))
    ])
    #expect(read.errors.map(\.description) == ["big.yaml: error: the file is larger than 1 MiB"])
  }

  private func mutilate(_ text: String, _ generator: inout SeededGenerator) -> String {
    var characters = Array(text)
    for _ in 0..<Int.random(in: 1...6, using: &generator) {
      let index = Int.random(in: 0..<characters.count, using: &generator)
      switch Int.random(in: 0...3, using: &generator) {
      case 0: characters.remove(at: index)
      case 1: characters.insert("{}[]:,-&*!|>'\"%@`#\t\n 0a~é\u{0}".randomElement(using: &generator) ?? " ", at: index)
      case 2: characters.swapAt(index, Int.random(in: 0..<characters.count, using: &generator))
      default:
        characters.removeSubrange(index..<min(characters.count, index + Int.random(in: 1...40, using: &generator)))
      }
      if characters.isEmpty { return "" }
    }
    return String(characters)
  }
}

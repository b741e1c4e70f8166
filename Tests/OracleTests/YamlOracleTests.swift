import Foundation
import ReviewFiles
import TestSupport
import Testing

/// What is read of a text is what PyYAML's own parser finds in it, place by place; what is refused beyond that is what
/// files do not have.
struct YamlOracleTests {
  /// Of what YAML allows: what files of reviewd do not have.
  private static let refusals = [
    "anchors and aliases", "tags are not allowed", "directives such as", "a key must be a plain word",
    "too many levels", "at most 150000",
    "another document", "is given twice",
    // PyYAML reads `a:{b: c}` within brackets as a key without a value, and a block of text that begins with a tab.
    "a ':' needs a space after it", "a tab: indent with spaces",
  ]

  @Test func whatIsReadIsWhatPyYamlFinds() throws {
    let (seed, count) = (testSeed(), Oracle.count(sample: 1500, long: 40_000))
    var generator = SeededGenerator(seed: seed)
    let corpus = try corpus()
    let texts = (0..<count).map { corpus.indices.contains($0) ? corpus[$0] : mutated(corpus, &generator) }
    let encoder = JSONEncoder()
    let input = try texts.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }.joined()
    let answers = try Oracle.python("yaml_events.py", input: input, in: try TemporaryFolder())
    try #require(answers.count == count)
    var counts: [Verdict: Int] = [:]
    for (round, (text, answer)) in zip(texts, answers).enumerated() {
      let theirs = try? JSONDecoder().decode([String].self, from: Data(answer.utf8))
      let verdict = verdict(of: text, theirs, Self.theirRefusals.contains { answer.contains($0) })
      counts[verdict, default: 0] += 1
      if case .wrong(let words) = verdict {
        Issue.record("seed \(seed) round \(round): \(words), PyYAML \(answer) of:\n\(text)")
      }
    }
    print(
      "YAML against PyYAML: seed \(seed), \(count) texts, \(counts[.equal] ?? 0) read alike, \(counts[.refused] ?? 0) refused by both"
    )
    #expect(counts[.equal] ?? 0 > count / 5 && counts[.refused] ?? 0 > count / 20)
  }

  /// Where PyYAML is an older reader than libyaml: tabs before and within texts, `?` within brackets, `|#`.
  private static let theirRefusals = [
    "'\\\\t' that cannot start any token", "found unexpected '?'", "expected ',' or '}', but got '?'",
    "expected ',' or ']', but got '?'",
    "'%' that cannot start any token", "indicators, but found '#'",
  ]

  private enum Verdict: Hashable {
    case equal, refused, isMeant
    case wrong(String)
  }

  /// - Parameter theirs: nil where PyYAML refuses.
  private func verdict(of text: String, _ theirs: [String]?, _ isOlder: Bool) -> Verdict {
    switch (outline(text), theirs) {
    case (.success(let ours), .some(let theirs)): ours == theirs ? .equal : .wrong("read as \(ours)")
    case (.success, nil) where isOlder: .isMeant
    case (.success(let ours), nil): .wrong("only we read it, as \(ours)")
    case (.failure(let error), .some) where Self.refusals.contains { error.message.contains($0) }: .isMeant
    case (.failure(let error), .some): .wrong("only we refuse it, \(error.message)")
    case (.failure, nil): .refused
    }
  }

  // MARK: Outlines

  private func outline(_ text: String) -> Result<[String], YamlMistake> {
    do {
      var reader = try YamlReader(Array(text.utf8))
      let node = try reader.document()
      if let duplicate = reader.duplicates.first { return .failure(duplicate) }
      var lines = node == nil ? [] : ["document"]
      if let node { write(node, into: &lines) }
      return .success(lines)
    } catch { return .failure(error) }
  }

  private func write(_ node: Node, into lines: inout [String]) {
    switch node {
    case .scalar(let scalar):
      // Where nothing is, is nowhere in particular.
      let place = scalar.string.isEmpty && scalar.style == .plain ? "" : "\(scalar.mark.line):\(scalar.mark.column)"
      lines.append("\(place) \(scalar.style) \(scalar.string)")
    case .mapping(let mapping):
      lines.append("\(mapping.mark.line):\(mapping.mark.column) mapping")
      for (key, value) in mapping.pairs {
        write(key, into: &lines)
        write(value, into: &lines)
      }
      lines.append("end")
    case .sequence(let sequence):
      lines.append("\(sequence.mark.line):\(sequence.mark.column) list")
      for element in sequence.elements { write(element, into: &lines) }
      lines.append("end")
    }
  }

  // MARK: Texts

  /// The shipped files, the broken ones of the tests, and what YAML has besides.
  private func corpus() throws -> [String] {
    let shipped =
      try RuleDirectories([projectDirectory + "/rules"]).files()
      + RuleDirectories([projectDirectory + "/config"]).files()
    let folder = projectDirectory + "/Tests/ReviewFilesTests/Broken/"
    let broken = try ["rules.cases", "services.cases", "settings.cases", "calendars.cases"].flatMap {
      try CaseFile(path: folder + $0).cases.compactMap { $0.parts["file"] }
    }
    let pieces = shipped.map(\.text).flatMap { $0.components(separatedBy: "\n\n") }
    return Self.special + broken + pieces
  }

  private static let special = [
    "a: |\n  one\n   two\n\n  three\n\n\nb: >-\n  one\n  two\n\n   three\n  four\nc: |+\n  x\n\nd: |2\n    y\n",
    "a: 'it''s'\nb: \"x\\ty\\u00e9\\\n  z\"\n",
    "a: \"one\n\n  two\n three\"\nb: plain\n  more\n\n  still # comment\nc:\n- 1\n- - 2\n  - 3\n-\n  x: y\n",
    "? a\n: b\n",
    "{a: b, \"c\":d, e, f: , g: [1, 2,], h: {i: j},}\n", "[a: b, c]\n", "---\na: b\n...\n", "--- |\n text\n",
    "a:\n  - b\n  -\n  - c: d\n    e:\n",
    "key with spaces: value with: colon\nurl: http://x/y#z\n-a: -b\n", "# only\n", "", "a\nb\n",
    "- a\n- b: c\n  d: >\n   e\n   f\n\n",
    "a: [x,\n  y # c\n , z]\nb: {\n c: d\n}\n", "a:   \n   b:  \n     c\n", "a: b\r\nc: d\re: f\n",
    "x: é ü\nü: [é, 日本]\n",
    "a: \"\\\n  b\"\n",
    "a: 'b\n\n c '\n", "- |\n a\n- >\n b\n c\n", "a: !!str b\nc: &d e\nf: *d\n", "%YAML 1.1\n---\na: b\n",
  ]

  private static let tokens = [
    ":", ": ", "- ", "-", "? ", "[", "]", "{", "}", ",", ", ", "#", " #", "&a ", "*a", "!", "|", ">", "|-", ">+", "|2",
    "'", "\"", "\\",
    "%", "@", "`",
    "\t", "\n", "\n\n", "\r", "\r\n", " ", "  ", "---", "...", "\n---\n", "\n- ", "\n  ", "a", "0", "~", "é", "\\n",
    "''", "\\\n", "a: b",
    "\na: b\n",
  ]

  private func mutated(_ corpus: [String], _ generator: inout SeededGenerator) -> String {
    var scalars = Array(generator.pick(corpus).unicodeScalars)
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let index = Int.random(in: 0...scalars.count, using: &generator)
      let length = Int.random(in: 0...3, using: &generator)
      let end = min(scalars.count, index + (Int.random(in: 0..<8, using: &generator) == 0 ? length * 10 : length))
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: scalars.removeSubrange(index..<end)
      case 1: scalars.insert(contentsOf: scalars[index..<end], at: Int.random(in: 0...scalars.count, using: &generator))
      default:
        scalars.insert(
          contentsOf: Array((Self.tokens.randomElement(using: &generator) ?? "").unicodeScalars), at: index)
      }
    }
    return String(String.UnicodeScalarView(scalars))
  }
}

import Foundation
import ReviewFiles
import TestSupport
import Testing
import Yams

/// What the reader of YAML makes of a text is what libyaml makes of it, place by place; what it refuses beyond that is in its design.
struct YamlOracleTests {
  /// Of what libyaml takes: what files of reviewd do not have, and where the reader is stricter than libyaml.
  private static let refusals = [
    "anchors and aliases", "tags are not allowed", "directives such as", "a key must be a plain word", "too many levels", "at most 150000",
    "a tab: indent with spaces", "did not find expected '-' indicator", "there is no key before ':'", "another document",
    "what follows '---'",
  ]

  @Test func whatIsReadIsWhatLibyamlReads() throws {
    let seed = testSeed()
    var generator = SeededGenerator(seed: seed)
    let texts = try corpus()
    let isLong = ProcessInfo.processInfo.environment["REVIEWD_LONG"] != nil
    var (readCount, refusedCount) = (0, 0)
    for round in 0..<(isLong ? 60_000 : 4000) {
      guard var text = texts.randomElement(using: &generator) else { return }
      if round >= texts.count { mutate(&text, &generator) } else { text = texts[round] }
      let (ours, theirs) = (outline(text), libyamlOutline(text))
      switch (ours, theirs) {
      case (.success(let ours), .success(let theirs)):
        readCount += 1
        if ours != theirs { Issue.record("seed \(seed) round \(round): \(difference(ours, theirs)) of:\n\(text)") }
      // libyaml refuses tabs that indent nothing, such as those before a comment.
      case (.success, .failure) where text.contains("\t"): continue
      case (.success, .failure(let error)): Issue.record("seed \(seed) round \(round): only libyaml refuses, \(error), this:\n\(text)")
      case (.failure(let error), .success):
        refusedCount += 1
        let isMeant = Self.refusals.contains { error.message.contains($0) }
        if !isMeant { Issue.record("seed \(seed) round \(round): only we refuse, \(error.message), this:\n\(text)") }
      case (.failure, .failure): refusedCount += 1
      }
    }
    #expect(readCount > 1000 && refusedCount > 1000, "\(readCount) read, \(refusedCount) refused")
  }

  // MARK: Outlines

  private func outline(_ text: String) -> Result<[String], YamlMistake> {
    var parser = YamlParser(Array(text.utf8))
    do {
      let node = try parser.document()
      if let duplicate = parser.duplicates.first { return .failure(duplicate) }
      var lines: [String] = []
      if let node { write(node, into: &lines) }
      return .success(lines)
    } catch { return .failure(error) }
  }

  private func write(_ node: ReviewFiles.Node, into lines: inout [String]) {
    switch node {
    case .scalar(let scalar):
      // Where nothing is, is nowhere in particular.
      let place = scalar.string.isEmpty && scalar.style == .plain ? "" : "\(scalar.mark.line):\(scalar.mark.column)"
      lines.append("\(place) \(scalar.style) \(scalar.string.debugDescription)")
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

  private func libyamlOutline(_ text: String) -> Result<[String], any Error> {
    do {
      var lines: [String] = []
      if let node = try Parser(yaml: text, resolver: .basic).singleRoot() { write(node, into: &lines) }
      return .success(lines)
    } catch { return .failure(error) }
  }

  private func write(_ node: Yams.Node, into lines: inout [String]) {
    let place = node.mark.map { "\($0.line):\($0.column)" } ?? ""
    switch node {
    case .scalar(let scalar):
      let style = scalar.style == .plain ? "plain" : scalar.style == .literal || scalar.style == .folded ? "block" : "quoted"
      lines.append("\(scalar.string.isEmpty && style == "plain" ? "" : place) \(style) \(scalar.string.debugDescription)")
    case .mapping(let mapping):
      lines.append("\(place) mapping")
      for (key, value) in mapping {
        write(key, into: &lines)
        write(value, into: &lines)
      }
      lines.append("end")
    case .sequence(let sequence):
      lines.append("\(place) list")
      for element in sequence { write(element, into: &lines) }
      lines.append("end")
    case .alias: lines.append("alias")
    }
  }

  private func difference(_ ours: [String], _ theirs: [String]) -> String {
    for (our, their) in zip(ours, theirs) where our != their { return "we read \(our), libyaml \(their)" }
    return "we read \(ours.count) nodes, libyaml \(theirs.count)"
  }

  // MARK: Texts

  /// The shipped files, the broken ones of the tests, and what YAML has besides.
  private func corpus() throws -> [String] {
    let shipped = try RuleDirectories([projectDirectory + "/rules"]).files() + RuleDirectories([projectDirectory + "/config"]).files()
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
    "a: \"one\n\n  two\n three\"\nb: plain\n  more\n\n  still # comment\nc:\n- 1\n- - 2\n  - 3\n-\n  x: y\n", "? a\n: b\n",
    "{a: b, \"c\":d, e, f: , g: [1, 2,], h: {i: j},}\n", "[a: b, c]\n", "---\na: b\n...\n", "--- |\n text\n",
    "a:\n  - b\n  -\n  - c: d\n    e:\n",
    "key with spaces: value with: colon\nurl: http://x/y#z\n-a: -b\n", "# only\n", "", "a\nb\n", "- a\n- b: c\n  d: >\n   e\n   f\n\n",
    "a: [x,\n  y # c\n , z]\nb: {\n c: d\n}\n", "a:   \n   b:  \n     c\n", "a: b\r\nc: d\re: f\n", "x: é ü\nü: [é, 日本]\n",
    "a: \"\\\n  b\"\n",
    "a: 'b\n\n c '\n", "- |\n a\n- >\n b\n c\n", "a: !!str b\nc: &d e\nf: *d\n", "%YAML 1.1\n---\na: b\n",
  ]

  private static let tokens = [
    ":", ": ", "- ", "-", "? ", "[", "]", "{", "}", ",", ", ", "#", " #", "&a ", "*a", "!", "|", ">", "|-", ">+", "|2", "'", "\"", "\\",
    "%", "@", "`",
    "\t", "\n", "\n\n", "\r", "\r\n", " ", "  ", "---", "...", "\n---\n", "\n- ", "\n  ", "a", "0", "~", "é", "\\n", "''", "\\\n", "a: b",
    "\na: b\n",
  ]

  private func mutate(_ text: inout String, _ generator: inout SeededGenerator) {
    var scalars = Array(text.unicodeScalars)
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let index = Int.random(in: 0...scalars.count, using: &generator)
      let length = Int.random(in: 0...3, using: &generator)
      let end = min(scalars.count, index + (Int.random(in: 0..<8, using: &generator) == 0 ? length * 10 : length))
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: scalars.removeSubrange(index..<end)
      case 1: scalars.insert(contentsOf: scalars[index..<end], at: Int.random(in: 0...scalars.count, using: &generator))
      default: scalars.insert(contentsOf: Array((Self.tokens.randomElement(using: &generator) ?? "").unicodeScalars), at: index)
      }
    }
    text = String(String.UnicodeScalarView(scalars))
  }
}

import Foundation
import ReviewAPI
import ReviewDaemon
import ReviewEngine
import ReviewFiles
import ReviewStore
import TestSupport
import Testing

/// Bodies as no tool would send them: every line is taken or refused with a reason.
struct IntakeFuzzTests {
  private static let csv = """
    time,service,indicator,value,labels
    2026-01-05T10:00:00Z,s,level,1.25,a=1;b=2
    2026-01-05T10:00:01.5+01:00,s,level,1e2,
    "2026-01-05T10:00:02Z","s",level,"-3",
    """
  private static let events = """
    {"specversion":"1.0","id":"1","source":"x","type":"incident","subject":"s","data":{"severity":1,"cause":"é"}}
    {"specversion":"1.0","id":"2","source":"x","type":"change","subject":"s","time":"2026-01-05T10:00:00Z"}
    """
  private static let json =
    #"{"time":"2026-01-05T10:00:00Z","service":"s","indicator":"level","value":12.5,"labels":{"a":"b"}}"#

  @Test func mutilatedBodiesAreCountedLineByLine() throws {
    let seed = testSeed()
    var generator = SeededGenerator(seed: seed)
    let ruleSet = try Scenario(rules: "").emptyRuleSet()
    for round in 0..<3000 {
      let checker = SampleChecker(ruleSet: ruleSet, settings: Settings())
      for (text, isCsv) in [(Self.csv, true), (Self.json, false)] {
        let bytes = mutilate(Array(text.utf8), &generator)
        let checked = bytes.withUnsafeBytes { buffer in
          isCsv
            ? try? CsvSamples.read(buffer, firstLine: 2, checker: checker)
            : JsonSamples.read(buffer, firstLine: 1, checker: checker)
        }
        guard let checked else { continue }
        #expect(checked.answer.refused == checked.answer.refusals.count, "seed \(seed) round \(round)")
        #expect(checked.batch.count + checked.answer.refused <= 10, "seed \(seed) round \(round)")
      }
      var reader = CloudEvents(ruleSet: ruleSet, settings: Settings(), now: instant("2026-01-05"))
      try? reader.read(Data(mutilate(Array(Self.events.utf8), &generator)), firstLine: 1)
      #expect(reader.events.count + reader.answer.refused <= 10, "seed \(seed) round \(round)")
      var batch = CloudEvents(ruleSet: ruleSet, settings: Settings(), now: instant("2026-01-05"))
      let list = Array("[\(Self.events.replacing("\n", with: ","))]".utf8)
      try? batch.read(Data(mutilate(list, &generator)), firstLine: Int.max - 1)
      #expect(batch.events.count + batch.answer.refused <= 10, "seed \(seed) round \(round)")
    }
  }

  private func mutilate(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...5, using: &generator) where !bytes.isEmpty {
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0...2, using: &generator) {
      case 0: bytes.remove(at: index)
      case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
      default: bytes[index] = Array("{}[]:,\"\\\n\r0-9eE+.".utf8).randomElement(using: &generator) ?? 0
      }
    }
    return bytes
  }
}

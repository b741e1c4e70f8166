import ReviewEngine
import TestSupport
import Testing

struct NearestTests {
  @Test func theNearestIsTheOneThatComparingAllOfThemFinds() {
    let seed = testSeed()
    var generator = SeededGenerator(seed: seed)
    for round in 0..<2000 {
      let candidates = (0..<Int.random(in: 0...12, using: &generator)).map { _ in word(&generator) }
      var written =
        Bool.random(using: &generator) ? candidates.randomElement(using: &generator) ?? "" : word(&generator)
      if !written.isEmpty, Bool.random(using: &generator) { written.removeLast() }
      #expect(
        nearest(to: written, in: candidates) == nearestOfAll(to: written, in: candidates),
        "seed \(seed) round \(round): '\(written)' in \(candidates)")
    }
  }

  private func word(_ generator: inout SeededGenerator) -> String {
    String(
      (0..<Int.random(in: 1...8, using: &generator)).map { _ in "aabbcAé-".randomElement(using: &generator) ?? "a" })
  }

  private func nearestOfAll(to written: String, in candidates: [String]) -> String? {
    let limit = max(1, min(3, written.count / 2))
    let measured = candidates.sorted().map {
      (name: $0, edits: edits(Array(written.lowercased()), Array($0.lowercased())))
    }
    if let near = measured.filter({ $0.edits <= limit }).min(by: { $0.edits < $1.edits }) { return near.name }
    let longer = measured.filter { written.count >= 3 && $0.name.hasPrefix(written) }
    return longer.count == 1 ? longer[0].name : nil
  }

  /// By its definition, without a table.
  private func edits(_ a: [Character], _ b: [Character]) -> Int {
    var distance = Array(repeating: Array(repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in 0...a.count {
      for j in 0...b.count {
        guard i > 0, j > 0 else {
          distance[i][j] = i + j
          continue
        }
        distance[i][j] = min(
          distance[i - 1][j] + 1, distance[i][j - 1] + 1, distance[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          distance[i][j] = min(distance[i][j], distance[i - 2][j - 2] + 1)
        }
      }
    }
    return distance[a.count][b.count]
  }

  @Test func aThousandServicesAreComparedInLessThanAMillisecond() {
    let services = (0..<1000).map { "service-\(1000 + $0)" }
    let started = ContinuousClock.now
    for index in 0..<100 { #expect(nearest(to: "sirvice-1\(index)", in: services) != nil) }
    #expect(ContinuousClock.now - started < .milliseconds(500))
  }

  @Test func aTextOfAMegabyteIsNoMisspeltName() {
    let started = ContinuousClock.now
    #expect(nearest(to: String(repeating: "a", count: 1 << 20), in: Array(repeating: "service", count: 10_000)) == nil)
    #expect(ContinuousClock.now - started < .milliseconds(100))
  }

  @Test func suggestionsAreMadeOnceANameAndAFewTimesARequest() {
    var (suggestions, comparedCount) = (Suggestions(largestCount: 2), 0)
    let services = {
      comparedCount += 1
      return ["payments", "shop"]
    }
    #expect(suggestions.meant("paymnts", among: services) == ": did you mean 'payments'?")
    #expect(suggestions.meant("paymnts", among: services) == ": did you mean 'payments'?")
    #expect(suggestions.meant("shp", among: services) == ": did you mean 'shop'?")
    #expect(suggestions.meant("shpo", among: services) == "")
    #expect(suggestions.meant("paymnts", among: services) == ": did you mean 'payments'?")
    #expect(comparedCount == 2)
  }
}

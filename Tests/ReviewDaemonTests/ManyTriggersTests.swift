import Foundation
import ReviewAPI
import ReviewDaemon
import ReviewEngine
import ReviewStore
import TestSupport
import Testing

/// A review with thousands of triggers shows the first, the last and the most telling ones, and says how many more
/// there are.
struct ManyTriggersTests {
  private let folder: TemporaryFolder
  private let store: Store

  init() throws {
    folder = try TemporaryFolder()
    store = try Store(path: folder.path + "/reviewd.sqlite")
  }

  /// A review that `often` asked for again and again, and others once each in between.
  ///
  /// - Parameter atOnce: how many come at each moment.
  private func fill(_ count: Int, atOnce: Int = 1) throws {
    var evidence = Evidence()
    evidence.reason = String(repeating: "x", count: 1000)
    let kept = evidence
    try store.write { transaction in
      var review = Review(
        id: "abc", rule: "often", subject: .service("s"), title: "T", services: ["s"], opened: instant("2026-01-05"),
        due: day("2026-01-15"), periodStart: day("2026-01-01"))
      review.triggerCount = 1
      for number in 0..<count {
        let at = Instant(milliseconds: instant("2026-01-05").milliseconds + Int64(number / atOnce) * 1000)
        let rule = number % 100 == 50 ? "rare-\(number / 100 % 20)" : "often"
        var evidence = kept
        evidence.reason = "number \(number) \(kept.reason ?? "")"
        let trigger = Trigger(rule: rule, services: ["s"], at: at, evidence: evidence)
        let content = number == 0 ? Fact.Content.opened(review, trigger) : .joined(trigger)
        let fact = Fact(at: at, by: .rule(rule), subject: .service("s"), review: "abc", content)
        review.apply(fact)
        _ = try transaction.append(fact, leaving: review)
      }
      try transaction.save(review, isNew: true)
    }
  }

  private func detail() throws -> ReviewDetail {
    try store.read { snapshot in
      let review = try #require(try snapshot.review("abc"))
      return try Presentation(ruleSet: try Scenario(rules: "").emptyRuleSet(), now: instant("2026-01-06")).detail(
        review, snapshot)
    }
  }

  @Test func twelveThousandTriggersAreThirtyAndAnAnswerOfAHundredKibibytes() throws {
    try fill(12_000)
    let detail = try detail()
    #expect(detail.triggers.count == 30)
    #expect(detail.triggersLeftOut == 11_970)
    #expect(detail.review.triggerCount == 12_000)
    #expect(detail.triggers.prefix(10).allSatisfy { $0.rule == "often" && $0.at < "2026-01-05T00:00:10Z" })
    #expect(detail.triggers[10..<20].map(\.rule) == (0..<10).map { "rare-\($0)" })
    #expect(detail.triggers.suffix(10).first?.at == "2026-01-05T03:19:50Z")
    #expect(detail.history.count == 50)
    #expect(detail.historyLeftOut == 11_950 && detail.historyLeftOutAfter == 10)
    #expect(detail.history[10].why?.contains("number 11960 ") == true)
    #expect(try WireJson.encode(detail).count < 128 << 10)
  }

  @Test func fewTriggersAreAllShownAndNothingIsLeftOut() throws {
    try fill(30)
    let detail = try detail()
    #expect(detail.triggers.count == 30)
    #expect(detail.triggersLeftOut == nil)
    #expect(detail.historyLeftOut == nil)
    #expect(!String(decoding: try WireJson.encode(detail), as: UTF8.self).contains("left_out"))
  }

  /// Its lines, and how many are left out, depended on where it was cut.
  @Test(arguments: [1, 2, 7, 500]) func aHistoryIsTheSameWhereverItsPagesAreCut(_ limit: Int) throws {
    try fill(40, atOnce: 13)
    let presentation = Presentation(ruleSet: try Scenario(rules: "").emptyRuleSet(), now: instant("2026-01-06"))
    var (lines, next): ([String], Int64?) = ([], 0)
    while let after = next {
      let page = try store.read { try presentation.history(ofReview: "abc", after: after, limit: limit, $0) }
      lines += page.history.map { "\($0.at) \(($0.why ?? "").prefix(60).split(separator: " xx")[0])" }
      next = page.next
    }
    let moments: [(moment: Int, alone: [Int], together: Int?)] = [
      (0, [0, 1, 2, 3, 4, 5], 7), (1, [13, 14, 15, 16, 17], 8), (2, [26, 27, 28, 29, 30], 8), (3, [39], nil),
    ]
    let expected = moments.flatMap { moment, alone, together -> [String] in
      let words = alone.map { "number \($0)" } + (together.map { ["and \($0) more triggers at once"] } ?? [])
      return words.map { "2026-01-05T00:00:0\(moment)Z \($0 == "number 0" ? "" : "often: ")\($0)" }
    }
    #expect(lines == expected)
    #expect(try detail().history.count == lines.count && detail().historyLeftOut == nil)
  }

  @Test func pagesHoldEachTriggerAndEachEntryOnce() throws {
    try fill(1001)
    let presentation = Presentation(ruleSet: try Scenario(rules: "").emptyRuleSet(), now: instant("2026-01-06"))
    var (triggers, history): ([String], [String?]) = ([], [])
    var next: Int64? = 0
    while let after = next {
      let page = try store.read { try presentation.triggers(ofReview: "abc", after: after, limit: 500, $0) }
      triggers += page.triggers.map(\.at)
      next = page.next
    }
    next = 0
    while let after = next {
      let page = try store.read { try presentation.history(ofReview: "abc", after: after, limit: 500, $0) }
      history += page.history.map(\.why)
      next = page.next
    }
    #expect(triggers.count == 1001 && Set(triggers).count == 1001 && triggers == triggers.sorted())
    #expect(history.count == 1001 && history.indices.allSatisfy { history[$0]?.contains("number \($0) ") == true })
  }
}

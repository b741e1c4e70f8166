import ReviewEngine
import TestSupport
import Testing

struct KeptEventsTests {
  private let three = [event("2026-01-04", "a"), event("2026-01-05", "b"), event("2026-01-06", "c")]

  @Test func theyComeBackInTheOrderInWhichTheyCame() { #expect(KeptEvents(three).events == three) }

  @Test func oneMoreLeavesEarlierStatesAsTheyWere() {
    let before = KeptEvents(three.prefix(2))
    var after = before
    after.append(three[2])
    #expect(before.events == Array(three.prefix(2)))
    #expect(after.changes(since: before) == [.added(three[2])])
    #expect(after.changes(since: after) == [])
    #expect(before.changes(since: after) == nil)
    #expect(KeptEvents(three).changes(since: before) == nil)
  }

  @Test func aRevisionTakesThePlaceOfItsEventOrTakesItAway() {
    let before = KeptEvents(three)
    var kept = before
    let revised = Event(identity: three[1].identity, type: "change", service: "s", time: three[1].time)
    kept.replace(revised.identity, by: revised)
    #expect(kept.events == [three[0], revised, three[2]])
    kept.replace(revised.identity, by: nil)
    #expect(kept.events == [three[0], three[2]])
    #expect(!kept.contains(revised.identity) && kept.contains(three[2].identity))
    #expect(kept.changes(since: before) == [.revised(revised), .removed(revised.identity)])
    #expect(before.events == three)
  }

  /// Each holds the one before it: freeing them must not be as many calls deep.
  @Test func aMillionChangesAreFreedWithoutOverflowingTheStack() {
    var kept = KeptEvents()
    for _ in 0..<1_000_000 { kept.append(three[0]) }
    #expect(kept.events == [three[0]])
    kept = KeptEvents()
    #expect(kept.isEmpty)
  }
}

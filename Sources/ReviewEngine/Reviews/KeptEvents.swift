/// Events that a cooldown keeps, in the order in which they came.
///
/// What was kept before is shared with earlier states of the same subject, so that one more costs the same however many there are: an
/// incident storm within a cooldown must not copy all that it kept for each event.
package struct KeptEvents: Sendable {
  private var newest: Link?
  package private(set) var count = 0

  package init() {}

  package init(_ events: some Sequence<Event>) { for event in events { append(event) } }

  package var isEmpty: Bool { count == 0 }

  package mutating func append(_ event: Event) {
    newest = Link(event, newest)
    count += 1
  }

  /// In the order in which they came.
  package var events: [Event] { since(nil, count: count) }

  /// What was kept after an earlier state of the same events; nil where they are not a continuation of it.
  package func added(to earlier: KeptEvents) -> [Event]? {
    guard count >= earlier.count else { return nil }
    var link = newest
    for _ in earlier.count..<count { link = link?.previous }
    return link === earlier.newest ? since(earlier.newest, count: count - earlier.count) : nil
  }

  private func since(_ end: Link?, count: Int) -> [Event] {
    var events: [Event] = []
    events.reserveCapacity(count)
    var link = newest
    while let one = link, one !== end {
      events.append(one.event)
      link = one.previous
    }
    return events.reversed()
  }

  package func contains(_ identity: EventIdentity) -> Bool {
    var link = newest
    while let one = link {
      if one.event.identity == identity { return true }
      link = one.previous
    }
    return false
  }

  /// Puts a revision of an event in its place, or nothing.
  package mutating func replace(_ identity: EventIdentity, by revision: Event?) {
    self = KeptEvents(events.compactMap { $0.identity == identity ? revision : $0 })
  }
}

extension KeptEvents: Hashable {
  package static func == (left: KeptEvents, right: KeptEvents) -> Bool {
    left.newest === right.newest || left.count == right.count && left.events == right.events
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(count) }
}

/// One event and those before it.
private final class Link: @unchecked Sendable {
  let event: Event
  // Written at the end alone, when nobody else has it.
  private(set) var previous: Link?

  init(_ event: Event, _ previous: Link?) {
    self.event = event
    self.previous = previous
  }

  // One after the other: thousands that free one another would be thousands of calls deep.
  deinit {
    var next = previous.take()
    while isKnownUniquelyReferenced(&next) { next = next?.previous.take() }
  }
}

import HashTreeCollections

/// Events that a cooldown keeps, in the order in which they came.
///
/// What was kept before is shared with earlier states of the same subject, so that one more, or a revision, costs the
/// same however many there are: an incident storm within a cooldown must not copy all that it kept for each event.
package struct KeptEvents: Sendable {
  private struct Entry {
    let place: Int
    let event: Event
  }

  /// What happened to them.
  package enum Change: Hashable, Sendable {
    case added(Event)
    case revised(Event)
    case removed(EventIdentity)
  }

  private var entries = TreeDictionary<EventIdentity, Entry>()
  private var newest: Link?
  private var changeCount = 0

  package init() {}

  package init(_ events: some Sequence<Event>) { for event in events { append(event) } }

  package var count: Int { entries.count }

  package var isEmpty: Bool { entries.isEmpty }

  package func contains(_ identity: EventIdentity) -> Bool { entries[identity] != nil }

  /// In the order in which they came.
  package var events: [Event] { entries.values.sorted { $0.place < $1.place }.map(\.event) }

  /// Keeps one more; one that is kept already is revised.
  package mutating func append(_ event: Event) {
    if contains(event.identity) { return replace(event.identity, by: event) }
    entries[event.identity] = Entry(place: changeCount, event: event)
    note(.added(event))
  }

  /// Those of them that are to stay.
  package func filter(_ stays: (Event) -> Bool) -> KeptEvents {
    var rest = self
    for event in events where !stays(event) { rest.replace(event.identity, by: nil) }
    return rest
  }

  /// Puts a revision of an event in its place, or nothing.
  package mutating func replace(_ identity: EventIdentity, by revision: Event?) {
    guard let known = entries[identity] else { return }
    entries[identity] = revision.map { Entry(place: known.place, event: $0) }
    note(revision.map { .revised($0) } ?? .removed(identity))
  }

  private mutating func note(_ change: Change) {
    newest = Link(change, newest)
    changeCount += 1
  }

  /// What happened after an earlier state of the same events, in its order; nil where they are not a continuation of
  /// it.
  package func changes(since earlier: KeptEvents) -> [Change]? {
    guard changeCount >= earlier.changeCount else { return nil }
    var (link, changes) = (newest, [Change]())
    for _ in earlier.changeCount..<changeCount {
      guard let one = link else { return nil }
      changes.append(one.change)
      link = one.previous
    }
    return link === earlier.newest ? changes.reversed() : nil
  }
}

extension KeptEvents: Hashable {
  /// Of two states of the same events the one that something happened to is another, whatever that was: to compare all
  /// of them for each would cost more than it did.
  package static func == (left: KeptEvents, right: KeptEvents) -> Bool {
    if left.newest === right.newest { return true }
    if left.changes(since: right) ?? right.changes(since: left) != nil { return false }
    return left.count == right.count && left.events == right.events
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(count) }
}

/// One change and those before it.
private final class Link: @unchecked Sendable {
  let change: KeptEvents.Change
  // Written at the end alone, when nobody else has it.
  private(set) var previous: Link?

  init(_ change: KeptEvents.Change, _ previous: Link?) {
    self.change = change
    self.previous = previous
  }

  // One after the other: thousands that free one another would be thousands of calls deep.
  deinit {
    var next = previous.take()
    while isKnownUniquelyReferenced(&next) { next = next?.previous.take() }
  }
}

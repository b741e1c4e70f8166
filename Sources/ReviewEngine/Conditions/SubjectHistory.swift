import Algorithms

/// All that was recorded about the services of one subject, held in memory: the series source of replays and rule
/// tests.
package struct SubjectHistory: SeriesSource {
  /// What tells two series apart.
  package struct SeriesKey: Hashable, Sendable {
    package let service: String
    package let indicator: String

    package init(service: String, indicator: String) {
      self.service = service
      self.indicator = indicator
    }
  }

  private struct EventKey: Hashable {
    let service: String
    let type: String
  }

  private var series: [SeriesKey: SampleHistory]
  /// In the order of time.
  private let events: [EventKey: [Event]]

  /// - Parameters:
  ///   - samples: each series in the order of time.
  ///   - events: in the order of time.
  package init(samples: [SeriesKey: [Sample]], events: [Event]) {
    series = samples.mapValues { SampleHistory($0) }
    self.events = Dictionary(grouping: events) { EventKey(service: $0.service, type: $0.type) }
  }

  package mutating func statistic(_ statistic: Statistic, of indicator: String, over window: ServiceWindow)
    -> SeriesAnswer
  {
    series[SeriesKey(service: window.service, indicator: indicator)]?.answer(
      statistic, after: window.after, through: window.through)
      ?? SeriesAnswer(quantity: statistic == .count ? Quantity(count: 0) : nil, sampleCount: 0, newest: nil)
  }

  package func eventCount(of type: String, matching matches: [AttributeMatch], over window: ServiceWindow) -> EventCount
  {
    let events = events[EventKey(service: window.service, type: type)] ?? []
    let start = index(after: window.after, in: events)
    return EventCount(events[start..<max(start, index(after: window.through, in: events))], matching: matches)
  }

  private func index(after instant: Instant, in events: [Event]) -> Int {
    events.partitioningIndex { $0.time > instant }
  }
}

extension EventCount {
  package init(_ events: some Sequence<Event>, matching matches: [AttributeMatch]) {
    var (matching, lacking) = (0, 0)
    for event in events {
      switch matches.match(event) {
      case .matches: matching += 1
      case .attributeMissing: lacking += 1
      case .differs: break
      }
    }
    self.init(matching: matching, lackingAttribute: lacking)
  }
}

/// A service with what comes next for it.
package struct ServiceBody: Codable, Hashable, Sendable {
  package var id: String
  package var name: String
  package var customer: String?
  package var relationship: String?
  package var offering: String?
  /// The calendar's zone, in which its days begin and end.
  package var zone: String
  package var journey: String?
  package var expectations: String?
  package var labels: [String: String]
  package var inServiceSince: String?
  package var inServiceUntil: String?
  package var openReviews: Int
  package var overdueReviews: Int
  /// The earliest due of what is open or coming.
  package var nextReview: UpcomingReview?

  package init(
    id: String, name: String, customer: String?, relationship: String?, offering: String?, zone: String,
    journey: String?,
    expectations: String?,
    labels: [String: String], inServiceSince: String?, inServiceUntil: String?, openReviews: Int, overdueReviews: Int,
    nextReview: UpcomingReview?
  ) {
    self.id = id
    self.name = name
    self.customer = customer
    self.relationship = relationship
    self.offering = offering
    self.zone = zone
    self.journey = journey
    self.expectations = expectations
    self.labels = labels
    self.inServiceSince = inServiceSince
    self.inServiceUntil = inServiceUntil
    self.openReviews = openReviews
    self.overdueReviews = overdueReviews
    self.nextReview = nextReview
  }
}

/// All services, each with what comes next.
package struct ServiceList: Codable, Hashable, Sendable {
  package var services: [ServiceBody]

  package init(services: [ServiceBody]) { self.services = services }
}

/// Everything about one service.
package struct ServiceDetail: Codable, Hashable, Sendable {
  package var service: ServiceBody
  package var stakeholders: [StakeholderBody]
  package var targets: [TargetBody]
  /// The indicators that have values, with the newest.
  package var indicators: [IndicatorBody]
  package var reviews: [ReviewBody]
  package var upcoming: [UpcomingReview]
  /// How the due days of adaptive intervals came about, the newest first.
  package var dueChanges: [DueChangeBody]

  package init(
    service: ServiceBody, stakeholders: [StakeholderBody], targets: [TargetBody], indicators: [IndicatorBody],
    reviews: [ReviewBody],
    upcoming: [UpcomingReview], dueChanges: [DueChangeBody]
  ) {
    self.service = service
    self.stakeholders = stakeholders
    self.targets = targets
    self.indicators = indicators
    self.reviews = reviews
    self.upcoming = upcoming
    self.dueChanges = dueChanges
  }
}

/// One change of the due day of an adaptive interval, with its arithmetic in words and in figures.
package struct DueChangeBody: Codable, Hashable, Sendable {
  package var rule: String
  package var at: String
  /// Absent where a new interval began.
  package var before: String?
  package var after: String
  package var because: String
  package var evidence: EvidenceBody.Interval

  package init(
    rule: String, at: String, before: String?, after: String, because: String, evidence: EvidenceBody.Interval
  ) {
    self.rule = rule
    self.at = at
    self.before = before
    self.after = after
    self.because = because
    self.evidence = evidence
  }
}

/// A target beside what was achieved.
package struct TargetBody: Codable, Hashable, Sendable {
  package var indicator: String
  package var title: String
  package var unit: String
  package var statistic: String
  package var window: String?
  package var comparison: String
  package var number: Double
  package var achieved: Double?
  /// `true`, `false` or `unknown`.
  package var met: String

  package init(
    indicator: String, title: String, unit: String, statistic: String, window: String?, comparison: String,
    number: Double,
    achieved: Double?, met: String
  ) {
    self.indicator = indicator
    self.title = title
    self.unit = unit
    self.statistic = statistic
    self.window = window
    self.comparison = comparison
    self.number = number
    self.achieved = achieved
    self.met = met
  }
}

/// An indicator of a service, with what it last was.
package struct IndicatorBody: Codable, Hashable, Sendable {
  package var indicator: String
  package var title: String
  package var unit: String
  package var perspective: String?
  package var latest: Double
  package var time: String
  package var stale: Bool

  package init(
    indicator: String, title: String, unit: String, perspective: String?, latest: Double, time: String, stale: Bool
  ) {
    self.indicator = indicator
    self.title = title
    self.unit = unit
    self.perspective = perspective
    self.latest = latest
    self.time = time
    self.stale = stale
  }
}

/// A review at an interval that is coming.
package struct UpcomingReview: Codable, Hashable, Sendable {
  /// Absent where all services of a customer are reviewed together.
  package var service: String?
  package var customer: String?
  package var services: [String]
  package var rule: String
  package var title: String
  package var opens: String
  package var due: String
  /// The arithmetic in words.
  package var because: String

  package init(
    service: String?, customer: String?, services: [String], rule: String, title: String, opens: String, due: String,
    because: String
  ) {
    self.service = service
    self.customer = customer
    self.services = services
    self.rule = rule
    self.title = title
    self.opens = opens
    self.due = due
    self.because = because
  }
}

/// The interval reviews to come in a stretch of time.
package struct Forecast: Codable, Hashable, Sendable {
  package var from: String
  package var to: String
  package var assumedCompleted: String
  package var reviews: [UpcomingReview]

  package init(from: String, to: String, assumedCompleted: String, reviews: [UpcomingReview]) {
    self.from = from
    self.to = to
    self.assumedCompleted = assumedCompleted
    self.reviews = reviews
  }
}

/// Words that people bring from other programs, and the keys that say the same here.
enum ForeignWords {
  private static let keys: [String: [String]] = [
    // Prometheus and Alertmanager.
    "alert": ["id"], "expr": ["when"], "for": ["holds_for"], "keep_firing_for": ["cooldown"], "summary": ["title"],
    "description": ["title"], "metric": ["indicator"], "threshold": ["below", "at_least"],
    "repeat_interval": ["cooldown"],
    // Comparisons and statistics.
    "<": ["below"], "<=": ["at_most"], ">": ["above"], ">=": ["at_least"], "=": ["equals"], "==": ["equals"],
    "lt": ["below"], "lte": ["at_most"], "gt": ["above"], "gte": ["at_least"], "eq": ["equals"],
    "less_than": ["below"], "under": ["below"], "more_than": ["above"], "greater_than": ["above"], "over": ["above"],
    "min": ["at_least"], "minimum": ["at_least"], "max": ["at_most"], "maximum": ["at_most"],
    "window": ["in_last"], "last": ["in_last"], "range": ["in_last"], "aggregate": ["statistic"],
    "aggregation": ["statistic"], "function": ["statistic"],
    // Calendars and schedulers.
    "cron": ["recurs"], "rrule": ["rule", "recurs"], "schedule": ["recurs", "every"], "interval": ["every"],
    "frequency": ["every"], "period": ["every"], "repeat": ["every"], "dtstart": ["starts"], "start": ["starts"],
    "tz": ["zone", "calendar"], "timezone": ["zone", "calendar"], "time_zone": ["zone", "calendar"],
    "working_hours": ["hours"], "business_hours": ["hours"],
    // Catalogues.
    "sla": ["targets"], "slo": ["targets"], "slos": ["targets"], "level": ["targets"], "availability": ["targets"],
    "client": ["customer"], "tenant": ["customer"], "owner": ["stakeholders"], "owners": ["stakeholders"],
    "contacts": ["stakeholders"], "tags": ["labels"], "since": ["in_service_since"], "until": ["in_service_until"],
    "retired": ["in_service_until"], "from": ["in_service_since"],
    // Rules of other programs.
    "on": ["upon"], "trigger": ["upon", "when"], "if": ["when"], "condition": ["when"], "conditions": ["when"],
    "filter": ["where", "applies_to"], "match": ["where"], "scope": ["applies_to", "per"], "deadline": ["due"],
    "due_in": ["due"], "severity": ["priority"], "throttle": ["cooldown"], "name": ["title"],
  ]

  /// The key that somebody meant, of those that are known where it is written.
  static func key(for word: String, among known: [String]) -> String? {
    keys[word]?.first { known.contains($0) }
  }
}

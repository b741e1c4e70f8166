/// What was looked at, what was found, and what to do about it.
package struct HealthFinding: Codable, Hashable, Sendable {
  /// How bad it is.
  package enum Verdict: String, Codable, Sendable { case ok, warning, failed }

  /// `permissions`, `journal`, `socket`, `clock`, `disk`, `database` or `rules`.
  package var about: String
  package var verdict: Verdict
  package var message: String
  /// Nil where nothing is to be done.
  package var advice: String?

  package init(_ about: String, _ verdict: Verdict, _ message: String, advice: String? = nil) {
    self.about = about
    self.verdict = verdict
    self.message = message
    self.advice = advice
  }
}

/// All that was found.
package struct Diagnosis: Codable, Hashable, Sendable {
  /// Of the daemon.
  package var version: String
  package var findings: [HealthFinding]

  package init(version: String, findings: [HealthFinding]) {
    self.version = version
    self.findings = findings
  }
}

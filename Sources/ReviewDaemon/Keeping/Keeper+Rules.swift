import Logging
import ReviewEngine
import ReviewFiles
import ReviewStore

/// Where the rules in force came from, and what is wrong with the files on disk if they are not made of them.
package struct RulesInForce: Sendable {
  package var loaded = Instant.distantPast
  package var fingerprint = ""
  package var warnings: [String] = []
  package var problems: [String] = []
}

extension Keeper {
  /// Reads the rule directories and puts the set in force, unless it has an error: then the set in force stays, and everybody is told.
  ///
  /// - Returns: the errors.
  @discardableResult
  package func load() throws -> [Diagnostic] {
    let files: [SourceFile]
    do {
      files = try RuleDirectories(settings.directories).files()
    } catch {
      let problem = Diagnostic(file: error.path, line: 0, column: 0, message: error.cause)
      try refuse([problem])
      return [problem]
    }
    let read = RuleSetReader.read(files)
    guard let ruleSet = read.ruleSet else {
      try refuse(read.errors)
      return read.errors
    }
    let journal = readJournalSources(ruleSet)
    guard journal.diagnostics.isEmpty else {
      try refuse(journal.diagnostics)
      return journal.diagnostics
    }
    try putInForce(ruleSet, files, journal.sources, warnings: read.warnings)
    return []
  }

  static func fingerprint(of files: [SourceFile]) -> String {
    Digest.hexadecimal(of: files.map { "\($0.kind.rawValue)\n\($0.path)\n\($0.text)" }.joined(separator: "\n"))
  }

  private func refuse(_ problems: [Diagnostic]) throws {
    rulesInForce.problems = problems.map(\.description)
    for problem in problems { logger.error("\(problem)") }
    let now = clock.now()
    let message = "The rules were not loaded: \(counted(problems.count, "error")), the first one in \(problems[0].firstLine)"
    try undertake([], at: now) { undertaking in
      try undertaking.announce(
        .rulesRefused, ["MESSAGE": [message], "MESSAGE_ID": [AnnouncementKind.rulesRefused.messageId], "PRIORITY": ["3"]])
    }
  }

  private func putInForce(_ ruleSet: RuleSet, _ files: [SourceFile], _ sources: [JournalSource], warnings: [Diagnostic]) throws {
    let now = clock.now()
    let fingerprint = Self.fingerprint(of: files)
    let (loaded, recalendared, tallies) = try store.write { transaction in
      var (subjects, recalendared) = try transaction.subjects(of: ruleSet, at: now)
      let changed = try transaction.noteMeanings(of: ruleSet.rules)
      for index in subjects.indices {
        let before = subjects[index].progress
        for rule in changed { subjects[index].progress[rule]?.forgetMeaning() }
        if recalendared.contains(subjects[index].id) { subjects[index].forgetAdaptedIntervals() }
        for rule in before.keys.sorted() {
          guard let progress = subjects[index].progress[rule], progress != before[rule] else { continue }
          try transaction.save(progress, before: before[rule], rule: rule, subject: subjects[index].id)
        }
      }
      var tallies = try transaction.snapshot.ruleTallies().compactMapValues(\.evaluatedThrough)
      for rule in ruleSet.rules where rule.gridStep != nil && tallies[rule.id] == nil {
        try transaction.note(rule: rule.id, evaluatedThrough: now)
        tallies[rule.id] = now
      }
      try transaction.recordRuleSet(fingerprint: fingerprint, files: files.map { [$0.kind.rawValue, $0.path, $0.text] }, at: now)
      return (subjects, recalendared, tallies)
    }
    evaluation = Evaluation(ruleSet: ruleSet)
    journalSources = sources
    subjectOrder = loaded.map(\.id)
    subjects = Dictionary(loaded.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    wakes = WakeSchedule()
    evaluatedThrough = tallies
    gridThrough = ruleSet.rules.filter { $0.gridStep != nil }.compactMap { tallies[$0.id] }.min() ?? now
    rulesInForce = RulesInForce(
      loaded: now, fingerprint: fingerprint, warnings: warnings.map(\.description) + ruleSet.warnings(settings))
    for warning in rulesInForce.warnings { logger.warning("\(warning)") }
    try recount(recalendared, at: now)
    // Rules and services meet now, and what should be open already opens.
    _ = try undertake(nil, at: now) { try $0.decide(Occasion(instant: now)) }
    onJournalSources()
    logger.notice(
      "rules in force: \(counted(ruleSet.rules.count, "rule")), \(counted(ruleSet.services.count, "service")), fingerprint \(fingerprint)")
  }
}

extension Keeper {
  /// Counts the due days of open reviews anew whose working days another calendar decides now.
  private func recount(_ keys: [String], at now: Instant) throws {
    for key in keys {
      try undertake([key], at: now) { undertaking in
        for review in undertaking.subjects.first?.openReviews ?? [] where review.state != .conducted {
          try self.recount(review, &undertaking)
        }
      }
    }
  }

  private func recount(_ review: OpenReview, _ undertaking: inout Undertaking) throws {
    guard let subject = undertaking.subjects.first, let stored = try undertaking.transaction.snapshot.review(review.id) else { return }
    var moved = review
    let counted: String
    if let count = stored.dueCount, count.amount.isWorkingTime {
      moved.due = count.amount.added(to: count.from, in: subject.calendar)
      counted = "\(count.amount) from \(count.from)"
    } else if let rule = review.rule.flatMap({ ruleSet.rule($0) }), let due = evaluation.dueDay(ofOpenReviewOf: rule, subject) {
      // A joined trigger that moved it earlier keeps it there.
      guard stored.dueCount == nil else { return }
      moved.due = due
      counted = "the days of '\(rule.id)'"
    } else {
      return
    }
    guard moved.due != review.due else { return }
    undertaking.subjects[0].update(moved)
    let name = subject.calendar.id.isEmpty ? "without a calendar" : "by the calendar '\(subject.calendar.id)' as it is now"
    try undertaking.moveDue(
      of: review.id, from: review.due, to: moved.due, at: undertaking.now, why: "\(counted), counted \(name)", count: stored.dueCount)
  }
}

extension Diagnostic {
  fileprivate var firstLine: String { description.split(separator: "\n").first.map(String.init) ?? "" }
}

/// Why there are no rules to run with.
package struct NoRulesError: Error, CustomStringConvertible {
  package let problems: [Diagnostic]

  package var description: String {
    "no rules are in force, because the files have \(counted(problems.count, "error")):\n"
      + problems.map(\.description).joined(separator: "\n")
  }
}

extension Keeper {
  /// Puts the rules in force for the first time. Files with an error do not keep a machine that was restarted from doing what was
  /// agreed: the set that was last in force is, and everybody is told.
  package func start() throws {
    try putSomethingInForce()
    try noteClockBehind()
  }

  private func putSomethingInForce() throws {
    let problems = try load()
    guard !problems.isEmpty else { return }
    let files = try store.read { try $0.lastRuleSetFiles() }.compactMap { file in
      SourceFile.Kind(rawValue: file[0]).map { SourceFile(kind: $0, path: file[1], text: file[2]) }
    }
    guard !files.isEmpty, let ruleSet = RuleSetReader.read(files).ruleSet else { throw NoRulesError(problems: problems) }
    logger.error("the rules that were last in force are used")
    try putInForce(ruleSet, files, readJournalSources(ruleSet).sources, warnings: [])
    rulesInForce.problems = problems.map(\.description)
  }
}

import GRDB
import ReviewEngine

extension StoreTransaction {
  /// The subjects of a rule set with all that is remembered of them; those that are new are remembered from today on.
  ///
  /// - Parameter remembered: subjects whose state need not be read, because somebody has it: they are taken as they
  ///   are.
  /// - Returns: the subjects, and the keys of those whose calendar is another than before.
  package func subjects(
    of ruleSet: RuleSet, at now: Instant, remembered: [SubjectID: Subject] = [:]
  ) throws -> (subjects: [Subject], recalendared: [SubjectID]) {
    let known = try Row.fetchAll(database, sql: "SELECT scope, id, first_loaded_on, calendar FROM subject").reduce(
      into: [SubjectID: (day: Day, calendar: String?)]()
    ) { known, row in known[try SubjectID(row, id: "id")] = (try Day(stored: row["first_loaded_on"]), row["calendar"]) }
    let named = ruleSet.subjects { identity, zone in known[identity]?.day ?? zone.day(of: now) }
    let state = try StoredState(
      reading: named.map(\.id).filter { remembered[$0] == nil }, all: remembered.isEmpty, self)
    var recalendared: [SubjectID] = []
    var fingerprints: [ObjectIdentifier: String] = [:]
    let subjects = try named.map { subject in
      let calendar = fingerprints[ObjectIdentifier(subject.calendar)] ?? subject.calendar.fingerprint
      fingerprints[ObjectIdentifier(subject.calendar)] = calendar
      if try note(subject, calendar, known[subject.id]) { recalendared.append(subject.id) }
      return remembered[subject.id]?.adopting(subject) ?? state.subject(subject)
    }
    return (subjects, recalendared)
  }

  /// Remembers a subject, with its calendar where it had none.
  ///
  /// - Returns: whether it has another than before, which is noted when its due days were counted anew.
  private func note(_ subject: Subject, _ calendar: String, _ before: (day: Day, calendar: String?)?) throws -> Bool {
    guard let before else {
      try database.cachedStatement(
        sql: "INSERT INTO subject (scope, id, first_loaded_on, calendar) VALUES (?, ?, ?, ?)"
      ).execute(arguments: [subject.id.scope.rawValue, subject.id.id, subject.firstLoadedOn.description, calendar])
      return false
    }
    guard before.calendar != nil else {
      try note(calendar, of: subject)
      return false
    }
    return before.calendar != calendar
  }

  /// Notes that the due days of a subject are counted by its calendar as it is now.
  package func noteCalendar(of subject: Subject) throws { try note(subject.calendar.fingerprint, of: subject) }

  private func note(_ calendar: String, of subject: Subject) throws {
    try database.cachedStatement(sql: "UPDATE subject SET calendar = ? WHERE scope = ? AND id = ?").execute(
      arguments: [calendar, subject.id.scope.rawValue, subject.id.id])
  }
}

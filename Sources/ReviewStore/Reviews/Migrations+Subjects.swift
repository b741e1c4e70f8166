/// The part of version 6 that makes two columns of a subject wherever it was one, a service's id or `customer:` and a
/// customer's.
extension Migrations {
  static let subjects = """
    CREATE TABLE new_subject (
      scope TEXT NOT NULL CHECK (scope IN \(scopes)),
      id TEXT NOT NULL,
      first_loaded_on TEXT NOT NULL,
      -- The fingerprint of the calendar that its due days were counted with.
      calendar TEXT,
      PRIMARY KEY (scope, id)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO new_subject SELECT \(scopeOfKey("id")), \(idOfKey("id")), first_loaded_on, calendar FROM subject;
    DROP TABLE subject;
    ALTER TABLE new_subject RENAME TO subject;

    -- What rules remember is no fact: nobody is told of it, and a rule that means something else forgets it.
    CREATE TABLE new_rule_progress (
      scope TEXT NOT NULL CHECK (scope IN \(scopes)),
      subject TEXT NOT NULL,
      rule TEXT NOT NULL,
      met_on TEXT NOT NULL,
      is_armed INTEGER NOT NULL CHECK (is_armed IN (0, 1)),
      true_since INTEGER,
      is_cooling_down INTEGER NOT NULL CHECK (is_cooling_down IN (0, 1)),
      adapted TEXT CHECK (adapted GLOB '{*}'),
      last_occurrence TEXT,
      PRIMARY KEY (scope, subject, rule)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO new_rule_progress
      SELECT \(scopeOfKey("subject")), \(idOfKey("subject")), rule, met_on, is_armed, true_since, is_cooling_down, adapted, last_occurrence
      FROM rule_progress;
    DROP TABLE rule_progress;
    ALTER TABLE new_rule_progress RENAME TO rule_progress;

    CREATE TABLE new_kept_event (
      id INTEGER PRIMARY KEY,
      scope TEXT NOT NULL CHECK (scope IN \(scopes)),
      subject TEXT NOT NULL,
      rule TEXT NOT NULL,
      source TEXT NOT NULL,
      identity TEXT NOT NULL,
      content TEXT NOT NULL CHECK (content GLOB '{*}')
    ) STRICT;
    INSERT INTO new_kept_event
      SELECT id, \(scopeOfKey("subject")), \(idOfKey("subject")), rule, source, identity, content FROM kept_event;
    DROP TABLE kept_event;
    ALTER TABLE new_kept_event RENAME TO kept_event;
    CREATE INDEX kept_event_by_identity ON kept_event (scope, subject, rule, source, identity);

    -- The grid instant that is worked off in portions, and the subject through which it is; empty between instants.
    CREATE TABLE new_instant_in_work (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      instant INTEGER NOT NULL,
      through_scope TEXT CHECK (through_scope IN \(scopes)),
      through_subject TEXT,
      CHECK ((through_scope IS NULL) = (through_subject IS NULL))
    ) STRICT;
    INSERT INTO new_instant_in_work
      SELECT id, instant, iif(through_subject = '', NULL, \(scopeOfKey("through_subject"))),
        iif(through_subject = '', NULL, \(idOfKey("through_subject")))
      FROM instant_in_work;
    DROP TABLE instant_in_work;
    ALTER TABLE new_instant_in_work RENAME TO instant_in_work;

    -- The subjects behind that one that were evaluated before their turn, because something happened to them meanwhile.
    CREATE TABLE new_instant_done (
      scope TEXT NOT NULL CHECK (scope IN \(scopes)),
      subject TEXT NOT NULL,
      PRIMARY KEY (scope, subject)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO new_instant_done SELECT \(scopeOfKey("subject")), \(idOfKey("subject")) FROM instant_done;
    DROP TABLE instant_done;
    ALTER TABLE new_instant_done RENAME TO instant_done;
    """
}

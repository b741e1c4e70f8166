import GRDB

/// The versions of the schema, forward only. A migration that has been released is never edited.
enum Migrations {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { try $0.execute(sql: version1) }
    migrator.registerMigration("2") { try $0.execute(sql: version2) }
    migrator.registerMigration("3") { try $0.execute(sql: version3) }
    migrator.registerMigration("4") { try $0.execute(sql: version4) }
    migrator.registerMigration("5") { try $0.execute(sql: version5) }
    migrator.registerMigration("6") { try $0.execute(sql: version6) }
    migrator.registerMigration("7") { try $0.execute(sql: version7) }
    return migrator
  }

  /// Times are milliseconds since the Unix epoch, days are ISO 8601 dates, and what has parts is JSON.
  private static let version1 = """
    CREATE TABLE service (
      id TEXT PRIMARY KEY,
      first_loaded_on TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE series (
      id INTEGER PRIMARY KEY,
      service TEXT NOT NULL,
      indicator TEXT NOT NULL,
      labels TEXT NOT NULL,
      UNIQUE (service, indicator, labels)
    ) STRICT;

    -- Consecutive samples of one series; blocks of a series do not overlap. Values are mantissas at the block's scale.
    CREATE TABLE sample_block (
      id INTEGER PRIMARY KEY,
      series INTEGER NOT NULL REFERENCES series,
      first_time INTEGER NOT NULL,
      last_time INTEGER NOT NULL,
      sample_count INTEGER NOT NULL,
      scale INTEGER NOT NULL,
      minimum INTEGER NOT NULL,
      maximum INTEGER NOT NULL,
      sum INTEGER NOT NULL,
      last_value INTEGER NOT NULL,
      body BLOB NOT NULL,
      UNIQUE (series, first_time)
    ) STRICT;

    CREATE TABLE event (
      id INTEGER PRIMARY KEY,
      source TEXT NOT NULL,
      identity TEXT NOT NULL,
      revision INTEGER NOT NULL,
      type TEXT NOT NULL,
      service TEXT NOT NULL,
      time INTEGER NOT NULL,
      attributes TEXT NOT NULL,
      received INTEGER NOT NULL,
      UNIQUE (source, identity)
    ) STRICT;
    CREATE INDEX event_by_service ON event (service, type, time);

    -- What an event said before it was revised.
    CREATE TABLE event_revision (
      event INTEGER NOT NULL REFERENCES event,
      revision INTEGER NOT NULL,
      type TEXT NOT NULL,
      service TEXT NOT NULL,
      time INTEGER NOT NULL,
      attributes TEXT NOT NULL,
      received INTEGER NOT NULL,
      PRIMARY KEY (event, revision)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE rule (
      id TEXT PRIMARY KEY,
      evaluated_through INTEGER,
      unknown_count INTEGER NOT NULL DEFAULT 0,
      lacking_attribute_count INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE rule_progress (
      service TEXT NOT NULL,
      rule TEXT NOT NULL,
      met_on TEXT NOT NULL,
      is_armed INTEGER NOT NULL,
      true_since INTEGER,
      is_cooling_down INTEGER NOT NULL,
      PRIMARY KEY (service, rule)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE kept_event (
      id INTEGER PRIMARY KEY,
      service TEXT NOT NULL,
      rule TEXT NOT NULL,
      source TEXT NOT NULL,
      identity TEXT NOT NULL,
      content TEXT NOT NULL
    ) STRICT;
    CREATE INDEX kept_event_by_rule ON kept_event (service, rule);

    CREATE TABLE review (
      id TEXT PRIMARY KEY,
      rule TEXT,
      title TEXT NOT NULL,
      state TEXT NOT NULL,
      opened INTEGER NOT NULL,
      due TEXT NOT NULL,
      priority TEXT NOT NULL,
      agenda TEXT NOT NULL,
      period_start TEXT NOT NULL,
      scheduled INTEGER,
      conducted INTEGER,
      closed INTEGER,
      outcome TEXT,
      cancellation_reason TEXT,
      provider_satisfaction TEXT,
      customer_satisfaction TEXT
    ) STRICT;
    CREATE INDEX review_by_state ON review (state, due, id);

    CREATE TABLE review_service (
      review TEXT NOT NULL REFERENCES review,
      service TEXT NOT NULL,
      PRIMARY KEY (review, service)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX review_by_service ON review_service (service, review);

    CREATE TABLE review_trigger (
      id INTEGER PRIMARY KEY,
      review TEXT NOT NULL REFERENCES review,
      service TEXT NOT NULL,
      rule TEXT,
      at INTEGER NOT NULL,
      recorded INTEGER NOT NULL,
      event_source TEXT,
      event_identity TEXT,
      evidence TEXT NOT NULL
    ) STRICT;
    CREATE INDEX review_trigger_by_review ON review_trigger (review, id);

    -- Append-only.
    CREATE TABLE review_history (
      id INTEGER PRIMARY KEY,
      review TEXT NOT NULL REFERENCES review,
      at INTEGER NOT NULL,
      who TEXT NOT NULL,
      what TEXT NOT NULL,
      from_value TEXT,
      to_value TEXT,
      why TEXT
    ) STRICT;
    CREATE INDEX review_history_by_review ON review_history (review, id);
    CREATE TRIGGER review_history_is_append_only_update BEFORE UPDATE ON review_history
      BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
    CREATE TRIGGER review_history_is_append_only_delete BEFORE DELETE ON review_history
      BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;

    -- The outbox: what is to be announced, and when it was.
    CREATE TABLE announcement (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL,
      created INTEGER NOT NULL,
      content TEXT NOT NULL,
      sent INTEGER
    ) STRICT;
    CREATE INDEX announcement_unsent ON announcement (id) WHERE sent IS NULL;

    CREATE TABLE rule_set (
      id INTEGER PRIMARY KEY,
      loaded INTEGER NOT NULL,
      fingerprint TEXT NOT NULL,
      files TEXT NOT NULL
    ) STRICT;

    CREATE TABLE counter (
      name TEXT PRIMARY KEY,
      value INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """

  /// Reviews of customers, adaptive intervals, recurrences, and due days that follow their calendar.
  private static let version2 = """
    -- A subject is a service, or a customer as 'customer:' and its id.
    ALTER TABLE service RENAME TO subject;
    -- The fingerprint of the calendar that its due days were counted with.
    ALTER TABLE subject ADD COLUMN calendar TEXT;

    -- What the rule meant when it was last in force.
    ALTER TABLE rule ADD COLUMN fingerprint TEXT;

    ALTER TABLE rule_progress RENAME COLUMN service TO subject;
    ALTER TABLE rule_progress ADD COLUMN adapted TEXT;
    ALTER TABLE rule_progress ADD COLUMN last_occurrence TEXT;
    ALTER TABLE kept_event RENAME COLUMN service TO subject;

    ALTER TABLE review ADD COLUMN customer TEXT;
    -- What the due day was counted from, and by what; null where it was not counted from an opening.
    ALTER TABLE review ADD COLUMN due_from TEXT;
    ALTER TABLE review ADD COLUMN due_amount TEXT;

    -- Ids with a space between them.
    ALTER TABLE review_trigger RENAME COLUMN service TO services;

    -- How the due days of adaptive intervals came about. Append-only.
    CREATE TABLE due_change (
      id INTEGER PRIMARY KEY,
      subject TEXT NOT NULL,
      rule TEXT NOT NULL,
      at INTEGER NOT NULL,
      before_day TEXT,
      after_day TEXT NOT NULL,
      evidence TEXT NOT NULL
    ) STRICT;
    CREATE INDEX due_change_by_subject ON due_change (subject, id);
    CREATE TRIGGER due_change_is_append_only_update BEFORE UPDATE ON due_change
      BEGIN SELECT RAISE(ABORT, 'due changes are append-only'); END;
    CREATE TRIGGER due_change_is_append_only_delete BEFORE DELETE ON due_change
      BEGIN SELECT RAISE(ABORT, 'due changes are append-only'); END;
    """

  /// The journal as a source of events.
  private static let version3 = """
    -- How far the journal was read, and the fingerprints of the sources that entries up to there were matched with.
    CREATE TABLE journal_position (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      cursor TEXT NOT NULL,
      sources TEXT NOT NULL
    ) STRICT;
    """
  /// Instants in portions, and revisions that are not compared with all before them.
  private static let version4 = """
    -- The grid instant that is worked off in portions, and the subject through which it is; empty between instants.
    CREATE TABLE instant_in_work (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      instant INTEGER NOT NULL,
      through_subject TEXT NOT NULL
    ) STRICT;

    -- The subjects behind that one that were evaluated before their turn, because something happened to them meanwhile.
    CREATE TABLE instant_done (
      subject TEXT PRIMARY KEY
    ) STRICT, WITHOUT ROWID;

    -- Whether a revised event matched, up to a revision, what a rule asks of events of a service.
    CREATE TABLE event_match (
      event INTEGER NOT NULL REFERENCES event,
      cause TEXT NOT NULL,
      through_revision INTEGER NOT NULL,
      matched INTEGER NOT NULL,
      PRIMARY KEY (event, cause)
    ) STRICT, WITHOUT ROWID;
    """

  /// A kept event that is revised is found among very many.
  private static let version5 = """
    DROP INDEX kept_event_by_rule;
    CREATE INDEX kept_event_by_identity ON kept_event (subject, rule, source, identity);
    """
}

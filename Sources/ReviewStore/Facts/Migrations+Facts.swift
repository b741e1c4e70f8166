/// Version 6: histories, triggers, changes of due days and announcements become one log of facts, of which the reviews
/// are the fold, and a subject is two columns wherever it was one.
///
/// All in SQL, so that what is released stays what it is, whatever becomes of the types.
extension Migrations {
  static let version6 = [facts, orderOfFacts, oldFacts, numberedFacts, reviews, places, subjects].joined(
    separator: "\n")

  static let scopes = "('service', 'customer')"
  private static let states = "('pending', 'scheduled', 'conducted', 'completed', 'cancelled')"

  private static let facts = """
    -- All that ever happened. Append-only, kept for ever.
    CREATE TABLE fact (
      number INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('opened', 'joined', 'due_moved', 'interval_moved', 'scheduled', 'conducted', 'completed',
        'cancelled', 'rules_refused', 'clock_set')),
      -- Who: a rule, a user, or where both are null the daemon.
      by_rule TEXT,
      by_user TEXT,
      scope TEXT CHECK (scope IN \(scopes)),
      subject TEXT,
      review TEXT,
      -- The review's state and due day after it.
      state TEXT CHECK (state IN \(states)),
      due TEXT,
      content TEXT NOT NULL CHECK (content GLOB '{*}'),
      CHECK (by_rule IS NULL OR by_user IS NULL),
      CHECK ((scope IS NULL) = (subject IS NULL)),
      CHECK ((review IS NULL) = (state IS NULL) AND (review IS NULL) = (due IS NULL))
    ) STRICT;
    CREATE INDEX fact_by_review ON fact (review) WHERE review IS NOT NULL;
    CREATE INDEX interval_move_by_subject ON fact (scope, subject) WHERE kind = 'interval_moved';
    CREATE TRIGGER fact_is_append_only_update BEFORE UPDATE ON fact
      BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
    CREATE TRIGGER fact_is_append_only_delete BEFORE DELETE ON fact
      BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;

    -- Through which fact each reader has told of the log. Written now and then: what was told and not noted is told again.
    CREATE TABLE fact_reader (
      name TEXT PRIMARY KEY,
      through INTEGER NOT NULL CHECK (through >= 0)
    ) STRICT, WITHOUT ROWID;
    """

  // Entries of the histories keep their order, and each trigger stands where its entry does: of a heap of triggers at
  // one moment only the first few had entries of their own. A clock that was set back does not put what came later
  // before what was.
  private static let orderOfFacts = """
    CREATE TEMP TABLE entry AS
      SELECT id, review, at, who, what, from_value, to_value, why, max(at) OVER (ORDER BY id) AS moment,
        row_number() OVER (PARTITION BY review, what ORDER BY id DESC) = 1 AS is_last_of_its_kind
      FROM review_history;
    CREATE UNIQUE INDEX temp.entry_by_id ON entry (id);
    CREATE INDEX temp.entry_by_review ON entry (review, what, id);
    CREATE TEMP TABLE told AS
      SELECT id, review, at, row_number() OVER (PARTITION BY review, at ORDER BY id) AS place
      FROM review_history WHERE what IN ('opened', 'joined');
    CREATE INDEX temp.told_by_place ON told (review, at, place);
    CREATE TEMP TABLE asked AS
      SELECT id, review, services, rule, at, recorded, event_source, event_identity, evidence,
        row_number() OVER (PARTITION BY review, recorded ORDER BY id) AS place,
        row_number() OVER (PARTITION BY review ORDER BY id) = 1 AS is_first
      FROM review_trigger;
    CREATE TEMP TABLE placed AS
      SELECT asked.*, coalesce(
        (SELECT told.id FROM told WHERE told.review = asked.review AND told.at = asked.recorded AND told.place <= asked.place
          ORDER BY told.place DESC LIMIT 1),
        (SELECT max(entry.id) FROM entry WHERE entry.review = asked.review AND entry.at <= asked.recorded),
        (SELECT min(entry.id) FROM entry WHERE entry.review = asked.review), 0) AS entry
      FROM asked;
    """

  private static let oldFacts = """
    CREATE TEMP TABLE old_fact (
      moment INTEGER, rank INTEGER, first INTEGER, second INTEGER, at INTEGER, kind TEXT, by_rule TEXT, by_user TEXT, scope TEXT,
      subject TEXT, review TEXT, state INTEGER, due TEXT, content TEXT);

    INSERT INTO old_fact
      SELECT coalesce(entry.moment, recorded), 1, placed.entry, placed.id, CASE WHEN is_first THEN review.opened ELSE recorded END,
        CASE WHEN is_first THEN 'opened' ELSE 'joined' END, CASE WHEN is_first THEN review.rule ELSE placed.rule END,
        CASE WHEN CASE WHEN is_first THEN review.rule ELSE placed.rule END IS NULL THEN coalesce(entry.who, 'reviewd') END,
        \(scope("review")), \(subject("review")), review.id, CASE WHEN is_first THEN 0 END, CASE WHEN is_first THEN \(firstDue) END,
        CASE WHEN is_first THEN json_object(
          'title', review.title, 'services', \(services), 'due', \(firstDue),
          'due_from', CASE WHEN \(hasMoved) THEN NULL ELSE review.due_from END,
          'due_amount', CASE WHEN \(hasMoved) THEN NULL ELSE review.due_amount END,
          'interval_due', CASE WHEN review.rule IS NULL THEN NULL WHEN review.due_from IS NULL THEN \(firstDue)
            ELSE json_extract(placed.evidence, '$.interval.due') END,
          'priority', review.priority, 'agenda', json(review.agenda), 'period_start', review.period_start, 'trigger', \(trigger))
        ELSE \(trigger) END
      FROM placed JOIN review ON review.id = placed.review LEFT JOIN entry ON entry.id = placed.entry;

    INSERT INTO old_fact
      SELECT entry.moment, 1, entry.id, 0,
        CASE WHEN what IN ('complete', 'cancel') THEN coalesce(review.closed, entry.at) ELSE entry.at END,
        CASE what WHEN 'due' THEN 'due_moved' WHEN 'schedule' THEN 'scheduled' WHEN 'conduct' THEN 'conducted'
          WHEN 'complete' THEN 'completed' ELSE 'cancelled' END,
        NULL, CASE WHEN what <> 'due' THEN who END, \(scope("review")), \(subject("review")), review.id,
        CASE what WHEN 'schedule' THEN 1 WHEN 'conduct' THEN 2 WHEN 'complete' THEN 3 WHEN 'cancel' THEN 4 END,
        CASE WHEN what = 'due' THEN to_value END,
        CASE what
          WHEN 'due' THEN json_object(
            'from', from_value, 'to', to_value, 'due_from', CASE WHEN is_last_of_its_kind THEN review.due_from END,
            'due_amount', CASE WHEN is_last_of_its_kind THEN review.due_amount END, 'because', 'told', 'words', coalesce(why, ''))
          WHEN 'schedule' THEN json_object('at', coalesce(CASE WHEN is_last_of_its_kind THEN review.scheduled END,
            CAST(round((julianday(substr(why, 5)) - 2440587.5) * 86400000) AS INTEGER), entry.at))
          WHEN 'conduct' THEN json_object('at', coalesce(review.conducted, entry.at))
          WHEN 'complete' THEN json_object('conducted', coalesce(review.conducted, entry.at), 'outcome', review.outcome,
            'provider_satisfaction', review.provider_satisfaction, 'customer_satisfaction', review.customer_satisfaction)
          ELSE json_object('reason', coalesce(review.cancellation_reason, why, '')) END
      FROM entry JOIN review ON review.id = entry.review WHERE what IN ('due', 'schedule', 'conduct', 'complete', 'cancel');

    INSERT INTO old_fact
      SELECT max(at) OVER (ORDER BY id), 0, id, 0, at, 'interval_moved', rule, NULL, \(scopeOfKey("subject")), \(idOfKey("subject")),
        NULL, NULL, NULL, json_object('from', before_day, 'to', after_day, 'evidence', json(evidence))
      FROM due_change;

    INSERT INTO old_fact
      SELECT max(created) OVER (ORDER BY id), 2, id, 0, created, kind, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        json_object('words', coalesce(json_extract(content, '$.MESSAGE[0]'), ''))
      FROM announcement WHERE kind IN ('rules_refused', 'clock_set');
    """

  private static let hasMoved = "EXISTS (SELECT 1 FROM entry AS due WHERE due.review = review.id AND due.what = 'due')"
  private static let firstDue = """
    coalesce((SELECT from_value FROM entry AS due WHERE due.review = review.id AND due.what = 'due' ORDER BY due.id LIMIT 1), review.due)
    """
  private static let services = """
    (SELECT json_group_array(service) FROM (SELECT service FROM review_service WHERE review = review.id ORDER BY service))
    """
  private static let trigger = """
    json_object('services', json('["' || replace(placed.services, ' ', '","') || '"]'), 'at', placed.at,
      'event_source', placed.event_source, 'event_id', placed.event_identity, 'evidence', json(placed.evidence))
    """

  private static func scope(_ review: String) -> String { "iif(\(review).customer IS NULL, 'service', 'customer')" }

  private static func subject(_ review: String) -> String {
    "coalesce(\(review).customer, (SELECT min(service) FROM review_service WHERE review = \(review).id), '')"
  }

  static func scopeOfKey(_ column: String) -> String { "iif(\(column) LIKE 'customer:%', 'customer', 'service')" }

  static func idOfKey(_ column: String) -> String {
    "iif(\(column) LIKE 'customer:%', substr(\(column), \("customer:".count + 1)), \(column))"
  }

  // A review's states only ever went forward, so that the last one is the largest; its due day is the last one that was
  // named.
  private static let numberedFacts = """
    INSERT INTO fact
      WITH numbered AS (
        SELECT row_number() OVER (ORDER BY moment, rank, first, second) AS number, * FROM old_fact),
      carried AS (
        SELECT *, max(state) OVER (PARTITION BY review ORDER BY number) AS reached,
          count(due) OVER (PARTITION BY review ORDER BY number) AS stretch FROM numbered)
      SELECT number, at, kind, by_rule, by_user, scope, subject, review,
        CASE WHEN review IS NULL THEN NULL ELSE CASE reached WHEN 1 THEN 'scheduled' WHEN 2 THEN 'conducted' WHEN 3 THEN 'completed'
          WHEN 4 THEN 'cancelled' ELSE 'pending' END END,
        CASE WHEN review IS NULL THEN NULL
          ELSE coalesce(max(due) OVER (PARTITION BY review, stretch), (SELECT due FROM review WHERE id = carried.review)) END, content
      FROM carried ORDER BY number;
    """

  // A joined trigger moved it: what its first evidence says, unless something else moved that before.
  private static let intervalDue = """
    (SELECT coalesce((SELECT to_value FROM entry WHERE entry.review = review.id AND what = 'due' AND NOT is_last_of_its_kind
        ORDER BY entry.id DESC LIMIT 1), due)
      FROM (SELECT json_extract(evidence, '$.interval.due') AS due FROM placed WHERE placed.review = review.id AND is_first)
      WHERE due IS NOT NULL)
    """

  private static let reviews = """
    CREATE TABLE new_review (
      id TEXT PRIMARY KEY,
      scope TEXT NOT NULL CHECK (scope IN \(scopes)),
      subject TEXT NOT NULL,
      -- Null for one opened by hand.
      rule TEXT,
      title TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN \(states)),
      opened INTEGER NOT NULL,
      due TEXT NOT NULL,
      -- What the due day was counted from, and by what; null where it was not counted from an opening.
      due_from TEXT,
      due_amount TEXT,
      -- The due day that its interval gives; null for no interval.
      interval_due TEXT,
      priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high')),
      agenda TEXT NOT NULL CHECK (agenda GLOB '[[]*]'),
      period_start TEXT NOT NULL,
      trigger_count INTEGER NOT NULL CHECK (trigger_count >= 0),
      scheduled INTEGER,
      conducted INTEGER,
      closed INTEGER,
      outcome TEXT,
      cancellation_reason TEXT,
      provider_satisfaction TEXT,
      customer_satisfaction TEXT,
      CHECK ((due_from IS NULL) = (due_amount IS NULL)),
      CHECK ((closed IS NULL) = (state NOT IN ('completed', 'cancelled')))
    ) STRICT;
    INSERT INTO new_review
      SELECT id, \(scope("review")), \(subject("review")), rule, title, state, opened, due, due_from, due_amount,
        CASE WHEN rule IS NULL THEN NULL WHEN due_from IS NULL THEN due ELSE \(intervalDue) END, priority, agenda, period_start,
        (SELECT count(*) FROM review_trigger WHERE review = review.id), scheduled, conducted, closed, outcome, cancellation_reason,
        provider_satisfaction, customer_satisfaction
      FROM review ORDER BY rowid;
    """

  // What waited to be announced is told from the first of it on.
  private static let places = """
    CREATE TEMP TABLE waiting AS
      SELECT kind, review, min(created) AS created FROM (
        SELECT CASE WHEN kind = 'due_changed' THEN iif(json_extract(content, '$.REVIEWD_REVIEW[0]') IS NULL, 'interval_moved', 'due_moved')
            ELSE kind END AS kind,
          -- What factors moved bears the instant at which they were asked, which may have been caught up.
          iif(kind = 'due_changed', created - 31 * 86400000, created) AS created, json_extract(content, '$.REVIEWD_REVIEW[0]') AS review
        FROM announcement WHERE sent IS NULL AND json_valid(content)) GROUP BY kind, review;
    INSERT INTO fact_reader
      SELECT 'journald', coalesce((
        SELECT min(number) - 1 FROM (
          SELECT coalesce(
            (SELECT min(number) FROM fact WHERE fact.review = waiting.review AND fact.kind = waiting.kind AND at >= created),
            (SELECT max(number) FROM fact WHERE fact.review = waiting.review AND fact.kind = waiting.kind)) AS number
          FROM waiting WHERE review IS NOT NULL
          UNION ALL
          SELECT coalesce(
            (SELECT min(number) FROM fact WHERE fact.review IS NULL AND fact.kind = waiting.kind AND at >= created),
            (SELECT max(number) FROM fact WHERE fact.review IS NULL AND fact.kind = waiting.kind))
          FROM waiting WHERE review IS NULL)),
        (SELECT max(number) FROM fact), 0);

    DROP TABLE temp.waiting; DROP TABLE temp.old_fact; DROP TABLE temp.placed; DROP TABLE temp.asked; DROP TABLE temp.told;
    DROP TABLE temp.entry;
    DROP TABLE announcement; DROP TABLE due_change; DROP TABLE review_history; DROP TABLE review_trigger; DROP TABLE review;
    ALTER TABLE new_review RENAME TO review;
    CREATE INDEX review_by_state ON review (state, due, id);
    """
}

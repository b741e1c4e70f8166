/// Version 7: what an opening costs. Where a check says that a value is in a list of more than two, SQLite builds a
/// table of the list for each row that is added: a fifth of what it did for an opening. And a review has its services
/// with it, so that they are found from the service alone, in the order in which reviews are opened.
extension Migrations {
  static let version7 = [checkedFacts, checkedReviews, reviewsOfServices].joined(separator: "\n")

  private static let states = ["pending", "scheduled", "conducted", "completed", "cancelled"]

  /// A condition that a column has one of some values.
  private static func isOne(_ column: String, of values: [String]) -> String {
    values.map { "\(column) = '\($0)'" }.joined(separator: " OR ")
  }

  private static let kinds = [
    "opened", "joined", "due_moved", "interval_moved", "scheduled", "conducted", "completed", "cancelled",
    "rules_refused", "clock_set",
  ]

  private static let checkedFacts = """
    -- All that ever happened. Append-only, kept for ever.
    CREATE TABLE new_fact (
      number INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      kind TEXT NOT NULL CHECK (\(isOne("kind", of: kinds))),
      -- Who: a rule, a user, or where both are null the daemon.
      by_rule TEXT,
      by_user TEXT,
      scope TEXT CHECK (scope IN \(scopes)),
      subject TEXT,
      review TEXT,
      -- The review's state and due day after it.
      state TEXT CHECK (\(isOne("state", of: states))),
      due TEXT,
      content TEXT NOT NULL CHECK (content GLOB '{*}'),
      CHECK (by_rule IS NULL OR by_user IS NULL),
      CHECK ((scope IS NULL) = (subject IS NULL)),
      CHECK ((review IS NULL) = (state IS NULL) AND (review IS NULL) = (due IS NULL)),
      CHECK (review IS NOT NULL OR kind = 'interval_moved' OR kind = 'rules_refused' OR kind = 'clock_set')
    ) STRICT;
    INSERT INTO new_fact SELECT * FROM fact ORDER BY number;
    DROP TABLE fact;
    ALTER TABLE new_fact RENAME TO fact;
    CREATE INDEX fact_by_review ON fact (review) WHERE review IS NOT NULL;
    CREATE INDEX interval_move_by_subject ON fact (scope, subject) WHERE kind = 'interval_moved';
    -- INSERT OR REPLACE deletes without the trigger on DELETE.
    CREATE TRIGGER fact_is_append_only_insert BEFORE INSERT ON fact WHEN NEW.number IN (SELECT number FROM fact)
      BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
    CREATE TRIGGER fact_is_append_only_update BEFORE UPDATE ON fact
      BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
    CREATE TRIGGER fact_is_append_only_delete BEFORE DELETE ON fact
      BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
    """

  private static let checkedReviews = """
    CREATE TABLE new_review (
      id TEXT PRIMARY KEY,
      scope TEXT NOT NULL CHECK (scope IN \(scopes)),
      subject TEXT NOT NULL,
      services TEXT NOT NULL CHECK (services GLOB '[[]*]'),
      -- Null for one opened by hand.
      rule TEXT,
      title TEXT NOT NULL,
      state TEXT NOT NULL CHECK (\(isOne("state", of: states))),
      opened INTEGER NOT NULL,
      due TEXT NOT NULL,
      -- What the due day was counted from, and by what; null where it was not counted from an opening.
      due_from TEXT,
      due_amount TEXT,
      -- The due day that its interval gives; null for no interval.
      interval_due TEXT,
      priority TEXT NOT NULL CHECK (\(isOne("priority", of: ["low", "normal", "high"]))),
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
      SELECT id, scope, subject,
        (SELECT json_group_array(service) FROM (SELECT service FROM review_service WHERE review = review.id ORDER BY service)),
        rule, title, state, opened, due, due_from, due_amount, interval_due, priority, agenda, period_start, trigger_count,
        scheduled, conducted, closed, outcome, cancellation_reason, provider_satisfaction, customer_satisfaction
      FROM review ORDER BY rowid;
    DROP TABLE review;
    ALTER TABLE new_review RENAME TO review;
    CREATE INDEX review_by_state ON review (state, due, id);
    """

  private static let reviewsOfServices = """
    CREATE TABLE new_review_service (
      service TEXT NOT NULL,
      review TEXT NOT NULL REFERENCES review,
      PRIMARY KEY (service, review)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO new_review_service SELECT service, review FROM review_service;
    DROP TABLE review_service;
    ALTER TABLE new_review_service RENAME TO review_service;
    """
}

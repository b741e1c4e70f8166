import GRDB
import ReviewEngine

extension Store {
  /// What a rebuild found.
  package struct Rebuild: Sendable {
    package let factCount: Int
    package let reviewCount: Int
    /// The reviews that the tables held otherwise than the log says, by id.
    package let mended: [Mended]
  }

  /// A review that a rebuild changed.
  package struct Mended: Hashable, Sendable {
    /// What was done to a review.
    package enum Change: String, Sendable {
      case mended
      /// The tables did not hold it.
      case added
      /// The log knows nothing of it.
      case removed
    }

    package let review: String
    package let change: Change
  }

  /// Makes the tables of reviews anew from the log of facts, all of it or nothing. A log that lacks something is
  /// damage.
  package func rebuild() throws -> Rebuild {
    try write { transaction in
      let database = transaction.database
      try database.execute(
        sql: """
          CREATE TEMP TABLE review_before AS SELECT * FROM review;
          CREATE TEMP TABLE review_service_before AS SELECT * FROM review_service;
          DELETE FROM review_service; DELETE FROM review;
          """)
      let factCount = try transaction.fold()
      let mended = try Row.fetchAll(database, sql: Self.differences).map { row in
        Mended(review: row["id"], change: row["was"] == false ? .added : row["is_now"] == false ? .removed : .mended)
      }
      try database.execute(sql: "DROP TABLE temp.review_before; DROP TABLE temp.review_service_before")
      let reviewCount = try Int.fetchOne(database, sql: "SELECT count(*) FROM review") ?? 0
      return Rebuild(factCount: factCount, reviewCount: reviewCount, mended: mended)
    }
  }

  private static let differences = """
    SELECT id, id IN (SELECT id FROM temp.review_before) AS was, id IN (SELECT id FROM review) AS is_now FROM (
      SELECT id FROM (SELECT * FROM review EXCEPT SELECT * FROM temp.review_before)
      UNION SELECT id FROM (SELECT * FROM temp.review_before EXCEPT SELECT * FROM review)
      UNION SELECT review FROM (SELECT * FROM review_service EXCEPT SELECT * FROM temp.review_service_before)
      UNION SELECT review FROM (SELECT * FROM temp.review_service_before EXCEPT SELECT * FROM review_service))
    ORDER BY id
    """
}

extension Store {
  fileprivate static func lacking(_ what: String) -> StoreError {
    StoreError(
      code: .damaged,
      message: "the log of facts lacks \(what): restore a backup: reviewd --restore BACKUP, which keeps this database")
  }
}

extension Store {
  fileprivate static func contradicting(_ number: Int64, _ state: String, _ due: String, _ review: Review) -> StoreError
  {
    StoreError(
      code: .damaged,
      message:
        "fact \(number) says that the review \(review.id) is \(state) and due on \(due), and by the facts before it it is \(review.state.rawValue) and due on \(review.due): restore a backup: reviewd --restore BACKUP, which keeps this database"
    )
  }
}

extension StoreTransaction {
  private static let factsAtOnce = 1000

  /// Folds all facts into empty tables.
  ///
  /// - Returns: how many there were.
  fileprivate func fold() throws -> Int {
    var (open, count, through) = ([String: Review](), 0, Int64(0))
    while true {
      var fold = ReviewFold()
      let rows = try Row.fetchAll(
        try database.cachedStatement(
          sql: "SELECT \(FactRow.columns), state, due FROM fact WHERE number > ? ORDER BY number LIMIT ?"),
        arguments: [through, Self.factsAtOnce])
      for row in rows {
        let read = try FactRow(row)
        guard read.number == through + 1 else { throw Store.lacking("fact \(through + 1)") }
        let fact = try read.fact(joinedBefore: snapshot.joinedBefore)
        let review = fold.apply(fact) { open[$0] }
        if review == nil, let id = fact.review {
          throw Store.lacking("what is before fact \(read.number), of the review \(id)")
        }
        if let review, row["state"] != review.state.rawValue || row["due"] != review.due.description {
          throw Store.contradicting(read.number, row["state"], row["due"], review)
        }
        (count, through) = (count + 1, read.number)
      }
      for (review, isNew) in fold.take() {
        try save(review, isNew: isNew)
        open[review.id] = review.state.isOpen ? review : nil
      }
      if rows.count < Self.factsAtOnce { return count }
    }
  }
}

import GRDB
import ReviewEngine

/// Reads blocks of series in the order of time.
struct BlockReader {
  let database: Database

  private static let columns = "first_time, last_time, sample_count, scale, minimum, maximum, sum, last_value, body"

  /// One row of `sample_block`; its body is read only where asked for.
  struct Row {
    fileprivate let statement: RawStatement
    var firstTime: Int64 { statement.integer(0) }
    var lastTime: Int64 { statement.integer(1) }
    var count: Int { Int(truncatingIfNeeded: statement.integer(2)) }
    var scale: Int { Int(truncatingIfNeeded: statement.integer(3)) }
    var minimum: DecimalValue { DecimalValue(mantissa: statement.integer(4), scale: scale) }
    var maximum: DecimalValue { DecimalValue(mantissa: statement.integer(5), scale: scale) }
    var sum: ExactSum { ExactSum(mantissa: statement.integer(6), scale: scale) }
    var last: DecimalValue { DecimalValue(mantissa: statement.integer(7), scale: scale) }

    /// Calls `visit` with the time and mantissa of each sample.
    func decode(_ visit: (Int64, Int64) -> Void) throws {
      guard SeriesBlock.decode(statement.blob(8), firstTime: firstTime, lastTime: lastTime, count: count, visit) else {
        throw Self.damaged
      }
    }

    /// The same row, if its summary can be one.
    fileprivate func checked() throws -> Row {
      guard (0...DecimalValue.largestScale).contains(scale), (1...SeriesBlock.largestCount).contains(count),
        firstTime <= lastTime,
        Instant.storable.contains(firstTime), Instant.storable.contains(lastTime)
      else { throw Self.damaged }
      return self
    }

    private static var damaged: StoreError {
      StoreError(
        code: .damaged,
        message: "a block of samples is damaged: stop reviewd and restore a backup: reviewd --restore BACKUP")
    }
  }

  /// Visits the blocks of a series that may hold samples in `(after, through]`.
  func each(of series: Int64, after: Instant, through: Instant, _ visit: (Row) throws -> Void) throws {
    let statement = try RawStatement(
      database,
      """
      SELECT \(Self.columns) FROM sample_block
      WHERE series = ?1 AND first_time <= ?3
        AND first_time >= coalesce((SELECT max(first_time) FROM sample_block WHERE series = ?1 AND first_time <= ?2), ?2)
      ORDER BY first_time
      """)
    statement.bind(1, series)
    statement.bind(2, after.milliseconds)
    statement.bind(3, through.milliseconds)
    defer { statement.reset() }
    while try statement.step() {
      let row = try Row(statement: statement).checked()
      if row.lastTime > after.milliseconds { try visit(row) }
    }
  }

  /// Visits the first block that begins after an instant, if there is one.
  func first(of series: Int64, after: Instant, _ visit: (Row) throws -> Void) throws {
    try one(of: series, at: after, "first_time > ?2 ORDER BY first_time", visit)
  }

  /// Visits the last block that begins at or before an instant, if there is one.
  func last(of series: Int64, through: Instant, _ visit: (Row) throws -> Void) throws {
    try one(of: series, at: through, "first_time <= ?2 ORDER BY first_time DESC", visit)
  }

  private func one(of series: Int64, at instant: Instant, _ choice: String, _ visit: (Row) throws -> Void) throws {
    let statement = try RawStatement(
      database, "SELECT \(Self.columns) FROM sample_block WHERE series = ?1 AND \(choice) LIMIT 1")
    statement.bind(1, series)
    statement.bind(2, instant.milliseconds)
    defer { statement.reset() }
    if try statement.step() { try visit(Row(statement: statement).checked()) }
  }

  /// The samples of a series in `(after, through]`.
  func samples(of series: Int64, after: Instant, through: Instant) throws -> [Sample] {
    var samples: [Sample] = []
    try each(of: series, after: after, through: through) { row in
      let scale = row.scale
      try row.decode { time, mantissa in
        if time > after.milliseconds, time <= through.milliseconds {
          samples.append(
            Sample(time: Instant(milliseconds: time), value: DecimalValue(mantissa: mantissa, scale: scale)))
        }
      }
    }
    return samples
  }
}

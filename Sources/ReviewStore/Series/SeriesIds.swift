import GRDB
import Synchronization

/// Which series belong to an indicator of a service, remembered so that no statement looks them up for each sample.
final class SeriesIds: Sendable {
  struct Key: Hashable, Sendable {
    let service: String
    let indicator: String
  }

  struct Entry: Sendable {
    let labels: String
    let id: Int64
  }

  private struct Known {
    var ids: [String: Int64]
    /// In the order of labels; nil once a series was added.
    var entries: [Entry]?
  }

  private let known = Mutex<[Key: Known]>([:])

  func forget() { known.withLock { $0 = [:] } }

  /// The series of an indicator of a service, in the order of their labels.
  func entries(_ key: Key, _ database: Database) throws -> [Entry] {
    try load(key, database)
    return known.withLock { known in
      if let entries = known[key]?.entries { return entries }
      let entries = (known[key]?.ids ?? [:]).map { Entry(labels: $0.key, id: $0.value) }
        .sorted { $0.labels.utf8.lexicographicallyPrecedes($1.labels.utf8) }
      known[key]?.entries = entries
      return entries
    }
  }

  private func load(_ key: Key, _ database: Database) throws {
    guard known.withLock({ $0[key] == nil }) else { return }
    let statement = try database.cachedStatement(
      sql: "SELECT labels, id FROM series WHERE service = ? AND indicator = ? ORDER BY labels")
    let entries = try Row.fetchAll(statement, arguments: [key.service, key.indicator]).map {
      Entry(labels: $0[0], id: $0[1])
    }
    let ids = Dictionary(entries.map { ($0.labels, $0.id) }, uniquingKeysWith: { first, _ in first })
    known.withLock { $0[key] = Known(ids: ids, entries: entries) }
  }

  /// The id of a series, which is created where it is new; nil where there are as many as there may be.
  func id(_ key: Key, labels: String, atMost limit: Int, _ database: Database) throws -> Int64? {
    try load(key, database)
    let (id, count) = known.withLock { ($0[key]?.ids[labels], $0[key]?.ids.count ?? 0) }
    if let id { return id }
    guard count < limit else { return nil }
    let statement = try database.cachedStatement(
      sql: "INSERT INTO series (service, indicator, labels) VALUES (?, ?, ?)")
    try statement.execute(arguments: [key.service, key.indicator, labels])
    let new = database.lastInsertedRowID
    known.withLock { known in
      known[key]?.ids[labels] = new
      known[key]?.entries = nil
    }
    return new
  }
}

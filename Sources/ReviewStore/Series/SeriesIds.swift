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

  private let entries = Mutex<[Key: [Entry]]>([:])

  func forget() { entries.withLock { $0 = [:] } }

  /// The series of an indicator of a service, in the order of their labels.
  func entries(_ key: Key, _ database: Database) throws -> [Entry] {
    if let known = entries.withLock({ $0[key] }) { return known }
    let statement = try database.cachedStatement(sql: "SELECT labels, id FROM series WHERE service = ? AND indicator = ? ORDER BY labels")
    let read = try Row.fetchAll(statement, arguments: [key.service, key.indicator]).map { Entry(labels: $0[0], id: $0[1]) }
    entries.withLock { $0[key] = read }
    return read
  }

  /// The id of a series, which is created where it is new.
  func id(_ key: Key, labels: String, _ database: Database) throws -> Int64 {
    if let known = try entries(key, database).first(where: { $0.labels == labels }) { return known.id }
    let statement = try database.cachedStatement(sql: "INSERT INTO series (service, indicator, labels) VALUES (?, ?, ?)")
    try statement.execute(arguments: [key.service, key.indicator, labels])
    let id = database.lastInsertedRowID
    entries.withLock { $0[key] = nil }
    return id
  }
}

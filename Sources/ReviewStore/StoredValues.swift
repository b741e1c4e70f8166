import Foundation
import GRDB
import ReviewEngine

enum Json {
  private static let encoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }()

  static func text(_ value: some Encodable) throws -> String {
    String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func value<Value: Decodable>(_ text: String, _: Value.Type = Value.self) throws -> Value {
    do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch is DecodingError {
      throw StoreError.outOfRange("a content", text)
    }
  }
}

// A database can come from anybody: what is out of range is damage, and not a reason to stop in the middle of an
// addition.

extension Instant {
  /// The first instant of the year 0 and the last of the year 9999, and a day beyond each for zones.
  static let storable = Int64(-62_167_305_600_000)...253_402_387_199_999

  /// An instant as it is stored, milliseconds since the Unix epoch.
  init(stored milliseconds: Int64) throws {
    guard Instant.storable.contains(milliseconds) else { throw StoreError.outOfRange("a time", "\(milliseconds)") }
    self.init(milliseconds: milliseconds)
  }

  init?(stored milliseconds: Int64?) throws {
    guard let milliseconds else { return nil }
    try self.init(stored: milliseconds)
  }
}

extension Int {
  /// What no count of anything reaches, so that many of them can be added up.
  static let largestStorable = Int64(1) << 53

  /// A count as it is stored.
  init(storedCount count: Int64) throws {
    guard (0...Int.largestStorable).contains(count) else { throw StoreError.outOfRange("a count", "\(count)") }
    self.init(count)
  }
}

extension StoreError {
  static func outOfRange(_ what: String, _ value: String) -> StoreError {
    StoreError(
      code: .damaged,
      message:
        "the database holds \(what) that is none: '\(value.prefix(80))': reviewd --rebuild makes the tables of reviews anew from the log; if that does not mend it, restore a backup: reviewd --restore BACKUP, which keeps this one"
    )
  }
}

extension RawRepresentable where RawValue == String {
  /// A word of an enumeration as it is stored.
  init(stored text: String) throws {
    guard let value = Self(rawValue: text) else { throw StoreError.outOfRange("a \(Self.self)", text) }
    self = value
  }
}

extension SubjectID {
  /// A subject as its two columns hold it.
  init(_ row: Row, scope: String = "scope", id: String = "subject") throws {
    self.init(try Rule.Scope(stored: row[scope]), row[id])
  }

  /// The same; nil where there is none.
  init?(ifIn row: Row, scope: String = "scope", id: String = "subject") throws {
    guard let stored = row[scope] as String?, let name = row[id] as String? else { return nil }
    self.init(try Rule.Scope(stored: stored), name)
  }
}

extension DecimalValue {
  init(stored text: String) throws {
    guard let value = DecimalValue(text) else { throw StoreError.outOfRange("a number", text) }
    self = value
  }
}

extension Review.DueCount {
  /// Nil where there is none.
  init?(storedFrom from: String?, amount: String?) throws {
    guard let from, let amount else { return nil }
    guard let days = try? DayAmount(amount) else { throw StoreError.outOfRange("an amount of days", amount) }
    self.init(from: try Day(stored: from), amount: days)
  }
}

extension Day {
  init(stored text: String) throws {
    guard let day = Day(text) else { throw StoreError.outOfRange("a day", text) }
    self = day
  }
}

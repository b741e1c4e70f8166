import GRDB
import ReviewEngine

extension Event {
  static func attributes(_ json: String) throws -> [String: AttributeValue] {
    try Json.value(json, [String: StoredAttribute].self).compactMapValues { try $0.value }
  }

  var attributesJson: String {
    get throws { try Json.text(attributes.mapValues(StoredAttribute.init)) }
  }

  /// From columns `source, identity, type, service, time, attributes`.
  init(_ row: Row) throws {
    self.init(
      identity: EventIdentity(source: row[0], id: row[1]), type: row[2], service: row[3],
      time: try Instant(stored: row[4]),
      attributes: try Event.attributes(row[5]))
  }
}

import Foundation

/// The one way in which values become JSON on the wire: snake_case keys in alphabetical order, so that equal values are
/// equal bytes.
package enum WireJson {
  package static func encode(_ value: some Encodable, pretty: Bool = false) throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting =
      pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
    return withoutHidden(try encoder.encode(value))
  }

  /// The same JSON with what cannot be seen, or steers who sees it, as `\uXXXX`: the encoder does that for the first 32
  /// characters only.
  private static func withoutHidden(_ json: Data) -> Data {
    guard json.contains(where: { $0 >= 0x7f }) else { return json }
    var safe = Data(capacity: json.count)
    for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
      if scalar.value >= 0x7f, scalar.isUnseen {
        for unit in String(scalar).utf16 { safe.append(contentsOf: "\\u\(hexadecimal(unit))".utf8) }
      } else {
        safe.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    return safe
  }

  private static func hexadecimal(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  package static func decode<Value: Decodable>(_: Value.Type = Value.self, from data: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Value.self, from: data)
  }
}

extension Unicode.Scalar {
  /// DEL and C1, separators of lines, what turns a text or joins it unseen, what is never drawn, and what is no
  /// character.
  fileprivate var isUnseen: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: properties.isDefaultIgnorableCodePoint || properties.isNoncharacterCodePoint
    }
  }
}

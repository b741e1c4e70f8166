import Foundation
import ReviewAPI
import ReviewEngine
import TestSupport
import Testing

/// JSON holds nothing that a terminal or an editor would obey or hide.
struct WireJsonTests {
  @Test(arguments: [true, false]) func whatIsHiddenIsEscapedAndTheValueIsTheSame(_ pretty: Bool) throws {
    let scalars = (0...0x10ffff as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init).filter {
      $0.isHidden || $0.value == 0xfffe
    }
    let value = ["a": "é\(String(String.UnicodeScalarView(scalars)))→😀", "ü\u{202e}": "\"\\/"]
    let json = try WireJson.encode(value, pretty: pretty)
    let text = String(decoding: json, as: UTF8.self)
    #expect(text.unicodeScalars.filter { ($0.isHidden || $0.value == 0xfffe) && $0 != "\n" }.isEmpty)
    #expect(text.contains(#"\u007f\u0080"#))
    #expect(text.contains(#"\udb40\udc01"#))
    #expect(text.contains("é"))
    #expect(text.contains("😀"))
    let back = try JSONDecoder().decode([String: String].self, from: json)
    #expect(back.mapValues { Array($0.unicodeScalars) } == value.mapValues { Array($0.unicodeScalars) })
    #expect(back.keys.contains { Array($0.unicodeScalars) == Array("ü\u{202e}".unicodeScalars) })
  }
}

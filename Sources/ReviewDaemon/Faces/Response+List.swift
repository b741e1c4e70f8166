import Foundation
import Hummingbird
import NIOCore
import NIOFoundationCompat
import ReviewAPI

extension Response {
  /// An answer with a list that may be long: it is written piece by piece, as fast as its reader takes it, and never
  /// all in memory as text.
  ///
  /// - Parameters:
  ///   - room: what is held for as long as the list is in memory.
  ///   - name: the key of the list, as it is written on the wire.
  ///   - frame: the answer with that list empty.
  init<Item: Sendable, Body: Encodable & Sendable>(
    list items: [Item], holding room: ResultRoom.Held, named name: String, in frame: some Encodable,
    _ body: @escaping @Sendable (Item) -> Body
  ) throws {
    let text = String(decoding: try WireJson.encode(frame), as: UTF8.self)
    guard let empty = text.range(of: "\"\(name)\":[]") else {
      throw Problem(.failed, "the answer has no list '\(name)'")
    }
    let (start, end) = (text[..<empty.upperBound].dropLast(), text[empty.upperBound...])
    let stream = ResponseBody { writer in
      try await writer.write(ByteBuffer(string: String(start)))
      for first in stride(from: 0, to: items.count, by: Self.pieceCount) {
        let piece = try WireJson.encode(items[first..<min(first + Self.pieceCount, items.count)].map(body))
        // Without its brackets, which the frame has.
        try await writer.write(ByteBuffer(string: first == 0 ? "" : ","))
        try await writer.write(ByteBuffer(data: piece.dropFirst().dropLast()))
      }
      try await writer.write(ByteBuffer(string: "]\(end)"))
      try await writer.finish(nil)
      withExtendedLifetime(room) {}
    }
    self.init(status: .ok, headers: [.contentType: "application/json"], body: stream)
  }

  init<Item: Encodable & Sendable>(
    list items: [Item], holding room: ResultRoom.Held, named name: String, in frame: some Encodable
  ) throws {
    try self.init(list: items, holding: room, named: name, in: frame) { $0 }
  }

  private static var pieceCount: Int { 500 }
}

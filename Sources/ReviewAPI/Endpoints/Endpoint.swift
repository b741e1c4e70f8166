/// An operation with the types of what it takes and of what it answers: router and client are made from it.
package struct Endpoint<Body: Sendable, Answer: Sendable>: Sendable {
  package let operation: Operation

  fileprivate init(_ operation: Operation) { self.operation = operation }
}

/// Nothing is sent with it.
package struct NoBody: Sendable {}

/// Bytes that are no JSON of ours.
package struct Bytes: Sendable {}

extension Endpoint where Body == NoBody {
  /// - Parameter path: with `{id}` in the place of an id.
  static func get(
    _ path: String, _ summary: String, _ access: Operation.Access = .read, _ parameters: [Parameter] = [],
    errors: [Problem.Code] = []
  ) -> Self {
    Self(
      Operation(
        method: .get, path: path, summary: summary, access: access, parameters: parameters, body: .none, errors: errors,
        status: 200))
  }

  static func post(_ path: String, _ summary: String, _ access: Operation.Access) -> Self {
    Self(
      Operation(
        method: .post, path: path, summary: summary, access: access, parameters: [], body: .none, errors: [],
        status: 200))
  }
}

extension Endpoint where Body: Encodable {
  static func post(
    _ path: String, _ summary: String, _ access: Operation.Access, takes keys: [String], upTo largest: Int = 4 << 20,
    errors: [Problem.Code] = [],
    status: Int = 200
  ) -> Self {
    Self(
      Operation(
        method: .post, path: path, summary: summary, access: access, parameters: [],
        body: .json(keys, largestByteCount: largest), errors: errors,
        status: status))
  }
}

extension Endpoint where Body == Bytes {
  static func post(
    _ path: String, _ summary: String, _ access: Operation.Access, _ parameters: [Parameter], _ contentTypes: [String],
    upTo largest: Int
  ) -> Self {
    Self(
      Operation(
        method: .post, path: path, summary: summary, access: access, parameters: parameters,
        body: .bytes(contentTypes, largestByteCount: largest), errors: [], status: 200))
  }
}

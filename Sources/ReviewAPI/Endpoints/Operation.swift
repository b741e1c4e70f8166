/// One operation of the API, as whoever routes, documents or permits it sees it.
package struct Operation: Sendable {
  /// The methods of HTTP that are used.
  package enum Method: String, Sendable { case get = "GET", post = "POST" }

  /// What a caller has to be allowed; each operation belongs to exactly one.
  package enum Access: String, CaseIterable, Sendable {
    /// See.
    case read
    /// Send samples and events.
    case ingest
    /// What people do to reviews.
    case work
    /// Reload, back up, diagnose.
    case administer
  }

  /// What it takes besides its path and its query.
  package enum Body: Sendable {
    case none
    /// An object with some keys; those with a `?` may be left out.
    case json([String], largestByteCount: Int)
    /// Bytes in one of some formats, by their content type.
    case bytes([String], largestByteCount: Int)
  }

  package let method: Method
  /// With `{id}` in the place of an id.
  package let path: String
  /// What it does, in a few words.
  package let summary: String
  package let access: Access
  package let parameters: [Parameter]
  package let body: Body
  /// Besides those that every operation may answer with.
  package let errors: [Problem.Code]

  /// The status of an answer that is no problem.
  package let status: Int

  /// How large a body may be; none at all where it is 0.
  package var largestBodyByteCount: Int {
    switch body {
    case .none: 0
    case .json(_, let largest), .bytes(_, let largest): largest
    }
  }

  /// The keys that the object in its body may have.
  package var bodyKeys: [String] {
    guard case .json(let keys, _) = body else { return [] }
    return keys.map { $0.hasSuffix("?") ? String($0.dropLast()) : $0 }
  }

  /// What every operation may answer with.
  package static let commonErrors: [Problem.Code] = [.badRequest, .notFound, .tooLarge, .unavailable, .failed]
}

/// A parameter of a query, with the words for what it takes.
package struct Parameter: Hashable, Sendable {
  package let name: String
  package let takes: String

  private init(_ name: String, _ takes: String) { (self.name, self.takes) = (name, takes) }

  package static let state = Parameter(
    "state", "pending, scheduled, conducted, overdue, open, completed, cancelled or all")
  package static let service = Parameter("service", "the id of a service")
  package static let person = Parameter("person", "the id of a person")
  package static let dueThrough = Parameter("due_through", "a day")
  package static let limit = Parameter("limit", "how many at most")
  package static let after = Parameter("after", "the `next` of the page before")
  package static let through = Parameter("through", "an instant")
  package static let format = Parameter("format", "csv or jsonl")
  package static let firstLine = Parameter(
    "first_line", "the number of the first line of the body in its file, 1 to 1,000,000,000")
}

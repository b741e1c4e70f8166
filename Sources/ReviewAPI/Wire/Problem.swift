/// A problem document of RFC 9457 (`application/problem+json`).
package struct Problem: Error, Codable, Hashable, Sendable {
  /// What kind of problem it is; each has one HTTP status and one exit code of `reviewctl`.
  package enum Code: String, Codable, Sendable {
    case badRequest = "bad_request"
    case notFound = "not_found"
    case ambiguous
    case refused
    case tooLarge = "too_large"
    case unavailable
    case failed
  }

  package let type: String
  package let title: String
  package let status: Int
  package var detail: String
  package let code: Code

  package init(_ code: Code, _ detail: String) {
    type = "about:blank"
    self.code = code
    self.detail = detail
    (status, title) = code.meaning
  }

  private init(_ code: Code, _ detail: String, status: Int, title: String) {
    type = "about:blank"
    self.code = code
    self.detail = detail
    self.status = status
    self.title = title
  }

  /// A request took longer to arrive than it may.
  package init(timedOut detail: String) { self.init(.badRequest, detail, status: 408, title: "Took too long") }

  /// An endpoint does not take this method.
  package init(methodNotAllowed detail: String) {
    self.init(.badRequest, detail, status: 405, title: "Method not allowed")
  }

  /// A request expects what is not done.
  package init(notExpected detail: String) { self.init(.badRequest, detail, status: 417, title: "Expectation failed") }
}

extension Problem.Code {
  fileprivate var meaning: (status: Int, title: String) {
    switch self {
    case .badRequest: (400, "Bad request")
    case .notFound: (404, "No such thing")
    case .ambiguous: (409, "Ambiguous")
    case .refused: (409, "Refused by the state of the review")
    case .tooLarge: (413, "Too large")
    case .unavailable: (503, "Not available now")
    case .failed: (500, "Failed")
    }
  }
}

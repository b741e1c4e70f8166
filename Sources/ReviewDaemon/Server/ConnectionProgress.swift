import Hummingbird
import NIOCore
import NIOHTTPTypes

/// How far the requests of a connection and their answers have come.
struct ConnectionProgress {
  private var requestsBegun = 0
  private var requestsEnded = 0
  private var answersBegun = 0
  private var answersEnded = 0
  private var closesAfter: Int?
  /// When the last request or answer ended, or the connection began.
  private(set) var quietSince = NIODeadline.now()
  /// When the endpoint began to read the body of the request that is unfinished.
  private(set) var bodyWantedAt: NIODeadline?
  private(set) var writtenByteCount = 0

  /// Whether the head of a request is there, and not its end.
  var isUnfinished: Bool { requestsBegun > requestsEnded }
  /// Whether part of an answer was sent, and not its end.
  var isAnswering: Bool { answersBegun > answersEnded }
  /// Whether a whole request waits for its answer.
  var isBusy: Bool { requestsEnded > answersEnded }
  /// Whether nothing was asked that is not answered.
  var isIdle: Bool { requestsBegun <= answersEnded }

  /// Whether the request that came last is the only one that is not answered.
  var hasOneToAnswer: Bool { requestsBegun == answersEnded + 1 }

  mutating func read(_ part: HTTPRequestPart) {
    switch part {
    case .head(let head):
      requestsBegun += 1
      if head.headerFields[.connection]?.lowercased() == "close" { closesAfter = requestsBegun }
    case .body: break
    case .end:
      requestsEnded += 1
      bodyWantedAt = nil
    }
  }

  mutating func bodyIsWanted() { if isUnfinished { bodyWantedAt = .now() } }

  /// - Returns: whether the connection ends with the answer that begins, because its request is unfinished or asked for
  ///   that.
  mutating func answerBegins() -> Bool {
    answersBegun += 1
    if requestsEnded < answersBegun { closesAfter = answersBegun }
    return closesAfter == answersBegun
  }

  /// - Returns: whether the connection ends with this part.
  mutating func write(_ part: HTTPResponsePart) -> Bool {
    switch part {
    case .head: return false
    case .body(let bytes):
      writtenByteCount += bytes.readableBytes
      return false
    case .end:
      answersEnded += 1
      quietSince = .now()
      return closesAfter == answersEnded
    }
  }
}

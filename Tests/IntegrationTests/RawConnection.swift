import Foundation
import Glibc
import Testing

/// A connection to the daemon's socket that sends what it is told to, as no decent client would.
final class RawConnection {
  let descriptor: Int32

  /// - Returns: nil where nobody takes the connection.
  init?(_ path: String, waits: Bool = true) {
    descriptor = socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | (waits ? 0 : Int32(SOCK_NONBLOCK.rawValue)),
      0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if connected != 0 {
      close(descriptor)
      return nil
    }
  }

  deinit { close(descriptor) }

  /// Sends as much as is taken.
  ///
  /// - Returns: how many bytes were.
  @discardableResult
  func send(_ bytes: some Collection<UInt8>, seconds: Int32 = 10) -> Int {
    let bytes = Array(bytes)
    var sent = 0
    while sent < bytes.count {
      guard wait(for: POLLOUT, milliseconds: seconds * 1000) else { return sent }
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
      if count > 0 { sent += count } else if errno != EAGAIN { return sent }
    }
    return sent
  }

  @discardableResult
  func send(_ text: String, seconds: Int32 = 10) -> Int { send(text.utf8, seconds: seconds) }

  /// Says that nothing more is sent.
  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// What comes until one whole answer is there, the other end closes, or the time is over.
  func answer(milliseconds: Int32 = 10_000) -> RawAnswer { outcome(milliseconds: milliseconds).answer }

  /// The same, and whether the other end closed before it was whole.
  func outcome(milliseconds: Int32) -> (answer: RawAnswer, isClosed: Bool) {
    let received = receive(milliseconds: milliseconds) { RawAnswer(bytes: $0).isWhole }
    return (RawAnswer(bytes: received.bytes), received.isClosed)
  }

  /// What comes until the other end closes.
  func everything(milliseconds: Int32 = 10_000) -> (bytes: [UInt8], isClosed: Bool) {
    receive(milliseconds: milliseconds) { _ in false }
  }

  private func receive(milliseconds: Int32, until isEnough: ([UInt8]) -> Bool) -> (bytes: [UInt8], isClosed: Bool) {
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let end = ContinuousClock.now + .milliseconds(Int(milliseconds))
    while !isEnough(received) {
      let left = (end - .now) / .milliseconds(1)
      guard left > 0, wait(for: POLLIN, milliseconds: Int32(left.rounded(.up))) else { return (received, false) }
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count == 0 || (count < 0 && errno != EAGAIN) { return (received, true) }
      if count > 0 { received += buffer[..<count] }
    }
    return (received, false)
  }

  // A machine that was stopped for a moment, or a child that ended, interrupts it.
  private func wait(for events: Int32, milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    while true {
      let count = poll(&entry, 1, milliseconds)
      if count >= 0 || errno != EINTR { return count > 0 }
    }
  }
}

/// The first answer among some bytes.
struct RawAnswer {
  let text: String
  private let byteCount: Int

  init(bytes: [UInt8]) {
    text = String(decoding: bytes, as: UTF8.self)
    byteCount = bytes.count
  }

  /// 0 where there is none.
  var status: Int { text.hasPrefix("HTTP/1.1 ") ? Int(text.dropFirst(9).prefix(3)) ?? 0 : 0 }

  var head: String { text.range(of: "\r\n\r\n").map { String(text[..<$0.lowerBound]) } ?? text }

  var body: String { text.range(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? "" }

  func header(_ name: String) -> String? {
    head.split(separator: "\r\n").dropFirst().first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
      .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
  }

  /// Counted in the bytes received: a database is no text, and longer as one.
  fileprivate var isWhole: Bool {
    guard text.contains("\r\n\r\n"), let length = header("content-length").flatMap({ Int($0) }) else { return false }
    return byteCount >= head.utf8.count + 4 + length
  }
}

extension RunningDaemon {
  /// Sends one request on a connection of its own.
  ///
  /// - Parameter target: with its method, such as `GET /v1/status`.
  func ask(_ target: String, _ headers: String = "", _ body: String? = nil) throws -> RawAnswer {
    let connection = try #require(RawConnection(socket))
    let length = body.map { "content-length: \($0.utf8.count)\r\n" } ?? ""
    connection.send("\(target) HTTP/1.1\r\nhost: l\r\n\(headers)\(length)\r\n\(body ?? "")")
    return connection.answer()
  }
}

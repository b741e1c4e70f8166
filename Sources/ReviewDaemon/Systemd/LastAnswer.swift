import CSystemd
import Foundation
import Glibc
import ReviewAPI

/// What those hear who called a daemon that cannot run. systemd starts it for each call that waits at the socket, and
/// starts it again for as long as somebody waits there: an answer ends that, and tells why.
struct LastAnswer {
  let reason: String

  private static let longestWaitMilliseconds: Int32 = 500

  func give() {
    guard sd_listen_fds(0) > 0 else { return }
    let listener = SD_LISTEN_FDS_START
    _ = fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK)
    while case let connection = accept(listener, nil, nil), connection >= 0 {
      answer(connection)
      close(connection)
    }
  }

  private func answer(_ connection: Int32) {
    // A connection that is closed with something unread in it is reset, and the answer lost.
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    var waiting = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
    while poll(&waiting, 1, Self.longestWaitMilliseconds) > 0,
      recv(connection, &buffer, buffer.count, Int32(MSG_DONTWAIT)) == buffer.count
    {}
    guard let body = try? WireJson.encode(Problem(.unavailable, reason)) else { return }
    let head =
      "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\ncontent-length: \(body.count)\r\nconnection: close\r\n\r\n"
    let bytes = Array(head.utf8) + body
    _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    shutdown(connection, Int32(SHUT_WR))
  }
}

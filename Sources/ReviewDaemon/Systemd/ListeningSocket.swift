import CSystemd
import Glibc

/// Why the socket cannot be listened on.
struct SocketError: Error, CustomStringConvertible {
  let path: String
  let cause: String
  /// Whether somebody has to mend something before it is of use to start again.
  var mustBeMended = false

  var description: String { "cannot listen on \(path): \(cause)" }
}

/// The Unix socket that the API is served on: the service manager's, or one of our own.
struct ListeningSocket {
  let descriptor: Int32
  /// The path to remove at the end; nil for an inherited one.
  let ownPath: String?
  private let ownNode: UInt64?

  /// A longer line would let everybody wait behind whoever floods it; who finds it full is told so and tries again.
  static let backlog: Int32 = 64

  /// NIO listens on a descriptor that it is given with a line of its own length, and so does systemd.
  func shortenLine() throws(SocketError) {
    guard Glibc.listen(descriptor, Self.backlog) == 0 else {
      throw SocketError(path: ownPath ?? "the socket of the service manager", cause: String(cString: strerror(errno)))
    }
  }

  /// Takes over the socket that systemd opened, or opens one at `path` for the owner and the group.
  init(path: String) throws(SocketError) {
    if sd_listen_fds(1) > 0 {
      descriptor = SD_LISTEN_FDS_START
      ownPath = nil
      ownNode = nil
      return
    }
    descriptor = try Self.listen(path)
    ownPath = path
    ownNode = Self.node(path)
  }

  /// Removes the path, unless somebody else has put a socket there meanwhile.
  func removePath() {
    if let ownPath, let ownNode, Self.node(ownPath) == ownNode { unlink(ownPath) }
  }

  private static func node(_ path: String) -> UInt64? {
    var status = stat()
    return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
  }

  private static func isAnswered(_ address: inout sockaddr_un) -> Bool {
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(probe) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(probe, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    } == 0
  }

  private static func refuseWhatIsNoSocket(_ path: String) throws(SocketError) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFSOCK else { return }
    throw SocketError(
      path: path, cause: "there is something else than a socket, which is left alone: give another path",
      mustBeMended: true)
  }

  private static func listen(_ path: String) throws(SocketError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw SocketError(path: path, cause: "the path is longer than 107 bytes")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SocketError(path: path, cause: String(cString: strerror(errno))) }
    try refuseWhatIsNoSocket(path)
    // What nobody listens on is left over from a crash.
    guard !isAnswered(&address) else { throw SocketError(path: path, cause: "another program listens there already") }
    unlink(path)
    let mask = umask(0o117)
    defer { umask(mask) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0, Glibc.listen(descriptor, backlog) == 0 else {
      let cause = String(cString: strerror(errno))
      close(descriptor)
      throw SocketError(path: path, cause: cause)
    }
    return descriptor
  }
}

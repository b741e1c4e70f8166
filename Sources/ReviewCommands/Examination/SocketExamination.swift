import Glibc
import ReviewAPI

/// Looks at the way to the daemon.
struct SocketExamination {
  let path: String

  func answered(version: String) -> HealthFinding {
    if version == reviewdVersion { return HealthFinding("socket", .ok, "reviewd \(version) answers at \(path)") }
    return HealthFinding(
      "socket", .warning, "reviewd \(version) answers at \(path), and this is reviewctl \(reviewdVersion)",
      advice: "restart it after an upgrade: systemctl restart reviewd")
  }

  private static let startAdvice =
    "mend that, then: systemctl reset-failed reviewd.socket reviewd.service; systemctl start reviewd.socket reviewd.service"

  /// The answer of a daemon that cannot run, or cannot be examined.
  func refused(_ problem: Problem) -> HealthFinding {
    switch problem.code {
    case .notFound:
      HealthFinding(
        "socket", .failed, "the reviewd that runs is older than this reviewctl",
        advice: "restart it: systemctl restart reviewd")
    case .unavailable: HealthFinding("daemon", .failed, problem.detail, advice: Self.startAdvice)
    default: HealthFinding("daemon", .failed, problem.detail, advice: "look into its log: journalctl -u reviewd -n 20")
    }
  }

  /// Why nobody answered, as far as can be seen from here.
  func unanswered(_ error: any Error) -> [HealthFinding] {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let denied = errno == EACCES
      return [
        HealthFinding(
          "socket", .failed, denied ? "you may not look into the folder of \(path)" : "there is no socket \(path)",
          advice: denied
            ? "ask to be in the group reviewd: usermod -aG reviewd \(userName())"
            : "look why it stopped: journalctl -u reviewd -n 20; then: systemctl reset-failed reviewd.socket reviewd.service; systemctl start reviewd.socket; or name another one: --socket, REVIEWD_SOCKET"
        )
      ]
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      return [
        HealthFinding(
          "socket", .failed, "\(path) is no socket", advice: "remove it, then: systemctl restart reviewd.socket")
      ]
    }
    guard access(path, W_OK) == 0 else {
      return [
        HealthFinding(
          "socket", .failed, "you may not use \(path): it is for its owner and its group",
          advice: "join its group and log in anew: usermod -aG reviewd \(userName())")
      ]
    }
    return [
      HealthFinding(
        "socket", .failed, "nobody answers at \(path): \((error as? ConnectionError)?.cause ?? "\(error)")",
        advice:
          "look why: journalctl -u reviewd -n 20; " + Self.startAdvice
      )
    ]
  }
}

extension ConnectionError {
  fileprivate var cause: String {
    switch self {
    case .notReachable(_, let cause): cause
    case .closedEarly: "the connection ended without an answer"
    case .timedOut(let seconds): "no answer within \(seconds) seconds"
    case .answerTooLarge(let count): "the answer is larger than \(count) bytes"
    }
  }
}

import ArgumentParser
import Foundation
import Glibc
import ReviewAPI
import ReviewEngine

/// `reviewctl`: without a verb it lists the pending reviews.
package struct ReviewctlCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "reviewctl", abstract: "See and work the service reviews that reviewd keeps.",
    discussion: """
      Exit codes: 0 done; 1 failed, or findings; 2 wrong usage; 3 no such thing; 4 refused by state or permission; \
      5 the daemon is not reachable.
      """,
    version: reviewdVersion,
    subcommands: [
      ListVerb.self, ShowVerb.self, OpenVerb.self, ScheduleVerb.self, ConductVerb.self, CompleteVerb.self,
      CancelVerb.self,
      ServicesVerb.self, ServiceVerb.self, ForecastVerb.self, RecordVerb.self, EventVerb.self, ImportVerb.self,
      RulesVerb.self,
      StatusVerb.self, DoctorVerb.self, BackupVerb.self, CompletionVerb.self,
    ], defaultSubcommand: ListVerb.self)

  package init() {}

  /// Runs the command line and returns the exit code, after printing what went wrong.
  package static func runAndReport() async -> Int32 {
    // A reader that went away must not end the program in the middle of a request.
    signal(SIGPIPE, SIG_IGN)
    // Widths of characters come from the locale, and every terminal speaks UTF-8.
    setlocale(LC_CTYPE, "C.UTF-8")
    do {
      let arguments = ArgumentOrder.arranged(Array(CommandLine.arguments.dropFirst()), groups: ["rules"])
      try checkVerb(arguments)
      var command = try parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
      return 0
    } catch { return report(error) }
  }

  // The default verb would take an unknown one for an argument of its own.
  private static func checkVerb(_ arguments: [String]) throws {
    guard let verb = arguments.first, !verb.hasPrefix("-"), verb != "help" else { return }
    let verbs = configuration.subcommands.compactMap { $0.configuration.commandName }
    guard !verbs.contains(verb) else { return }
    let meant = nearest(to: verb, in: verbs).map { ": did you mean '\($0)'?" } ?? ". 'reviewctl --help' lists them all."
    throw Problem(.badRequest, "there is no verb '\(verb)'\(meant)")
  }

  private static func report(_ error: any Error) -> Int32 {
    switch error {
    case let code as ExitCode: return code.rawValue
    case let problem as Problem:
      Output.note("reviewctl: \(problem.detail)")
      return problem.code.exitCode
    case let error as ConnectionError:
      Output.note("reviewctl: \(error.explanation)")
      return 5
    default: return reportParsing(error)
    }
  }

  private static func reportParsing(_ error: any Error) -> Int32 {
    let code = exitCode(for: error)
    if code.isSuccess {
      Output.help(fullMessage(for: error))
      return 0
    }
    if code == .validationFailure {
      Output.usage(fullMessage(for: error))
      return 2
    }
    Output.note("reviewctl: \(error)")
    return 1
  }
}

extension Problem.Code {
  /// The exit codes of `reviewctl`.
  fileprivate var exitCode: Int32 {
    switch self {
    case .badRequest, .ambiguous: 2
    case .notFound: 3
    case .refused: 4
    case .tooLarge, .unavailable, .failed: 1
    }
  }
}

extension ConnectionError {
  fileprivate var explanation: String {
    switch self {
    case .notReachable(let socket, let cause):
      "reviewd is not reachable at \(socket): \(cause). 'reviewctl doctor' says what to do; --socket or REVIEWD_SOCKET name another place."
    case .closedEarly: "reviewd ended the connection without an answer. Its log may tell why (journalctl -u reviewd)."
    case .timedOut(let seconds): "reviewd gave no answer within \(seconds) seconds."
    case .answerTooLarge(let count): "the answer is larger than \(count) bytes."
    }
  }
}

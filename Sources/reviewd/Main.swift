import ArgumentParser
import ReviewDaemon

@main
struct Main {
  static func main() async {
    Signals.prepare()
    do {
      let command = try ReviewdCommand.parse()
      try await command.run()
    } catch let code as ExitCode {
      ReviewdCommand.exit(withError: code)
    } catch {
      // The documented code of wrong usage is 2, as of reviewctl.
      let isUsage = ReviewdCommand.exitCode(for: error) == .validationFailure
      ReviewdCommand.write(error)
      ReviewdCommand.exit(withError: isUsage ? ExitCode(2) : ReviewdCommand.exitCode(for: error))
    }
  }
}

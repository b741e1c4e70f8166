import ArgumentParser

struct CompletionVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion", abstract: "Print the completion script of a shell.",
    discussion:
      "The package installs them. By hand: reviewctl completion bash >~/.local/share/bash-completion/completions/reviewctl"
  )

  enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

  @Argument(help: "bash, zsh or fish.") var shell: Shell

  func run() {
    let shell: CompletionShell =
      switch self.shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    Output.help(ReviewctlCommand.completionScript(for: shell))
  }
}

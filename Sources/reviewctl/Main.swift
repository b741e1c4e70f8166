import Foundation
import ReviewCommands

@main
struct Main {
  static func main() async { exit(await ReviewctlCommand.runAndReport()) }
}

import ArgumentParser
import Foundation
import ReviewAPI
import ReviewFiles

/// What every verb that asks the daemon understands.
struct GlobalOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The daemon's socket; also REVIEWD_SOCKET.", valueName: "path"), completion: .file())
  var socket: String?

  @Option(help: "table, json or csv.") var output: OutputFormat = .table

  @Flag(help: "With csv: leave cells as they are that a spreadsheet would take for formulas.") var raw = false

  var socketPath: String { socket ?? ProcessInfo.processInfo.environment["REVIEWD_SOCKET"] ?? StandardPaths.socket }

  var client: ReviewClient { client(timeoutSeconds: 60) }

  func client(timeoutSeconds: Int64) -> ReviewClient {
    ReviewClient(socketPath: socketPath, timeoutSeconds: timeoutSeconds)
  }

  /// Prints a value as JSON, or as the table that is made of it.
  func show(_ value: some Encodable, table: () -> Table, ifEmpty: String = "nothing") throws {
    switch output {
    case .json: try Output.json(value)
    case .csv: csv(table())
    case .table:
      let table = table()
      Output.print(table.rows.isEmpty ? [ifEmpty] : table.lines())
    }
  }

  /// Prints a table for programs.
  func csv(_ table: Table) { Output.document(table.csv(raw: raw)) }

  /// Prints a value as JSON, or the lines that say the same.
  func show(_ value: some Encodable, lines: () -> [String]) throws {
    switch output {
    case .json: try Output.json(value)
    case .table: Output.print(lines())
    case .csv: throw ValidationError("this verb has no list to print as csv: use --output json")
    }
  }
}

/// Only the form of the output, for verbs that need no daemon.
struct OutputOptions: ParsableArguments {
  @Option(help: "table or json.") var output: OutputFormat = .table
}

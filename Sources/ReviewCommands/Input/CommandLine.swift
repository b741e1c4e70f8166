/// Brings a command line into the order that the parser wants.
enum ArgumentOrder {
  private static let globalOptions = ["--socket", "--output"]
  private static let globalFlags = ["--raw"]

  /// `reviewctl --socket PATH VERB` is `reviewctl VERB --socket PATH`, and the value of `record` may be negative.
  static func arranged(_ arguments: [String], groups: [String]) -> [String] {
    let (options, rest) = split(arguments[...])
    guard let verb = rest.first else { return options }
    let depth = groups.contains(verb) && rest.count > 1 ? 2 : 1
    let arranged = rest.prefix(depth) + options + rest.dropFirst(depth)
    return verb == "record" ? recordArranged(Array(arranged)) : Array(arranged)
  }

  /// The global options that stand before the verb, and the rest.
  private static func split(_ arguments: ArraySlice<String>) -> (options: [String], rest: [String]) {
    var rest = arguments
    var options: [String] = []
    while let first = rest.first {
      if globalOptions.contains(first), rest.count > 1 {
        options += rest.prefix(2)
        rest = rest.dropFirst(2)
      } else if globalFlags.contains(first) || globalOptions.contains(where: { first.hasPrefix($0 + "=") }) {
        options.append(first)
        rest = rest.dropFirst()
      } else {
        break
      }
    }
    return (options, Array(rest))
  }

  /// Options first and then `--`: what follows is a value, also where it begins with a minus sign.
  private static func recordArranged(_ arguments: [String]) -> [String] {
    guard arguments.dropFirst().contains(where: { $0.wholeMatch(of: /-[0-9.].*/) != nil }), !arguments.contains("--")
    else {
      return arguments
    }
    var (options, values): ([String], [String]) = ([], [])
    var rest = arguments.dropFirst()
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("--") else {
        values.append(argument)
        continue
      }
      options.append(argument)
      if !argument.contains("="), !globalFlags.contains(argument), let value = rest.popFirst() { options.append(value) }
    }
    return ["record"] + options + ["--"] + values
  }
}

/// What libyaml finds wrong, in words that say what to do where its own do not.
///
/// Source: the problems of libyaml 0.2.5, `scanner.c` and `parser.c`.
struct YamlProblem {
  let message: String
  /// Whether the place to look at is where the matter began, such as the quote that nothing closes.
  let isWhereItBegan: Bool

  /// - Parameters:
  ///   - context: what libyaml was at.
  ///   - byte: what stands at the problem's place; nil at the end of the file.
  init(_ problem: String, context: String, at byte: UInt8?) {
    if context.hasSuffix("directive") {
      (message, isWhereItBegan) = ("directives such as '%YAML' are not allowed: delete the line", true)
    } else if let words = Self.wordsForBeginning[problem] {
      (message, isWhereItBegan) = (words, true)
    } else if let closing = Self.brackets[problem], byte == nil {
      (message, isWhereItBegan) = ("the bracket that begins here has no closing '\(closing)'", true)
    } else if problem == "found character that cannot start any token" {
      (message, isWhereItBegan) = (Self.words(forFirst: byte), false)
    } else {
      (message, isWhereItBegan) = (Self.words[problem] ?? problem, false)
    }
  }

  private static func words(forFirst byte: UInt8?) -> String {
    guard let byte, byte != UInt8(ascii: "\t") else { return tab }
    return "nothing can begin with '\(Character(Unicode.Scalar(byte)))': put the text in quotes"
  }

  private static let brackets = ["did not find expected ',' or ']'": "]", "did not find expected ',' or '}'": "}"]

  private static let wordsForBeginning = [
    "could not find expected ':'": "a key is expected here, with ':' after it on the same line",
    "found unexpected end of stream": "the text that begins here has no closing quote",
    "found unexpected document indicator": "the text that begins here has no closing quote",
  ]

  private static let tab = "a tab: indent with spaces"

  private static let words = [
    "found a tab character that violates indentation": tab,
    "found a tab character where an indentation space is expected": tab,
    "found unexpected ':'": "a ':' needs a space after it",
    "found unknown escape character": "quoted texts have no such escape; a backslash itself is \\\\",
    "block sequence entries are not allowed in this context": "a list begins on a line of its own",
    "did not find expected <document start>": "this belongs to nothing before it",
    "mapping values are not allowed in this context":
      "no 'key: value' can stand here: check the indentation, or put the text in quotes",
  ]
}

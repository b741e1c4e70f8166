import Foundation
import Testing

/// Numbers from outside can be anything: each line of the code that reads them and calculates, converts or subscripts
/// stands in `outside-arithmetic.txt` with the reason why nothing can overflow or be out of range there.
///
/// `REVIEWD_UPDATE_CASES=1 swift test` writes the table anew: it keeps reasons, drops lines that are gone, and marks
/// new ones with `?`, which fails until somebody has thought about them.
struct OutsideArithmeticTests {
  private static let table = SourceFiles.project + "/Tests/ArchitectureTests/outside-arithmetic.txt"
  private static let folders = [
    "Sources/ReviewDaemon/Faces", "Sources/ReviewDaemon/Intake", "Sources/ReviewFiles", "Sources/ReviewWords",
  ]

  private struct Place: Hashable, Comparable {
    let file: String
    let line: String

    static func < (left: Place, right: Place) -> Bool { (left.file, left.line) < (right.file, right.line) }
  }

  @Test func everyLineThatCalculatesWithOutsideNumbersHasAReason() throws {
    let (found, known) = (try places(), try reasons())
    if ProcessInfo.processInfo.environment["REVIEWD_UPDATE_CASES"] != nil { return try write(found, known) }
    for place in found where known[place] == nil {
      Issue.record("\(place.file): no reason in outside-arithmetic.txt why this is safe: \(place.line)")
    }
    let places = Set(found)
    for (place, reason) in known.sorted(by: { $0.key < $1.key }) {
      if !places.contains(place) {
        Issue.record("\(place.file): outside-arithmetic.txt has a line that is gone: \(place.line)")
      }
      if reason == "?" { Issue.record("\(place.file): nobody thought about this yet: \(place.line)") }
    }
  }

  @Test(arguments: [
    ("let sum = left + right", true), ("total += count", true), ("let area = width * height", true),
    ("index -= 1", true),
    ("let number = Int(text)", true), ("let count = Int64(values)", true), ("let byte = UInt8(value)", true),
    ("let byte = UInt8(ascii: value)", false),
    ("return bytes[position + 1]", true), ("let last = names[names.count - 1]", true),
    ("let name = parts[index]", true),
    ("let tally = tallies[name]", false),
    ("let slice = bytes[start..<end]", true), ("let text = \"a\" + b", false),
    ("let text = \"\\(count + 1) lines\"", true),
    ("// left + right", false), ("/// `a[i]`", false), ("let first = 1 + 2", false),
    ("func + (left: Day, right: Int)", false),
    ("let pairs: [String: Int] = [:]", false), ("let kinds = [\"a\", \"b\"]", false), ("return -> Int", false),
    ("case 1...3: x", false),
    ("let more = lines[0]", true), ("let message = \"a - b\"", false), ("lines.append(\"Int(x)\")", false),
    ("count &+= 1", false),
    ("let shift = value << 8", true),
  ])
  func aLineIsFoundWhereItCalculates(_ line: String, _ isFound: Bool) {
    #expect(Self.calculates(line) == isFound, "\(line)")
  }

  @Test func noRegularExpressionIsMadeOfATextFromOutside() throws {
    for file in try SourceFiles.paths(in: ["Sources"]) {
      for line in try lines(of: file)
      where Self.code(of: line).contains("Regex(") || line.contains("NSRegularExpression") {
        Issue.record("\(file): a regular expression is written out in the code, or it is somebody's who waits: \(line)")
      }
    }
  }

  // MARK: Lines

  private func places() throws -> [Place] {
    let all = try SourceFiles.paths(in: Self.folders).flatMap { file in
      try lines(of: file).filter(Self.calculates).map { Place(file: file, line: $0) }
    }
    return Set(all).sorted()
  }

  private func lines(of file: String) throws -> [String] {
    try SourceFiles.text(file).split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// A line without comments and without the texts in it; what is put into a text stays.
  private static func code(of line: String) -> String {
    var (code, isText, depths) = ("", false, [] as [Int])
    var characters = Array(line)[...]
    while let character = characters.popFirst() {
      if isText {
        if character == "\\", characters.first == "(" {
          characters.removeFirst()
          depths.append(0)
          (isText, code) = (false, code + " (")
        } else if character == "\\" {
          _ = characters.popFirst()
        } else if character == "\"" {
          (isText, code) = (false, code + "text")
        }
        continue
      }
      switch character {
      case "\"": isText = true
      case "/" where characters.first == "/": return code
      case "(" where !depths.isEmpty: depths[depths.count - 1] += 1
      case ")" where depths.last == 0:
        depths.removeLast()
        isText = true
      case ")" where !depths.isEmpty: depths[depths.count - 1] -= 1
      default: break
      }
      if !isText { code.append(character) }
    }
    return code
  }

  private static func calculates(_ line: String) -> Bool {
    let code = code(of: line)
    if line.hasPrefix("//") || code.contains("func +") || code.contains("func -") { return false }
    return sums(code) || converts(code) || subscripts(code)
  }

  // A literal of a letter is no number from outside, and `clamping` and `exactly` say themselves what becomes of the
  // rest.
  private static func converts(_ code: String) -> Bool {
    code.contains(
      /\b(U?Int(8|16|32|64|128)?|numericCast)\((?!ascii:|clamping:|exactly:|truncatingIfNeeded:|bitPattern:)/)
  }

  /// Whether a place in a list or text is computed or counted; a key of a dictionary may be any.
  private static func subscripts(_ code: String) -> Bool {
    code.matches(of: /[\w\)\]\?!]\[(?<index>[^\[\]]+)\]/).contains { match in
      match.index.contains(/^\d+$|[-+*%] |\.\.|\$0|[iI]ndex|[pP]osition|[nN]umber|offset|weekday|\.count/)
        && !match.index.hasPrefix("...")
    }
  }

  /// Whether there is a sum, a difference, a product or a shift of what is neither a text, a list nor a number that is
  /// written out.
  private static func sums(_ code: String) -> Bool {
    for match in code.matches(of: /(?<left>[\w\)\]\}]+) (?<operator>\+|-|\*|<<|\+=|-=|\*=) (?<right>[\w\(\[\.\-]+)/) {
      let sides = [match.left, match.right]
      if sides.allSatisfy({ $0.allSatisfy { $0.isNumber || $0 == "_" } }) { continue }
      if sides.contains(where: { $0.hasPrefix("text") || $0.hasPrefix("[") || $0 == "]" }) { continue }
      return true
    }
    return false
  }

  // MARK: The table

  private static let head = """
    Lines that calculate, convert or subscript where outside numbers are read, and why each is safe. The test OutsideArithmeticTests says
    what to do with this file.

    """

  private func reasons() throws -> [Place: String] {
    var (reasons, file, line) = ([:] as [Place: String], "", "")
    guard FileManager.default.fileExists(atPath: Self.table) else { return [:] }
    for text in try String(contentsOfFile: Self.table, encoding: .utf8).split(separator: "\n") {
      if text.hasPrefix("== ") {
        file = String(text.dropFirst(3))
      } else if text.hasPrefix("    ") {
        reasons[Place(file: file, line: line)] = text.trimmingCharacters(in: .whitespaces)
      } else if !file.isEmpty {
        line = String(text)
      }
    }
    return reasons
  }

  private func write(_ places: [Place], _ reasons: [Place: String]) throws {
    var (text, file) = (Self.head, "")
    for place in places {
      if place.file != file { text += "\n== \(place.file)\n" }
      file = place.file
      text += "\(place.line)\n    \(reasons[place] ?? "?")\n"
    }
    try text.write(toFile: Self.table, atomically: true, encoding: .utf8)
  }
}

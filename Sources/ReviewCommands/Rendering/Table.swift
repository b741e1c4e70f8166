import ReviewEngine

/// A table that fits the terminal: the flexible columns give way first.
struct Table {
  struct Column {
    let title: String
    /// Whether the column may be cut to fit.
    var isFlexible = false
    var isNumber = false
  }

  struct Row {
    let cells: [String]
    var urgency = Urgency.normal
  }

  let columns: [Column]
  var rows: [Row] = []

  private static let gap = 2
  private static let smallestFlexibleWidth = 10

  init(_ columns: [Column]) { self.columns = columns }

  mutating func add(_ cells: [String], _ urgency: Urgency = .normal) {
    rows.append(Row(cells: cells, urgency: urgency))
  }

  /// Lines of at most the terminal's width.
  func lines(_ terminal: Terminal = .output) -> [String] {
    let shown = rows.map { $0.cells.map(\.visible) }
    let widths = widths(shown, within: terminal.width)
    let header = line(columns.map(\.title), widths).bold(terminal)
    return [header] + zip(shown, rows).map { line($0, widths).coloured($1.urgency, terminal) }
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let parts = zip(cells, widths).enumerated().map { index, pair in
      let text = pair.0.fitted(to: pair.1)
      if columns[index].isNumber { return String(repeating: " ", count: max(0, pair.1 - text.displayWidth)) + text }
      return index == cells.count - 1 ? text : text.padded(to: pair.1)
    }
    return parts.joined(separator: String(repeating: " ", count: Self.gap))
  }

  private func widths(_ shown: [[String]], within total: Int) -> [Int] {
    var widths = columns.indices.map { index in
      max(columns[index].title.displayWidth, shown.map { $0[index].displayWidth }.max() ?? 0)
    }
    var excess = widths.reduce(0, +) + Self.gap * (widths.count - 1) - total
    while excess > 0 {
      let shrinkable = columns.indices.filter { columns[$0].isFlexible && widths[$0] > Self.smallestFlexibleWidth }
      guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }
}

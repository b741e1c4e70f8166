import ReviewEngine

extension Table {
  /// The lines of a CSV file, RFC 4180, with the columns' titles as its header.
  ///
  /// - Parameter raw: cells are as they are, for a program. Without it nothing hidden is in them, and none begins as a
  ///   formula does: people open such files in spreadsheets, which would reckon what somebody else wrote.
  func csv(raw: Bool) -> [String] {
    ([columns.map { $0.title.lowercased().replacing(" ", with: "_") }] + rows.map(\.cells)).map { cells in
      cells.map { raw ? $0.csvQuoted : $0.csvNeutral.csvQuoted }.joined(separator: ",")
    }
  }
}

extension String {
  fileprivate var csvQuoted: String {
    contains { $0 == "," || $0 == "\"" || $0.isNewline } ? "\"\(replacing("\"", with: "\"\""))\"" : self
  }

  fileprivate var csvNeutral: String {
    guard let first = unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first), DecimalValue(self) == nil else {
      return visible
    }
    return "'" + visible
  }
}

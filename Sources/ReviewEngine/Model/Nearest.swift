/// The candidate with the fewest edits from what was written, if it is near enough to have been meant; else the one that it is the
/// beginning of.
package func nearest(to written: String, in candidates: [String]) -> String? {
  let limit = max(1, min(3, written.count / 2))
  let measured = candidates.sorted().map { (name: $0, edits: editDistance(written.lowercased(), $0.lowercased())) }
  if let near = measured.filter({ $0.edits <= limit }).min(by: { $0.edits < $1.edits }) { return near.name }
  let longer = measured.filter { written.count >= 3 && $0.name.hasPrefix(written) }
  return longer.count == 1 ? longer[0].name : nil
}

/// `: did you mean 'x'?`, or nothing where nothing is near.
package func meant(_ written: String, among candidates: [String]) -> String {
  nearest(to: written, in: candidates).map { ": did you mean '\($0)'?" } ?? ""
}

/// Edits (insert, delete, replace, swap neighbours) that turn one text into the other: the restricted Damerau–Levenshtein
/// distance.
func editDistance(_ left: String, _ right: String) -> Int {
  let (a, b) = (Array(left.unicodeScalars), Array(right.unicodeScalars))
  guard a.count <= 100, b.count <= 100 else { return a == b ? 0 : 100 }
  var beforeLast = [Int](), last = Array(0...b.count)
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var edits = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { edits = min(edits, beforeLast[j - 1] + 1) }
      row.append(edits)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}

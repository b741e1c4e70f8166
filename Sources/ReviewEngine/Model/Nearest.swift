/// The candidate with the fewest edits from what was written, if it is near enough to have been meant; else the one
/// that it is the beginning of. Of equally near ones the first by name.
package func nearest(to written: String, in candidates: [String]) -> String? {
  guard written.utf8.count <= longestComparedByteCount else { return nil }
  var near = Near(written)
  for candidate in candidates { near.consider(candidate) }
  return near.found
}

/// `: did you mean 'x'?`, or nothing where nothing is near.
package func meant(_ written: String, among candidates: [String]) -> String {
  nearest(to: written, in: candidates).map { ": did you mean '\($0)'?" } ?? ""
}

/// Nobody meant a name and wrote four times as much.
private let longestComparedByteCount = 400

/// The nearest of the candidates that were considered so far: of most a look at their length is enough.
private struct Near {
  private let written: String
  private let letters: [Unicode.Scalar]
  private let limit: Int
  private var best: (name: String, edits: Int)?
  private var longer: [String] = []

  init(_ written: String) {
    self.written = written
    letters = Array(written.lowercased().unicodeScalars)
    limit = max(1, min(3, written.count / 2))
  }

  var found: String? { best?.name ?? (longer.count == 1 ? longer[0] : nil) }

  mutating func consider(_ candidate: String) {
    if longer.count < 2, letters.count >= 3, written.count >= 3, candidate.hasPrefix(written) {
      longer.append(candidate)
    }
    // A scalar is one to four bytes, and what is written in small letters may be longer or shorter by a few.
    let bytes = candidate.utf8.count
    guard bytes <= longestComparedByteCount, bytes * 4 + 16 >= letters.count, bytes <= (letters.count + limit) * 4 + 16
    else { return }
    let most = best?.edits ?? limit
    let edits = editDistance(letters, Array(candidate.lowercased().unicodeScalars), atMost: most)
    guard let edits, edits < best?.edits ?? (limit + 1) || edits == best?.edits && candidate < best?.name ?? "" else {
      return
    }
    best = (candidate, edits)
  }
}

/// Edits (insert, delete, replace, swap neighbours) that turn one text into the other: the restricted
/// Damerau–Levenshtein distance; nil where it is more than `limit`.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar], atMost limit: Int) -> Int? {
  guard abs(a.count - b.count) <= limit else { return nil }
  guard a.count <= 100, b.count <= 100 else { return a == b ? 0 : nil }
  var beforeLast = [Int](), last = Array(0...b.count)
  for i in 0..<a.count {
    var row = [i + 1]
    row.reserveCapacity(b.count + 1)
    for j in 0..<b.count {
      var edits = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { edits = min(edits, beforeLast[j - 1] + 1) }
      row.append(edits)
    }
    // No later row is below the least of two rows.
    guard min(row.min() ?? 0, last.min() ?? 0) <= limit else { return nil }
    (beforeLast, last) = (last, row)
  }
  return last[b.count] <= limit ? last[b.count] : nil
}

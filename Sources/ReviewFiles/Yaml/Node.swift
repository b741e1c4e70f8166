/// Where something stands in a file, from line 1 and column 1; columns are Unicode scalars.
package struct Mark: Hashable, Sendable {
  private let lineNumber: Int32
  private let columnNumber: Int32
  private let byteNumber: Int32

  /// A file of at most 1 MiB fits; what would not is cut off rather than believed.
  init(line: Int, column: Int, byte: Int) {
    lineNumber = Int32(clamping: line)
    columnNumber = Int32(clamping: column)
    byteNumber = Int32(clamping: byte)
  }

  package var line: Int { Int(lineNumber) }
  package var column: Int { Int(columnNumber) }
  /// In the UTF-8 of the whole file, from 0.
  var byte: Int { Int(byteNumber) }
}

/// A value of a YAML file with its place.
package enum Node: Sendable {
  /// A text, with what was written around it.
  package struct Scalar: Sendable {
    /// How a scalar is written.
    package enum Style: Sendable { case plain, quoted, block }

    package let string: String
    package let style: Style
    package let mark: Mark
  }

  /// Keys are scalars always.
  package struct Mapping: Sendable {
    package let pairs: [(key: Node, value: Node)]
    package let mark: Mark
  }

  /// A list, with its place.
  package struct Sequence: Sendable {
    package let elements: [Node]
    package let mark: Mark
  }

  case scalar(Scalar)
  case mapping(Mapping)
  case sequence(Sequence)

  var mark: Mark {
    switch self {
    case .scalar(let scalar): scalar.mark
    case .mapping(let mapping): mapping.mark
    case .sequence(let sequence): sequence.mark
    }
  }

  var scalar: Scalar? { if case .scalar(let scalar) = self { scalar } else { nil } }

  var isEmptyList: Bool { if case .sequence(let sequence) = self { sequence.elements.isEmpty } else { false } }

  /// The items of a mapping; nil for anything else.
  var mapping: [(key: Node, value: Node)]? { if case .mapping(let mapping) = self { mapping.pairs } else { nil } }
}

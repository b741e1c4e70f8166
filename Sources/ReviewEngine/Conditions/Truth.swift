/// The answer of a condition: Kleene's strong three values. Unknown is never false.
package enum Truth: String, Hashable, Sendable, Codable {
  case `true`, `false`, unknown

  package init(_ boolean: Bool) { self = boolean ? .true : .false }

  package var negated: Truth {
    switch self {
    case .true: .false
    case .false: .true
    case .unknown: .unknown
    }
  }

  /// False if one is false, else unknown if one is unknown.
  package static func all(of parts: [Truth]) -> Truth {
    parts.contains(.false) ? .false : parts.contains(.unknown) ? .unknown : .true
  }

  /// True if one is true, else unknown if one is unknown.
  package static func any(of parts: [Truth]) -> Truth {
    parts.contains(.true) ? .true : parts.contains(.unknown) ? .unknown : .false
  }
}

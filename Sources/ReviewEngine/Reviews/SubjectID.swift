/// Whom reviews are held about: one service, or all services of one customer.
package enum SubjectID: Hashable, Sendable {
  case service(String)
  case customer(String)

  package init(_ scope: Rule.Scope, _ id: String) {
    switch scope {
    case .service: self = .service(id)
    case .customer: self = .customer(id)
    }
  }

  package var id: String {
    switch self {
    case .service(let id), .customer(let id): id
    }
  }

  package var scope: Rule.Scope {
    switch self {
    case .service: .service
    case .customer: .customer
    }
  }

  package var service: String? { if case .service(let id) = self { id } else { nil } }

  package var customer: String? { if case .customer(let id) = self { id } else { nil } }
}

extension SubjectID: Comparable {
  /// Services come before customers, each in the order of their ids.
  package static func < (left: SubjectID, right: SubjectID) -> Bool {
    switch (left, right) {
    case (.service(let left), .service(let right)), (.customer(let left), .customer(let right)): left < right
    case (.service, .customer): true
    case (.customer, .service): false
    }
  }
}

extension SubjectID: CustomStringConvertible {
  /// A service's id, or `customer:` and a customer's. An id has no colon, so that no service is taken for a customer.
  package var description: String {
    switch self {
    case .service(let id): id
    case .customer(let id): "customer:\(id)"
    }
  }
}

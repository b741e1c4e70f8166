import ReviewAPI

/// Which methods each path takes, so that another one is told so and not that there is no such path.
struct MethodTable {
  private let endpoints: [(pattern: [Substring], methods: Set<String>)]

  init(_ operations: [ReviewAPI.Operation] = Endpoints.all) {
    let byPath = Dictionary(grouping: operations, by: \.path)
    endpoints = byPath.sorted { $0.key < $1.key }.map { path, operations in
      (path.split(separator: "/"), Set(operations.map(\.method.rawValue)))
    }
  }

  /// The methods of a path in the order of their names, with HEAD for each GET; none where there is no such path.
  func allowed(_ path: String) -> [String] {
    let parts = path.split(separator: "/")
    let methods = endpoints.filter { matches(parts, $0.pattern) }.reduce(into: Set<String>()) {
      $0.formUnion($1.methods)
    }
    return (methods.contains("GET") ? methods.union(["HEAD"]) : methods).sorted()
  }

  private func matches(_ parts: [Substring], _ pattern: [Substring]) -> Bool {
    parts.count == pattern.count && zip(parts, pattern).allSatisfy { $1.hasPrefix("{") || $0 == $1 }
  }
}

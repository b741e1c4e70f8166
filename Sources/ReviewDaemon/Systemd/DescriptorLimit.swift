import Glibc
import Logging
import ReviewFiles

/// How many files and sockets this process may have open at once.
struct DescriptorLimit {
  /// For the database and those who read it, the event loops, the timers, the journal and a backup.
  static let ownUse = 64

  /// Raises the limit as far as the connections need and the machine allows.
  ///
  /// - Returns: the settings with as many connections as there is room for.
  static func fit(_ settings: Settings, _ logger: Logger) throws(TooFewDescriptors) -> Settings {
    let asked = settings.limits.connections
    let wanted = asked + ConnectionGate.largestOverflow(settings.limits) + ownUse
    guard let available = raise(to: wanted), available < wanted else { return settings }
    guard available >= ownUse + Limits.fewestConnections else { throw TooFewDescriptors(available: available) }
    var settings = settings
    settings.limits.connections = min(asked, ConnectionGate.connections(within: available - ownUse))
    settings.limits.connectionsPerUser = min(settings.limits.connectionsPerUser, settings.limits.connections)
    logger.warning(
      "only \(settings.limits.connections) connections at once instead of \(asked): the process may have \(available) files open (LimitNOFILE=)"
    )
    return settings
  }

  /// - Returns: the limit that holds; nil where it is not known.
  private static func raise(to wanted: Int) -> Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
    if limit.rlim_cur < wanted {
      var raised = limit
      raised.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
      if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }
}

/// There is no room for the files that the daemon itself needs.
struct TooFewDescriptors: Error, CustomStringConvertible {
  let available: Int

  var description: String {
    "the process may have only \(available) files open at once and needs at least \(DescriptorLimit.ownUse + Limits.fewestConnections): raise LimitNOFILE= of the unit, or 'ulimit -n'"
  }
}

extension Limits {
  /// As the settings allow them.
  fileprivate static let fewestConnections = 10
}

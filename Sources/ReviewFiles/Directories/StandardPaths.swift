/// Where the package puts things, and where everybody looks who is told nothing else.
package enum StandardPaths {
  /// Each with rules.d, services.d, calendars.d; a later one wins file by file.
  package static let directories = ["/usr/lib/reviewd", "/etc/reviewd"]
  package static let settings = "/etc/reviewd/reviewd.yaml"
  /// Of the database.
  package static let stateDirectory = "/var/lib/reviewd"
  package static let socket = "/run/reviewd/reviewd.sock"
}

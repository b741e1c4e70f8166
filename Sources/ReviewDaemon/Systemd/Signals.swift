import Glibc

/// What is settled about signals before anything else is done.
package enum Signals {
  private static let hangup = Flag()

  /// A hangup during the start neither ends the daemon nor is forgotten. A reader who has gone is an error of the write
  /// to him, and not the end of the process.
  package static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    // Made before the handler, which may not allocate.
    _ = hangup.isSet
    signal(SIGHUP) { _ in Signals.hangup.set() }
  }

  /// Whether a hangup came before anybody listened for them.
  static var hangupCameEarly: Bool { hangup.isSet }
}

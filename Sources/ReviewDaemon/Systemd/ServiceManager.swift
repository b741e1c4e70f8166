import CSystemd
import ReviewEngine

/// Tells the service manager how the daemon is; does nothing where none asked.
enum ServiceManager {
  static func ready(status: String) { sd_notify(0, "READY=1\nSTATUS=\(status)") }

  static func reloading(monotonicMicroseconds: UInt64) {
    sd_notify(0, "RELOADING=1\nMONOTONIC_USEC=\(monotonicMicroseconds)\nSTATUS=reading the rules")
  }

  static func status(_ text: String) { sd_notify(0, "STATUS=\(text)") }

  static func stopping() { sd_notify(0, "STOPPING=1\nSTATUS=stopping") }

  static func watchdog() { sd_notify(0, "WATCHDOG=1") }

  /// How often the watchdog wants to hear from the daemon; nil where there is none.
  static var watchdogInterval: Elapsed? {
    var microseconds: UInt64 = 0
    guard sd_watchdog_enabled(0, &microseconds) > 0, microseconds > 0 else { return nil }
    return Elapsed(milliseconds: Int64(microseconds / 1000))
  }
}
